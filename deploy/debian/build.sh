#!/usr/bin/env bash
# deploy/debian/build.sh PROGRAM ARCH VERSION GLIBC SBOM OUT: makes the package around a program that build-arm64.sh has compiled.
set -euo pipefail
program=$1 arch=$2 version=$3 glibc=$4 sbom=$5 out=$6
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${SOURCE_DATE_EPOCH:?the time that files get}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
documents=$root/usr/share/doc/edgecam

put() { install -D -m "$1" "$2" "$root/$3"; }
put 755 "$program" usr/lib/edgecam/edgecam
put 755 edgecam.sh usr/bin/edgecam
for unit in ../../systemd/*.service ../../systemd/*.path ../../systemd/*.timer; do put 644 "$unit" "usr/lib/systemd/system/${unit##*/}"; done
put 644 ../../systemd/edgecam.sysusers usr/lib/sysusers.d/edgecam.conf
put 644 ../../systemd/edgecam.tmpfiles usr/lib/tmpfiles.d/edgecam.conf
put 644 ../../systemd/60-edgecam.rules usr/lib/udev/rules.d/60-edgecam.rules
put 644 edgecam.json etc/edgecam/edgecam.json
put 644 ../edgecam.json usr/share/doc/edgecam/edgecam.json
for page in access cameras configuration device-nodes fleet publish recording sources telemetry; do put 644 ../$page.md usr/share/doc/edgecam/$page.md; done
put 644 copyright usr/share/doc/edgecam/copyright
put 644 lintian-overrides usr/share/lintian/overrides/edgecam
gzip -9nc "$sbom" > "$documents/edgecam.spdx.json.gz"
mkdir -p "$root/usr/share/man/man1"
gzip -9nc edgecam.1 > "$root/usr/share/man/man1/edgecam.1.gz"
cat <<END | gzip -9n > "$documents/changelog.gz"
edgecam ($version) stable; urgency=medium

  * Version $version.

 -- EdgeCam maintainers <maintainers@edgecam.example>  $(date -uR -d "@$SOURCE_DATE_EPOCH")
END
chmod 644 "$documents"/*.gz "$root/usr/share/man/man1/edgecam.1.gz"

mkdir "$root/DEBIAN"
install -m 755 postinst prerm postrm "$root/DEBIAN/"
echo /etc/edgecam/edgecam.json > "$root/DEBIAN/conffiles"
# In KiB, each file rounded up and each folder 1, as dpkg counts: what a file system says of its folders differs.
size=$(find "$root" -path "$root/DEBIAN" -prune -o -type f -printf '%s\n' -o -printf '1\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@GLIBC@/$glibc/; s/@SIZE@/$size/" control > "$root/DEBIAN/control"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
chmod 644 "$root"/DEBIAN/{control,conffiles,md5sums}
find "$root" -type d -exec chmod 755 {} +
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$out" >&2
