# Where things are; sourced by the other scripts. What a suite's guest is built into depends on all that it is built from, so a changed
# script begins a new one and never meets half of an old one.
device=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$device/../../deploy/common.sh"

cache=${EDGECAM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgecam}/device
# Unix sockets live in a guest's folder, and their paths are short (unix(7): 108 bytes).
guests=${EDGECAM_GUESTS:-${TMPDIR:-/tmp}/edgecam-guests-$(id -u)}

known_suite() { case $1 in trixie | bookworm) ;; *) say "No such suite: $1 (trixie, bookworm)"; return 2 ;; esac; }

# image_folder SUITE
image_folder() {
  local hash
  hash=$(cd "$device" && find build.sh machine.sh steps guest -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
  printf '%s/%s-%s\n' "$cache" "$1" "$hash"
}
