#!/usr/bin/env bash
# A live picture from one command: a simulated camera, the agent and its own broker, all on loopback.
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
say "Building the agent and the simulated camera ..."
dotnet build -c Release -v q --nologo agent/EdgeCam.Agent >&2
dotnet build -c Release -v q --nologo hardware-sims/EdgeCam.Sims >&2

work=$(mktemp -d)
agent=
finish() {
  trap - EXIT INT TERM
  if [ -n "$agent" ] && kill -0 "$agent" 2>/dev/null; then
    kill -TERM "$agent"
    wait "$agent" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cat > "$work/edgecam.json" <<EOF
{
  "device": { "id": "demo", "name": "EdgeCam demo" },
  "cameras": [
    {
      "name": "cam0",
      "source": "rpicam:0",
      "command": ["$PWD/hardware-sims/EdgeCam.Sims/bin/Release/net10.0/edgecam-sims", "camera"],
      "width": 1280, "height": 720, "frameRate": 30, "bitrate": 2500000, "encoder": "$encoder"
    }
  ],
  "mqtt": { "embedded": { "port": 0 } },
  "http": { "bind": "$http" },
  "peers": { "port": 0 }
}
EOF

agent/EdgeCam.Agent/bin/Release/net10.0/edgecam run --config "$work/edgecam.json" &
agent=$!

for _ in $(seq 300); do
  if ! kill -0 "$agent" 2>/dev/null; then
    wait "$agent" || status=$?
    say "The agent ended with status ${status:-0}; its last words are above."
    exit 1
  fi
  if curl -fs -o /dev/null --max-time 2 "http://$http/healthz"; then
    printf 'EdgeCam is live: http://%s/\n' "$http"
    wait "$agent"
    exit
  fi
  sleep 0.1
done
say "No picture after 30 s: see the agent's words above."
exit 1
