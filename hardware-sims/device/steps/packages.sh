# Downloads the guest's packages, its kernel, and what its further modules are built from. Nothing is emulated here.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/apt.sh"
guest=$(dirname "${BASH_SOURCE[0]}")/../guest
rm -rf "$WORK"/{apt,kernel,kernel-sources}
mkdir -p "$WORK"/{kernel,kernel-sources}

# v4l2loopback of trixie for every suite: bookworm's gives readers full buffers in place of access units.
use_apt "$WORK/apt/loopback" trixie
(cd "$WORK/kernel-sources" && apt-get -q download v4l2loopback-dkms)

use_apt "$WORK/apt/guest" "$SUITE"
packages=$(sed -n "s/^$SUITE: //p; /^#/d; /^[a-z]*: /!p" "$guest/packages")
apt-get -q -y --download-only install '?essential' $packages

image=$(apt-cache show linux-image-arm64 | sed -n 's/^Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
release=${image#linux-image-} version=${image#linux-image-}
version=${version%-arm64}
series=$(cut -d. -f1,2 <<< "$version")
kbuild=linux-kbuild-$version
apt-cache show "$kbuild" > /dev/null 2>&1 || kbuild=linux-kbuild-$series
echo "$release" > "$WORK/release"
(cd "$WORK/kernel" && apt-get -q download "$image" busybox-static)
(cd "$WORK/kernel-sources" && apt-get -q download "linux-headers-$release" "linux-headers-$version-common" "$kbuild" "linux-source-$series")
