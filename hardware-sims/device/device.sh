#!/usr/bin/env bash
# A whole ARM64 device, simulated: Debian in QEMU with simulated cameras, GPIO lines and an I2C bus. See README.md beside this file.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
source "$device/machine.sh"
source "$device/reach.sh"

usage() {
  cat <<END
usage: device.sh COMMAND
  build [trixie|bookworm]        builds the guest once, 3 to 5 min (default trixie; takes root)
  start NAME [--suite trixie|bookworm] [--ssh PORT] [--tcp HOST:GUEST]... [--udp HOST:GUEST]...
                                 a new guest from the snapshot, in seconds; ports of 127.0.0.1 lead to ports of the guest
  ssh NAME [COMMAND]             a shell in it, or one command
  copy NAME LOCAL... REMOTE      files into it
  cut NAME                       a power cut
  stop NAME                      ends it, and its disk is forgotten
  boot NAME [--clock TIME]       boots the disk of a guest that was cut, as it is; TIME (2033-05-01T12:00:00) is what its clock says
  link NAME up|down              its network cable
  sims                           builds edgecam-sims for it, and prints where
  status                         what is built, what runs
END
}

existing() { [ -e "$guests/$1/image" ] || { say "There is no guest $1: device.sh start $1"; exit 1; }; }

start() {
  local name=${1:?start NAME} suite=trixie port='' forwarded='' image
  shift
  [[ $name =~ ^[a-z0-9-]{1,24}$ ]] || { say "A guest's name has 1 to 24 letters a-z, digits and '-': $name"; exit 2; }
  while [ $# -gt 0 ]; do
    case $1 in
      --suite) suite=${2:?--suite needs trixie or bookworm} ;;
      --ssh) port=${2:?--ssh needs a PORT} ;;
      --tcp | --udp)
        [[ ${2:-} =~ ^[0-9]+:[0-9]+$ ]] || { say "$1 needs HOST:GUEST, two ports, for example $1 8080:8080"; exit 2; }
        forwarded+=",hostfwd=${1#--}:127.0.0.1:${2%:*}-:${2#*:}"
        ;;
      *) say "unknown argument: $1"; usage >&2; exit 2 ;;
    esac
    shift 2
  done
  known_suite "$suite"
  image=$(image_folder "$suite")
  [ -e "$image/done/snapshot" ] || { say "The guest of $suite is not built: device.sh build $suite"; exit 1; }
  is_running "$name" && { say "Guest $name runs already: device.sh stop $name"; exit 1; }

  rm -rf "${guests:?}/$name"
  mkdir -m 700 -p "$guests" "$guests/$name"
  ln -s "$image" "$guests/$name/image"
  cp --reflink=auto "$image/golden.qcow2" "$guests/$name/disk"
  qemu-img rebase -u -b "$image/base.qcow2" -F qcow2 "$guests/$name/disk"
  echo "$forwarded" > "$guests/$name/forwarded"
  launch "$name" "${port:-$(free_port)}" -loadvm "$snapshot"
  wait_until_reachable "$name" 60
  in_guest "$name" "date -u -s @$(date +%s)" > /dev/null # the snapshot's clock stood still
  echo "$guests/$name"
}

boot() {
  local name=${1:?boot NAME} clock=()
  existing "$name"
  shift
  if [ "${1:-}" = --clock ]; then clock=(-rtc "base=${2:?--clock needs a TIME, for example 2033-05-01T12:00:00}"); fi
  is_running "$name" && { say "Guest $name runs: cut or stop it before"; exit 1; }
  launch "$name" "$(cat "$guests/$name/port")" "${clock[@]}"
  wait_until_reachable "$name" 180
}

build_sims() {
  local project=$device/../EdgeCam.Sims
  need 'command -v clang && command -v llvm-objcopy && command -v aarch64-linux-gnu-gcc' clang llvm gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  dotnet publish "$project" -c Release -r linux-arm64 -p:PublishAot=true -v q --nologo >&2
  readlink -f "$project/bin/Release/net10.0/linux-arm64/publish/edgecam-sims"
}

status() {
  local suite image folder name
  for suite in trixie bookworm; do
    image=$(image_folder "$suite")
    if [ -e "$image/done/snapshot" ]; then echo "$suite: built, $image"; else echo "$suite: not built"; fi
  done
  for folder in "$guests"/*/; do
    [ -e "$folder/image" ] || continue
    name=$(basename "$folder")
    if is_running "$name"; then echo "$name: runs, ssh at 127.0.0.1:$(cat "$folder/port")"; else echo "$name: off"; fi
  done
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
  build) "$device/build.sh" "${1:-trixie}" ;;
  start) start "$@" ;;
  boot) boot "$@" ;;
  ssh) existing "${1:?ssh NAME [COMMAND]}"; in_guest "$@" ;;
  copy)
    existing "${1:?copy NAME LOCAL... REMOTE}"
    ssh_options "$1"
    scp -p "${options[@]}" -P "$(cat "$guests/$1/port")" "${@:2:$#-2}" "root@127.0.0.1:${*: -1}"
    ;;
  cut) existing "${1:?cut NAME}"; power_off "$1" KILL ;;
  stop) existing "${1:?stop NAME}"; power_off "$1"; rm -rf "${guests:?}/$1" ;;
  link)
    existing "${1:?link NAME up|down}"
    case ${2:-} in up) state=on ;; down) state=off ;; *) say "link NAME up|down"; exit 2 ;; esac
    echo "set_link net $state" | socat -t 5 - "UNIX-CONNECT:$guests/$1/monitor" > /dev/null
    ;;
  sims) build_sims ;;
  status) status ;;
  *) usage >&2; exit 2 ;;
esac
