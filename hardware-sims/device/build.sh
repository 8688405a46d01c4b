#!/usr/bin/env bash
# build.sh SUITE: builds the guest of a Debian suite once. Each finished step leaves a mark, an interrupted one is begun anew; a second build
# at the same time waits for the first.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
umask 022
known_suite "${1:?build.sh SUITE}"
export SUITE=$1
WORK=$(image_folder "$SUITE")
export WORK
[ ! -e "$WORK/done/snapshot" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  say "Building the guest changes owners and enters another root folder: that takes root."
  exec sudo --preserve-env=EDGECAM_CACHE,XDG_CACHE_HOME,HOME "$device/build.sh" "$SUITE"
fi

mkdir -p "$WORK/done"
exec 9> "$WORK/lock"
flock -n 9 || { say "Another build of this guest is under way; waiting for it ..."; flock 9; }

began=$SECONDS
# step NAME WHAT
step() {
  [ ! -e "$WORK/done/$1" ] || return 0
  local since=$SECONDS
  say "$(printf '%4d s  %s: %s ...' $((SECONDS - began)) "$SUITE" "$2")"
  # The step holds the lock too: one that outlives this script is waited for.
  bash "$device/steps/$1.sh" > "$WORK/$1.log" 2>&1 || { tail -n 20 "$WORK/$1.log" >&2; say "The step '$1' failed; all its words: $WORK/$1.log"; return 1; }
  echo "$((SECONDS - since)) s" > "$WORK/done/$1"
}

source "$device/steps/tools.sh"
step packages "downloading Debian's packages"
step rootfs "unpacking and configuring them"
step modules "building kernel modules"
step image "making the disk image"
step snapshot "booting once and keeping the running machine"

rm -rf --one-file-system "$WORK"/{root,apt,kernel,kernel-sources,modules,initrd.d} # nothing but the image is used from here on
if [ -n "${SUDO_UID:-}" ]; then chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$WORK"; fi
say "$(printf '%4d s  %s: ready, %s in %s' $((SECONDS - began)) "$SUITE" "$(du -sh "$WORK" | cut -f1)" "$WORK")"
