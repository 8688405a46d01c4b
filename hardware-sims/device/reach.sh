# How a guest is reached: by ssh on 127.0.0.1, over one connection that stays, so that a command takes a tenth of a second. Sourced.

ssh_options() {
  local folder=$guests/$1
  options=(-q -i "$folder/image/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o "ControlPath=$folder/ssh")
}

# connect NAME: what stays in the background holds none of the caller's files.
connect() {
  local options
  ssh_options "$1"
  ssh "${options[@]}" -o ControlMaster=yes -o ConnectTimeout=5 -o ServerAliveInterval=10 -f -N -p "$(cat "$guests/$1/port")" root@127.0.0.1 \
    < /dev/null > /dev/null 2>&1
}

disconnect() {
  local options
  [ -S "$guests/$1/ssh" ] || return 0
  ssh_options "$1"
  ssh "${options[@]}" -O exit -p "$(cat "$guests/$1/port")" root@127.0.0.1 2> /dev/null || rm -f "$guests/$1/ssh"
}

# in_guest NAME [COMMAND...]
in_guest() {
  local name=$1 options
  shift
  [ -S "$guests/$name/ssh" ] || connect "$name" || return
  ssh_options "$name"
  ssh "${options[@]}" -p "$(cat "$guests/$name/port")" root@127.0.0.1 "$@"
}

# wait_until_reachable NAME SECONDS
wait_until_reachable() {
  local until=$((SECONDS + $2))
  until connect "$1"; do
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
