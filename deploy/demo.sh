#!/usr/bin/env bash
# A live picture from one command: a simulated camera on a simulated head, simulated lamps, the agent and its own broker, all on loopback.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/common.sh

http=127.0.0.1:8080
while [ $# -gt 0 ]; do
  case $1 in
    --http) http=${2:?--http needs ADDR:PORT, for example 127.0.0.1:8081}; shift 2 ;;
    -h | --help) say "usage: ./deploy/demo.sh [--http ADDR:PORT]   (default $http; a loopback address)"; exit 0 ;;
    *) say "unknown argument: $1 (try --help)"; exit 2 ;;
  esac
done

need_tools
need 'command -v curl' curl
# The agent encodes by itself where it can: then the bitrate follows viewers' networks. Else the simulated camera does.
encoder=camera
if need '/sbin/ldconfig -p | grep -qE "libavcodec[.]so[.](59|60|61) "' '^libavcodec(59|60|61)$'; then encoder=software; fi
build_viewer
say "Building the agent and the simulated hardware ..."
dotnet build -c Release -v q --nologo agent/EdgeCam.Agent >&2
dotnet build -c Release -v q --nologo hardware-sims/EdgeCam.Sims >&2

work=$(mktemp -d)
agent=
hardware=()
finish() {
  trap - EXIT INT TERM
  for process in $agent "${hardware[@]}"; do # the agent first: it leaves its hardware safe
    if kill -0 "$process" 2>/dev/null; then
      kill -TERM "$process"
      wait "$process" 2>/dev/null || true
    fi
  done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

sims=$PWD/hardware-sims/EdgeCam.Sims/bin/Release/net10.0/edgecam-sims
edgecam=$PWD/agent/EdgeCam.Agent/bin/Release/net10.0/edgecam
"$sims" ptz --link "$work/head" --view "$work/view" > "$work/ptz.log" & hardware+=($!)
"$sims" gpio --socket "$work/gpio" --view "$work/view" > "$work/gpio.log" & hardware+=($!)

cat > "$work/edgecam.json" <<EOF
{
  "device": { "id": "demo", "name": "EdgeCam demo", "stateFolder": "$work/state" },
  "cameras": [
    {
      "name": "cam0",
      "source": "rpicam:0",
      "command": ["$sims", "camera", "--view", "$work/view"],
      "width": 1280, "height": 720, "frameRate": 30, "bitrate": 2500000, "encoder": "$encoder"
    }
  ],
  "mqtt": { "embedded": { "port": 0 } },
  "http": { "bind": "$http" },
  "ptz": [{ "camera": "cam0", "driver": "pelco-d:$work/head?address=1&position=query" }],
  "gpio": {
    "chip": "unix:$work/gpio",
    "lines": [
      { "name": "porch", "offset": 0, "label": "Porch lamp" },
      { "name": "path", "offset": 1, "label": "Path lamp" },
      { "name": "gate-open", "offset": 2, "label": "Gate opens", "maxOnSeconds": 10 },
      { "name": "gate-close", "offset": 3, "label": "Gate closes", "maxOnSeconds": 10 },
      { "name": "bell", "offset": 4, "label": "Bell", "direction": "input", "pull": "up", "activeLow": true, "debounceMilliseconds": 20 }
    ],
    "interlocks": [{ "never": ["gate-open", "gate-close"], "label": "Gate" }]
  },
  "peers": { "port": 0 }
}
EOF

for _ in $(seq 100); do [ -e "$work/head" ] && [ -e "$work/gpio" ] && break; sleep 0.1; done
"$edgecam" run --config "$work/edgecam.json" &
agent=$!

for _ in $(seq 300); do
  if ! kill -0 "$agent" 2>/dev/null; then
    wait "$agent" || status=$?
    say "The agent ended with status ${status:-0}; its last words are above."
    exit 1
  fi
  if curl -fs -o /dev/null --max-time 2 "http://$http/healthz"; then
    link=$("$edgecam" token --config "$work/edgecam.json" --scope view,ptz,gpio,record --ttl 12h --name "Demo operator" 2> /dev/null | grep -o 'http://.*')
    printf 'EdgeCam is live; this link may watch, record, move the camera and switch the lamps:\n%s\n' "$link"
    wait "$agent"
    exit
  fi
  sleep 0.1
done
say "No picture after 30 s: see the agent's words above."
exit 1
