#!/usr/bin/env bash
# tests/on-debian.sh SUITE PROGRAM [ARGUMENT...]: runs a built program against the libraries of another Debian release (trixie), in a
# folder of its own that is gone afterwards. Takes root; fetches some 60 MB of packages, with this machine's own keys and mirror.
set -euo pipefail
suite=${1:?SUITE PROGRAM [ARGUMENT...]}
program=$(readlink -f "${2:?SUITE PROGRAM [ARGUMENT...]}")
shift 2
repository=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")
source "$repository/deploy/common.sh"
runtime=$(dirname "$(readlink -f "$(command -v dotnet)")")

if [ "${EDGECAM_ON_DEBIAN:-}" != 1 ]; then # mounts that nobody else sees, and that end with this program
  [ "$(id -u)" = 0 ] || { echo "Another Debian's libraries take root: sudo $0 $suite ..." >&2; exit 1; }
  EDGECAM_ON_DEBIAN=1 exec unshare --mount --propagation private "$0" "$suite" "$program" "$@"
fi

work=$(mktemp -d)
root=$work/root
trap 'umount -q "$root$repository" "$root$runtime" "$root/dev" "$root/proc" || true; rm -rf --one-file-system "$work"' EXIT
mkdir -p "$work"/apt/{lists/partial,cache/archives/partial} "$root"/usr/{bin,lib,lib64,sbin} "$root"/{proc,dev,tmp} "$root$repository" "$root$runtime"
for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$root/$folder"; done
: > "$work/apt/status"
echo "deb $(own_mirror) $suite main" > "$work/apt/sources.list"
cat > "$work/apt/conf" <<END
Dir::State "$work/apt"; Dir::State::status "$work/apt/status"; Dir::State::lists "$work/apt/lists"; Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null"; Dir::Etc::trustedparts "/usr/share/keyrings";
APT::Install-Recommends "false"; Acquire::Languages "none"; APT::Sandbox::User "root";
END
echo "Fetching libraries of Debian $suite ..." >&2
APT_CONFIG=$work/apt/conf apt-get -qq update >&2
APT_CONFIG=$work/apt/conf DEBIAN_FRONTEND=noninteractive apt-get -qq -y --download-only install coreutils ffmpeg libavcodec-extra- libssl3t64 libstdc++6 >&2
for package in "$work"/apt/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -C "$root" -x --keep-directory-symlink --exclude=./usr/share
done
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind "$runtime" "$root$runtime"
mount --bind "$repository" "$root$repository"
chroot "$root" /usr/bin/env -i PATH=/usr/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/blas:/usr/lib/x86_64-linux-gnu/lapack:/usr/lib/x86_64-linux-gnu/pulseaudio HOME=/tmp DOTNET_ROOT="$runtime" "$program" "$@"
