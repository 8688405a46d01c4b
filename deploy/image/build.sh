#!/usr/bin/env bash
# Builds a card image for ARM64 boards (Raspberry Pi 3, 4, Zero 2 W; UEFI) from Debian's packages and EdgeCam's.
#   deploy/image/build.sh --deb edgecam_VERSION_arm64.deb
# README.md beside it says what is inside. Root is needed (chroot), loop devices are not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. deploy/common.sh
. deploy/image/rootfs.sh
. deploy/image/pack.sh

usage() {
  cat <<'U'
deploy/image/build.sh --deb FILE [--out FILE] [--suite trixie] [--package NAME]... [--mirror URL] [--keep FOLDER]
  --deb FILE       the EdgeCam package for arm64 (build-arm64.sh makes it)
  --out FILE       ending with .img.xz, .img.zst or .img; default artifacts/edgecam-VERSION-arm64.img.xz
  --suite NAME     Debian's release; trixie is the one that is tested
  --package NAME   one more Debian package, such as libavcodec61 (software encoder); may be repeated
  --mirror URL     Debian's mirror; default: this machine's own, or http://deb.debian.org/debian
  --keep FOLDER    work there, and leave the tree behind; default: a temporary folder of about 4 GB
Downloads are kept in $EDGECAM_CACHE, by default ~/.cache/edgecam.
U
}

deb='' out='' suite=trixie mirror='' keep='' extra=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --deb | --out | --suite | --package | --mirror | --keep)
      [ $# -ge 2 ] || { say "$1 needs a value"; exit 2; }
      case $1 in
        --deb) deb=$2 ;;
        --out) out=$2 ;;
        --suite) suite=$2 ;;
        --package) extra+=("$2") ;;
        --mirror) mirror=$2 ;;
        --keep) keep=$2 ;;
      esac
      shift 2
      ;;
    *) say "$1 is not understood"; usage >&2; exit 2 ;;
  esac
done
[ -n "$deb" ] || { say "--deb is missing: which EdgeCam package goes into the image?"; usage >&2; exit 2; }
[ -f "$deb" ] || { say "$deb does not exist; ./build-arm64.sh makes it"; exit 2; }
[ "$(id -u)" = 0 ] || { say "Root is needed for the chroot: sudo $0 ..."; exit 1; }
need 'command -v dpkg-deb && command -v apt-get' dpkg apt
deb=$(readlink -f "$deb")
[ "$(dpkg-deb -f "$deb" Package)" = edgecam ] && [ "$(dpkg-deb -f "$deb" Architecture)" = arm64 ] \
  || { say "$deb is not EdgeCam's package for arm64"; exit 2; }
version=$(dpkg-deb -f "$deb" Version)
out=${out:-artifacts/edgecam-$version-arm64.img.xz}
case $out in *.img.xz | *.img.zst | *.img) ;; *) say "--out ends with .img.xz, .img.zst or .img"; exit 2 ;; esac

need 'command -v mkfs.ext4 && command -v debugfs' e2fsprogs
need 'command -v mkfs.vfat' dosfstools
need 'command -v mcopy' mtools
need 'command -v sfdisk' fdisk
need 'command -v depmod' kmod
need 'command -v openssl' openssl
case $out in *.xz) need 'command -v xz' xz-utils ;; *.zst) need 'command -v zstd' zstd ;; esac
emulate_arm64

cache=${EDGECAM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgecam}
if [ -n "$keep" ]; then mkdir -p "$keep"; work=$(readlink -f "$keep"); else work=$(mktemp -d "${TMPDIR:-/var/tmp}/edgecam-image.XXXXXX"); fi
root=$work/root
finish() {
  release_root "$root"
  [ -n "$keep" ] || rm -rf --one-file-system "$work"
}
trap finish EXIT
mkdir -p "$(dirname "$out")"
out=$(readlink -f "$(dirname "$out")")/$(basename "$out")

# The Pi's firmware and Debian's kernel; UEFI; network, names, time; what the service needs; what keeps a card alive.
packages=(
  raspi-firmware linux-image-arm64 initramfs-tools zstd firmware-brcm80211 wireless-regdb systemd-boot-efi
  systemd systemd-sysv udev dbus kmod libpam-systemd
  network-manager wpasupplicant iproute2 iw avahi-daemon libnss-mdns systemd-timesyncd tzdata ca-certificates openssh-server
  openssl libssl3t64 libgpiod3 v4l-utils i2c-tools
  e2fsprogs dosfstools fdisk systemd-zram-generator apt login passwd procps less
)

began=$SECONDS
step() { say "[$((SECONDS - began)) s] $*"; }

step "Packages of Debian $suite, from ${mirror:=$(own_mirror)}"
fetch_packages
step "Unpacking ${#debs[@]} packages"
unpack_packages
step "Configuring them (the only emulated step)"
configure_packages
step "Settings of the image"
settle_root
step "Checking the tree"
check_root
step "File systems and partition table"
image=$work/edgecam.img
pack_image
check_image
step "Writing $(basename "$out")"
compress_image
step "Done: $out, $(($(stat -c %s "$out") / 1000000)) MB; on the card $(($(stat -c %s "$image") / 1000000)) MB, grows to the card's size at its first start"
if [ -z "$keep" ]; then rm -f "$image"; fi
