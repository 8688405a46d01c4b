#!/bin/sh
# build.sh FOLDER: builds FOLDER/pion-sender from Debian's packages of Go and pion, which it installs when they are missing (as root).
set -eu
folder=$(realpath -m "$1")
cd "$(dirname "$0")"
packages="golang-go golang-github-pion-webrtc.v3-dev"
dpkg -s $packages >/dev/null 2>&1 || DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 install -y --no-install-recommends $packages >&2
# Debian keeps Go's libraries as a GOPATH, and nothing is fetched from elsewhere. Paths that end in /v3 are looked up without it
# only for code beside a go.mod below a GOPATH, so the program is built from a copy there.
source="$folder/gopath/src/pion-sender"
mkdir -p "$source"
cp main.go "$source"
echo 'module pion-sender' >"$source/go.mod"
cd "$source"
GO111MODULE=off GOFLAGS= GOPATH="$folder/gopath:/usr/share/gocode" GOCACHE="$folder/go-cache" go build -ldflags='-s -w' -o "$folder/pion-sender" pion-sender
dpkg-query -W -f='${Package} ${Version}\n' $packages >&2
