#!/usr/bin/env bash
# Installs what the tests need, builds, runs them and ends with the line "N passed, N failed".
#   ./tests/run.sh              everything, with reduced counts
#   ./tests/run.sh --fast       engine and agent only: no browser, no other WebRTC stack
#   ./tests/run.sh --soak PART  one part of the end-to-end tests with its full figures
#                               PART is a test class: Watch, Peers, Joins, Fanout, ComeAndGo, Hostile, Attack, Recovery, Latency, Control,
#                               Controls, Head, Access, Token, ViewerAccess, ViewerControls, Settings, Secrets, UpdateKill, OfferStorm, Sources,
#                               Publish, Fleet, TrustOverMqtt, Cameras (half an hour), Recording (full disk and power cuts take root);
#                               on a network of namespaces, which takes root: Nat, Relay, Loss, Capacity, Moving, SlowViewer,
#                               Restart, Link, DeadMan, Outage, FleetStorm;
#                               on a simulated ARM64 device, which takes root and QEMU: Device, Fault, Node (cameras and encoders), Clock, Hardening, Footprint (of this machine, too), Update, Reboot, Steering,
#                               RecordingCut (power cuts while it records),
#                               Guest (the simulation itself), Image (a card image, built and started), Package (the package built
#                               twice and compared, then led through its life in Debian 12 and 13);
#                               Debian13: the agent's encoder against that release's FFmpeg 7, which is fetched (root)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/common.sh

mode=full part=
while [ $# -gt 0 ]; do
  case $1 in
    --fast) mode=fast; shift ;;
    --soak) mode=soak; part=${2:?--soak needs a PART: see the head of this file}; shift 2 ;;
    *) say "unknown argument: $1 (see the head of this file)"; exit 2 ;;
  esac
done

# Debian's WHIP server for Janus, without its dependencies: Debian's own Node.js, which would take the place of the one that is here. npm has the same.
fetch_whip_server() {
  local place=tests/EdgeCam.EndToEnd.Tests/peers/node_modules/simple-whip-server fetched
  [ ! -e "$place/server.js" ] || return 0
  say "Fetching simple-whip-server ..."
  fetched=$(mktemp -d)
  (cd "$fetched" && { fetch() { apt-get -qq -o APT::Sandbox::User=root download simple-whip-server; }; fetch || { need false janus; fetch; } } >&2 && dpkg-deb -x simple-whip-server_*.deb .)
  mkdir -p "$place"
  cp "$fetched"/usr/share/simple-whip-server/src/{server,whip-janus}.js "$place/"
  rm -rf "$fetched"
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
need_tools
need 'test -x /usr/sbin/mosquitto' mosquitto
need 'test -x /usr/bin/turnserver' coturn
need 'command -v ffmpeg' ffmpeg # with it, libavcodec
need '/usr/bin/python3 -c "import jinja2"' python3-jinja2 # Home Assistant's templates
need '/usr/bin/python3 -c "import gi; gi.require_version(\"GstRtspServer\", \"1.0\")"' python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad # an IP camera
build_viewer
if [ "$mode" != fast ]; then
  need 'command -v chromium' chromium chromium-sandbox
  need 'command -v firefox-esr' firefox-esr
  need '/usr/bin/python3 -c "import aiortc, av"' python3-aiortc python3-av
  need 'test -x /usr/sbin/nft' nftables
  need 'command -v certutil' libnss3-tools
  need 'command -v tshark' tshark
  need 'test -x /usr/bin/janus' janus
  npm_install tests/EdgeCam.EndToEnd.Tests/peers
  fetch_whip_server
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
: > "$work/counts"

# What tests on a simulated ARM64 device take: a Debian for ARM64 that is built once (minutes), and the package.
build_device() {
  hardware-sims/device/device.sh build trixie || return
  until [ -e "$work/built" ]; do [ -d "$work" ] || return; sleep 1; done # two compilations of one project at once would be in each other's way
  ./build-arm64.sh && hardware-sims/device/device.sh sims > /dev/null
}

# count PASSED FAILED SKIPPED
count() {
  echo "$*" >> "$work/counts"
}

# slowest RESULTS: which tests take the time
slowest() {
  say "the slowest, in seconds:"
  tr '<' '\n' < "$1" | sed -nE 's/^test [^>]*name="([^"]*)"[^>]* time="([0-9.]+)".*/\2 \1/p' | sort -rn | sed -n '1,12p' >&2
}

# suite NAME [filter...]: one test project; its program prints a summary, or has failed as a whole. "runner" may stand in front of it.
runner=()
suite() {
  local name=$1 total errors failures skips log
  shift
  log=$(mktemp -p "$work")
  say "== $name"
  "${runner[@]}" "tests/$name/bin/Debug/net10.0/$name" -noColor -xml "$log.xml" "$@" 2>&1 | tee "$log" | grep --line-buffered -vE '^ +(Discover|Start|Finish)|^xUnit' || true
  grep -F -A 12 '[FAIL]' "$log" >> "$work/failures" || true
  read -r total errors failures skips < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$log" | tail -n 1) || true
  if [ -z "${total:-}" ]; then
    say "$name ended without a summary"
    { echo "$name ended without a summary:"; tail -n 12 "$log"; } >> "$work/failures"
    count 0 1 0
  else
    count $((total - failures - skips)) $((failures + errors)) "$skips"
    [ "$total" -lt 10 ] || slowest "$log.xml"
  fi
}

# What takes long and is shown in short by others: with --soak and its class.
long=()
for test in Capacity.Beside_a_download Loss.Without_loss SlowViewer.One_that_comes_on_400_kbit_s Cameras.A_camera_that_nobody_watches Node.A_board_s_encoder Node.Raw_pictures Node.A_picture_s_controls Moving.A_broker_that_is_gone; do
  long+=(-method- "*.${test/./Tests.}*")
done

# device_suite FILTER...
device_suite() {
  EDGECAM_DEB=$(echo "$PWD"/artifacts/edgecam_*_arm64.deb)
  export EDGECAM_DEB
  suite EdgeCam.EndToEnd.Tests -showLiveOutput "$@"
}

# In the time that the others leave over it is built, and then tested: it takes one core, and the tests beside it mostly wait.
device_part() {
  if ! (chrt -a -i -p 0 "$BASHPID" || true; build_device) > "$work/device.log" 2>&1; then
    tee -a "$work/failures" < "$work/device.log"
    count 0 1 0
    return
  fi
  device_suite -namespace "EdgeCam.EndToEnd.Tests.Device" -class- "*.ImageTests" -class- "*.GuestTests" -class- "*.FootprintTests" -class- "*.UpdateTests" -class- "*.RebootTests" -class- "*.RecordingCutTests" -class- "*.PackageTests" "${long[@]}" # these seven: --soak
}

# End-to-end tests that go beside the device: no browser in them, and no figure of time.
beside=() later=()
for class in Fleet TrustOverMqtt FleetStorm Settings UpdateKill Secrets Sources Recording Hostile Attack OfferStorm Token Control Outage Restart Relay ComeAndGo Head DeadMan; do
  beside+=(-class "*.${class}Tests") later+=(-class- "*.${class}Tests")
done

if [ "$mode" = full ]; then
  device_part > "$work/device.out" 2>&1 &
  device=$!
fi

say "Building ..."
dotnet build EdgeCam.sln -v q --nologo >&2
touch "$work/built"

[ "$mode" != soak ] || export EDGECAM_SOAK=1
if [ "$part" = Debian13 ]; then
  runner=(tests/on-debian.sh trixie)
  suite EdgeCam.Agent.Tests -class "*.H264EncoderTests" -class "*.SoftwareSourceTests"
elif [ "$part" = Package ]; then
  builds=$work/builds
  for folder in one/folder another; do # of the last commit, in folders of different depth
    git clone -q . "$builds/$folder"
    "$builds/$folder/build-arm64.sh" --out "$builds/out/${folder%/*}"
  done
  if diff -r "$builds/out/one" "$builds/out/another" >&2; then count 1 0 0; else count 0 1 0; fi
  ./build-arm64.sh --arch "$(dpkg --print-architecture)" --out "$builds/own"
  for debian in bookworm trixie; do
    if deploy/debian/test.sh "$debian" "$builds"/own/edgecam_*.deb; then count 1 0 0; else count 0 1 0; fi
  done
  build_device
  device_suite -class "*.PackageTests"
elif [ "$part" = Image ]; then
  need 'command -v qemu-system-aarch64' qemu-system-arm
  need 'test -e /usr/share/AAVMF/AAVMF_CODE.fd' qemu-efi-aarch64
  ./build-arm64.sh
  deploy/image/build.sh --deb "$(echo artifacts/edgecam_*_arm64.deb)" --out "$work/card.img"
  export EDGECAM_IMAGE=$work/card.img
  suite EdgeCam.EndToEnd.Tests -showLiveOutput -class "*.ImageTests"
elif [ "$mode" = soak ] && [ -e "tests/EdgeCam.EndToEnd.Tests/Device/${part}Tests.cs" ]; then
  if [ "$part" = Footprint ]; then
    ./build-arm64.sh --arch "$(dpkg --print-architecture)" --out "$work/own"
    dpkg-deb -x "$work"/own/edgecam_*.deb "$work/installed"
    EDGECAM_PROGRAM=$work/installed/usr/lib/edgecam/edgecam suite EdgeCam.EndToEnd.Tests -showLiveOutput -class "*.HostFootprintTests"
  fi
  build_device
  device_suite -class "*.${part}Tests"
elif [ "$mode" = soak ]; then
  suite EdgeCam.EndToEnd.Tests -class "*.${part}Tests" -showLiveOutput
else
  say "== viewer"
  npm run --silent --prefix agent/viewer check >&2 && npm test --silent --prefix agent/viewer > "$log" 2>&1 || true
  cat "$log" >&2
  grep -A 12 -E '^(not ok|✖)' "$log" >> "$work/failures" || true
  pass=$(sed -nE 's/^(#|ℹ) pass ([0-9]+).*/\2/p' "$log" | tail -n 1)
  fail=$(sed -nE 's/^(#|ℹ) fail ([0-9]+).*/\2/p' "$log" | tail -n 1)
  count "${pass:-0}" "${fail:-1}" 0
  suite EdgeCam.WebRtc.Tests
  suite EdgeCam.Agent.Tests
  if [ "$mode" != fast ]; then
    say "== fuzz"
    if tests/EdgeCam.Fuzz/bin/Debug/net10.0/EdgeCam.Fuzz all --seconds 1 > "$log" 2>&1; then count 1 0 0; else count 0 1 0; tee -a "$work/failures" < "$log" >&2; fi
    suite EdgeCam.EndToEnd.Tests -showLiveOutput "${beside[@]}"
    wait "$device" || true
    cat "$work/device.out"
    suite EdgeCam.EndToEnd.Tests -showLiveOutput -namespace- "EdgeCam.EndToEnd.Tests.Device" "${later[@]}" -class- "*.HostFootprintTests" "${long[@]}" # --soak Footprint
  fi
fi

read -r passed failed skipped < <(awk '{p += $1; f += $2; s += $3} END {print p + 0, f + 0, s + 0}' "$work/counts")
if [ -s "$work/failures" ]; then # once more, where they are seen
  echo "== failed"
  cat "$work/failures"
fi
[ "$skipped" = 0 ] || echo "$skipped skipped (the reason stands beside each)"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
