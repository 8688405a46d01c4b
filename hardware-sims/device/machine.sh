# The simulated machine: how QEMU is called. Sourced. A change here makes new images: a snapshot is loaded into the machine it was taken from.
# A guest is a folder: image (link to what it was built into), disk, pid, port (of its ssh), serial (its console's text), monitor and qmp
# (QEMU's own sockets, for people and for programs), forwarded (its ports), ssh (the connection that stays).
snapshot=ready

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
  done
}

# launch NAME SSH-PORT [QEMU-ARGUMENT]...
launch() {
  local folder=$guests/$1 port=$2 forwarded
  shift 2
  echo "$port" > "$folder/port"
  forwarded=$(cat "$folder/forwarded" 2> /dev/null || true)
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
