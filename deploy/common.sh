# Shared by demo.sh, build-arm64.sh and tests/run.sh: installs what is missing, builds what is shipped. To be sourced from the root of the repository.

say() { printf '%s\n' "$*" >&2; }

# need TEST PACKAGE...: installs Debian packages unless TEST succeeds. A package may be an apt regular expression (^libx264-[0-9]+$).
need() {
  local test=$1
  shift
  if eval "$test" >/dev/null 2>&1; then return; fi
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "Missing: $*. Install it as root: apt-get install $*"; return 1; }
    root=(sudo)
  fi
  if [ -z "${apt_updated:-}" ]; then
    say "Fetching Debian's package lists ..."
    "${root[@]}" apt-get -o DPkg::Lock::Timeout=400 update -qq >&2
    apt_updated=1
  fi
  say "Installing $* ..."
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 install -y -qq --no-install-recommends "$@" >&2
}

need_sdk() {
  command -v dotnet >/dev/null || { say "The .NET SDK 10 is missing: https://dotnet.microsoft.com/download"; return 1; }
  command -v npm >/dev/null || { say "Node.js 20 or later with npm is missing"; return 1; }
}

need_tools() {
  need_sdk
  need '/sbin/ldconfig -p | grep -q libssl.so.3' libssl3
  need '/sbin/ldconfig -p | grep -q libx264.so' '^libx264-[0-9]+$'
}

# npm_install DIR: installs the locked packages of a folder unless that was done for this very lock file.
npm_install() {
  local lock=$1/package-lock.json stamp=$1/node_modules/.installed
  if [ -f "$stamp" ] && cmp -s "$lock" "$stamp"; then return; fi
  say "Installing npm packages in $1 ..."
  npm ci --prefix "$1" --no-audit --no-fund --loglevel=error >&2
  cp "$lock" "$stamp"
}

build_viewer() {
  npm_install agent/viewer
  say "Building the viewer ..."
  npm run --silent --prefix agent/viewer build >&2
}

# Where this machine itself gets Debian from.
own_mirror() {
  local url
  url=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null \
    | sed -n 's/^URIs:[[:space:]]*//p; s/^deb[[:space:]]\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' \
    | grep -E '/debian/?$' | head -n 1 || true)
  printf '%s' "${url:-http://deb.debian.org/debian}"
}

# Registers qemu's interpreter for ARM64 programs, which containers without systemd lack; also inside another root folder: "F" in the
# registration opens the interpreter at once.
emulate_arm64() {
  [ "$(uname -m)" != aarch64 ] || return 0
  need 'ls /usr/bin/qemu-aarch64-static' qemu-user-static
  if [ ! -e /proc/sys/fs/binfmt_misc/status ]; then
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || { say "binfmt_misc cannot be mounted here: run the build where that is allowed (a privileged container)."; return 1; }
  fi
  if [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
    cat /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register \
      || { say "The kernel does not take qemu as an interpreter (binfmt_misc); build on an ARM64 machine, or as root outside a restricted container"; return 1; }
  fi
}
