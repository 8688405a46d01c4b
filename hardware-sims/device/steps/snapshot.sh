# Boots the guest once and keeps the machine as it runs, memory and all: from there on a guest is there in seconds.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../paths.sh"
source "$device/machine.sh"
source "$device/reach.sh"
guests=$WORK/first # the folder of this one guest, beside nobody else's
rm -rf "$guests"
mkdir -p "$guests/g"
trap 'power_off g 2> /dev/null || true; rm -rf "$guests"' EXIT
rm -f "$WORK/golden.qcow2"
qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 "$WORK/golden.qcow2"
ln -s "$WORK/golden.qcow2" "$guests/g/disk"
ln -s "$WORK" "$guests/g/image"

launch g "$(free_port)" 9>&-
wait_until_reachable g 120 9>&-
in_guest g 'systemctl is-system-running --wait; systemctl --failed --no-legend; lsmod | head -n 40; ls -l /dev/video* /dev/simulated-hardware /dev/gpiochip* /dev/i2c* /run/simulated-hardware; sync'
in_guest g 'systemctl is-active simulated-hardware.service'
disconnect g
printf 'savevm %s\nquit\n' "$snapshot" | socat -t 120 - "UNIX-CONNECT:$guests/g/monitor"
while is_running g; do sleep 0.1; done
qemu-img snapshot -l "$WORK/golden.qcow2" | grep "$snapshot"
