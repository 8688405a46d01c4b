#!/usr/bin/env bash
# libav.sh [SUITE]: fetches the guest's own libavcodec with libx264, which its image does without, and prints an archive of the libraries:
# to be unpacked somewhere in the guest, for LD_LIBRARY_PATH. Takes root; some 60 MB, once.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
suite=${1:-trixie}
known_suite "$suite"
archive=$cache/libav-$suite.tar
[ -e "$archive" ] && { echo "$archive"; exit 0; }

mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  source "$device/steps/apt.sh"
  use_apt "$work/apt" "$suite"
  package=$(apt-cache depends ffmpeg | sed -n 's/^ *Depends: \(libavcodec[0-9]*\)$/\1/p' | head -n 1)
  apt-get -q -y --download-only install "$package"
  mkdir "$work/all" "$work/libav"
  for deb in "$work"/apt/cache/archives/*.deb; do
    case $(basename "$deb") in libc6_* | libgcc-s1_* | gcc-*) continue ;; esac # the guest has its own
    dpkg-deb --fsys-tarfile "$deb" | tar -C "$work/all" -x --exclude=./usr/share
  done
  find "$work/all" -name '*.so*' \( -type f -o -type l \) -exec cp -dn {} "$work/libav/" \;
  tar -C "$work" -cf "$archive.part" libav
  mv "$archive.part" "$archive"
} >&2
echo "$archive"
