# The simulated machine: how QEMU is called and how a guest is reached. Sourced.
# A guest is a folder: image (link to what it was built into), disk, pid, port (of its ssh), serial (its console's text), monitor and qmp
# (QEMU's own sockets, for people and for programs), forwarded (its ports).
snapshot=ready

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
  done
}

# launch NAME SSH-PORT [QEMU-ARGUMENT]...: the hardware is the same for all guests, else a snapshot could not be loaded.
launch() {
  local folder=$guests/$1 port=$2 forwarded
  shift 2
  echo "$port" > "$folder/port"
  forwarded=$(cat "$folder/forwarded" 2> /dev/null || true)
  rm -f "$folder/ssh"
  # Pan, tilt and pictures need no fast machine, but tests want a quick one: without page-table isolation and other guards against
  # spying neighbours an emulated Cortex-A72 (a Raspberry Pi 4's) takes a third less.
  qemu-system-aarch64 -machine virt -cpu cortex-a72 -accel tcg,thread=multi -smp 2 -m 1024 -display none -nodefaults \
    -kernel "$folder/image/kernel.image" -initrd "$folder/image/initrd" -append 'root=/dev/vda rw console=ttyAMA0 kpti=off mitigations=off' \
    -drive "file=$(readlink -f "$folder/disk"),if=none,id=disk,cache=unsafe" -device virtio-blk-pci,drive=disk \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:22$forwarded" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-rng-pci -device i6300esb \
    -chardev "file,id=console,path=$folder/serial,append=on" -serial chardev:console \
    -monitor "unix:$folder/monitor,server=on,wait=off" -qmp "unix:$folder/qmp,server=on,wait=off" \
    -daemonize -pidfile "$folder/pid" "$@"
}

is_running() {
  local pid
  pid=$(cat "$guests/$1/pid" 2> /dev/null) && [ "$(readlink "/proc/$pid/exe" 2> /dev/null | xargs -r basename)" = qemu-system-aarch64 ]
}

ssh_options() {
  local folder=$guests/$1
  options=(-q -i "$folder/image/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o ConnectTimeout=20
    -o ControlMaster=auto -o ControlPersist=600 -o "ControlPath=$folder/ssh")
}

# in_guest NAME COMMAND...: over one connection that stays.
in_guest() {
  local name=$1 options
  shift
  ssh_options "$name"
  ssh "${options[@]}" -p "$(cat "$guests/$name/port")" root@127.0.0.1 "$@"
}

disconnect() {
  local options
  [ -S "$guests/$1/ssh" ] || return 0
  ssh_options "$1"
  ssh "${options[@]}" -O exit -p "$(cat "$guests/$1/port")" root@127.0.0.1 2> /dev/null || true
}

# wait_until_reachable NAME SECONDS: and the clock is right, which a snapshot's is not.
wait_until_reachable() {
  local until=$((SECONDS + $2))
  until in_guest "$1" -o ConnectTimeout=5 "${3:-true}" > /dev/null < /dev/null; do
    is_running "$1" || { say "The machine of guest $1 has ended."; return 1; }
    [ $SECONDS -lt $until ] || { say "Guest $1 cannot be reached after $2 s; its console's last words:"; tail -n 20 "$guests/$1/serial" >&2; return 1; }
    sleep 0.1
  done
}

# power_off NAME [SIGNAL]: KILL is a power cut. Waits until the machine has ended.
power_off() {
  local pid
  disconnect "$1"
  is_running "$1" || return 0
  pid=$(cat "$guests/$1/pid")
  kill "-${2:-TERM}" "$pid"
  while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
}
