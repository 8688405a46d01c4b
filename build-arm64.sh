#!/usr/bin/env bash
# Builds what a device is given: one native program, its Debian package, a tar file, a list of what is in them, and their checksums.
#   ./build-arm64.sh                  for a Raspberry Pi: artifacts/edgecam_VERSION_arm64.deb and .tar.gz
#   ./build-arm64.sh --arch amd64     for an x86-64 machine
#   ./build-arm64.sh --out DIR        put them elsewhere
#   ./build-arm64.sh --version 1.2.3  under another version than Directory.Build.props has
# Runs on Debian 12, cross-compiling where the machine is of the other kind. Two builds of one commit are equal byte for byte.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source deploy/common.sh

arch=arm64 out=artifacts version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
while [ $# -gt 0 ]; do
  case $1 in
    --arch) arch=${2:?--arch needs arm64 or amd64}; shift 2 ;;
    --out) out=${2:?--out needs a folder}; shift 2 ;;
    --version) version=${2:?--version needs one such as 1.2.3}; shift 2 ;;
    *) say "unknown argument: $1 (see the head of this file)"; exit 2 ;;
  esac
done
case $arch in
  arm64) runtime=linux-arm64 machine=aarch64-linux-gnu ;;
  amd64) runtime=linux-x64 machine=x86_64-linux-gnu ;;
  *) say "--arch $arch: write arm64 or amd64"; exit 2 ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C.UTF-8
need_sdk
need 'command -v clang' clang
need 'command -v dpkg-deb' dpkg
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
  need 'command -v llvm-objcopy' llvm
  need "command -v $machine-gcc && test -e /usr/$machine/include/stdio.h" "gcc-${machine//_/-}" "libc6-dev-$arch-cross"
else
  need "command -v $machine-objdump" binutils
  need 'test -e /usr/include/stdio.h' libc6-dev
fi
build_viewer

# Times inside come from the commit, so that a second build has the same.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Directory.Build.props)}
export SOURCE_DATE_EPOCH
mkdir -p "$out"
out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "Compiling edgecam $version for $runtime (about two minutes) ..."
dotnet publish agent/EdgeCam.Agent -c Release -r "$runtime" -p:PublishAot=true -p:Version="$version" -p:ContinuousIntegrationBuild=true -p:PathMap="$PWD=/edgecam" \
  -o "$work/publish" -v q --nologo | tee "$work/publish.log" >&2
if grep -qE 'warning IL[23][0-9]{3}' "$work/publish.log"; then
  say "The compiler warns of trimming or AOT: see above."
  exit 1
fi

program=$work/publish/edgecam
size=$(stat -c %s "$program")
newest=$("$machine-objdump" -T "$program" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
sections=$("$machine-readelf" -SW "$program")
if grep -qE ' \.(symtab|debug_info) ' <<< "$sections"; then
  say "The program is not stripped."
  exit 1
fi
[ "$size" -le 25000000 ] || { say "The program has $size bytes, and may have 25000000."; exit 1; }
[ "$(printf '%s\nGLIBC_2.36\n' "$newest" | sort -V | tail -n 1)" = GLIBC_2.36 ] || { say "The program needs $newest; Debian 12 has GLIBC_2.36."; exit 1; }

say "Packing ..."
name=edgecam-$version-$arch
sbom=$out/$name.spdx.json
node deploy/sbom.mjs "$version" "$runtime" > "$sbom"
deploy/debian/build.sh "$program" "$arch" "$version" "${newest#GLIBC_}" "$sbom" "$out/edgecam_${version}_$arch.deb"

# The same files without a package manager.
stage=$work/$name
mkdir -p "$stage"
install -m 755 "$program" "$stage/edgecam"
install -m 644 deploy/edgecam.json LICENSE "$stage/"
cp -r systemd "$stage/systemd"
chmod -R u=rwX,go=rX "$stage"
pack() { tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -C "$work" -c "$@" | gzip -9n; }
pack "$name" > "$out/$name.tar.gz"
mkdir "$work/$name-debug"
mv "$work/publish/edgecam.dbg" "$work/$name-debug/"
pack "$name-debug" > "$out/$name-debug.tar.gz"

# Of both architectures, where both were built.
(cd "$out" && sha256sum edgecam_"$version"_*.deb edgecam-"$version"-*.tar.gz edgecam-"$version"-*.spdx.json > SHA256SUMS)
say "Done: $((size / 1000000)) MB native, needs $newest."
(cd "$out" && ls -1sh "edgecam_${version}_$arch.deb" "$name"[.-]* SHA256SUMS) >&2
