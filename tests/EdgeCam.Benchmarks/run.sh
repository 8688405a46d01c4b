#!/usr/bin/env bash
# Builds what the benchmarks take, the agent ahead of time for this machine, and runs them: see EdgeCam.Benchmarks without arguments.
#   tests/EdgeCam.Benchmarks/run.sh fanout --viewers 50
#   tests/EdgeCam.Benchmarks/run.sh compare      installs pion, Janus and GStreamer from Debian, node-datachannel by npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/common.sh

artifacts=artifacts/benchmarks
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
need_tools
need 'test -x /usr/sbin/mosquitto' mosquitto
build_viewer
case " $* " in
  *" compare "* | *" pion "* | *" janus "* | *" node-datachannel "* | *" gstreamer "*)
    need 'test -x /usr/bin/janus' janus
    need '/usr/bin/python3 -c "import gi; gi.require_version(\"GstWebRTC\", \"1.0\"); gi.require_version(\"Nice\", \"0.1\")"' \
      python3-gi gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gir1.2-nice-0.1 gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    npm_install tests/EdgeCam.EndToEnd.Tests/peers
    tests/EdgeCam.Benchmarks/peers/pion/build.sh "$artifacts"
    ;;
esac
say "Building ..."
dotnet build tests/EdgeCam.Benchmarks -c Release -v q --nologo >&2
dotnet publish agent/EdgeCam.Agent -c Release -r "linux-$(case $(uname -m) in x86_64) echo x64 ;; aarch64) echo arm64 ;; esac)" -p:PublishAot=true -o "$artifacts" -v q --nologo >&2
exec tests/EdgeCam.Benchmarks/bin/Release/net10.0/EdgeCam.Benchmarks "$@"
