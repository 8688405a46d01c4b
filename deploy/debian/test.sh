#!/usr/bin/env bash
# deploy/debian/test.sh SUITE DEB: what becomes of a package in a Debian of its own (bookworm, trixie): installed, edited, upgraded, downgraded,
# removed, installed again and purged. Nothing may ask, and no systemd runs there, as where an image is made. Takes root; fetches some 60 MB
# with this machine's own keys and mirror. The package must be for this machine's processor.
set -euo pipefail
suite=${1:?SUITE DEB} deb=$(readlink -f "${2:?SUITE DEB}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/common.sh

if [ "${EDGECAM_TEST_DEB:-}" != 1 ]; then # mounts that nobody else sees, and that end with this program
  [ "$(id -u)" = 0 ] || { say "A Debian of its own takes root: sudo $0 $suite $deb"; exit 1; }
  need 'command -v mmdebstrap' mmdebstrap
  EDGECAM_TEST_DEB=1 exec unshare --mount --propagation private "$0" "$suite" "$deb"
fi

work=$(mktemp -d)
root=$work/root
trap 'umount -q "$root/dev" "$root/proc" || true; rm -rf --one-file-system "$work"' EXIT
say "Making a Debian $suite ..."
case $suite in bookworm) ssl=libssl3 ;; *) ssl=libssl3t64 ;; esac
mmdebstrap --quiet --mode=root --variant=minbase --aptopt='Acquire::Check-Date "false"' --dpkgopt='path-exclude=/usr/share/man/*' \
  --include="systemd,udev,init-system-helpers,$ssl" "$suite" "$root" "deb $(own_mirror) $suite main" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d" # no service starts here
chmod 755 "$root/usr/sbin/policy-rc.d"

step() { say "-- $*"; }
fail() { say "FAILED: $*"; exit 1; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
# No terminal, and an empty input: a question would end it with an error.
package() { inside dpkg "$@" < /dev/null > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "dpkg $*"; }; }
calm() { if grep -iE 'error|fail|warning|cannot|not found|No such' "$work/log"; then fail "$1: its scripts complain"; fi; }
holds() { [ "$(inside cat "$1" 2>/dev/null)" = "$2" ] || fail "$1 does not hold what it did"; }
gone() { [ ! -e "$root$1" ] && [ ! -L "$root$1" ] || fail "$1 is left"; }
version() { inside dpkg-query -W -f '${Version}' edgecam; }

# The same package of a later version, with what a later one may change.
dpkg-deb -R "$deb" "$work/next"
first=$(dpkg-deb -f "$deb" Version)
next=$first+1
sed -i "s/^Version: .*/Version: $next/" "$work/next/DEBIAN/control"
echo "# later" >> "$work/next/usr/lib/systemd/system/edgecam.service"
dpkg-deb --root-owner-group -Znone -b "$work/next" "$root/next.deb" > /dev/null
cp "$deb" "$root/first.deb"

step "install"
package -i /first.deb
calm install
[ "$(inside edgecam version)" != "" ] || fail "edgecam version says nothing"
inside edgecam check --config /etc/edgecam/edgecam.json > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "the packaged configuration"; }
for group in video render gpio i2c dialout; do
  inside id -nG edgecam | grep -qw "$group" || fail "the user edgecam is not in $group"
done
inside grep -q '^edgecam:!' /etc/shadow || fail "the user edgecam can log in"
for unit in edgecam.service edgecam-firstboot.service edgecam-reboot.path edgecam-update.path; do
  [ "$(inside systemctl is-enabled $unit)" = enabled ] || fail "$unit is not enabled"
done
for unit in edgecam edgecam-firstboot edgecam-reboot edgecam-update edgecam-update-guard edgecam-update-deadline; do
  inside systemd-analyze verify --man=no "/usr/lib/systemd/system/$unit.service" > "$work/verify" 2>&1 || fail "systemd-analyze verify $unit: $(cat "$work/verify")"
  [ ! -s "$work/verify" ] || fail "systemd-analyze verify $unit: $(cat "$work/verify")"
  inside systemd-analyze security --offline=true --threshold=20 "/usr/lib/systemd/system/$unit.service" > "$work/log" 2>&1 || fail "$unit: $(tail -n 1 "$work/log")"
  say "   $(inside systemctl --version | sed -n 1p): verify $unit: silent; $(tail -n 1 "$work/log")"
done
inside udevadm verify --help > /dev/null 2>&1 && { inside udevadm verify /usr/lib/udev/rules.d/60-edgecam.rules > "$work/log" 2>&1 || fail "udev rules: $(cat "$work/log")"; }

leads_to() { [ "$(inside readlink /opt/edgecam/current)" = "$1" ] || fail "/opt/edgecam/current leads to $(inside readlink /opt/edgecam/current)"; }
leads_to /usr/lib/edgecam

step "edit, disable, upgrade"
# A version that came by an update and is newer than every package, one between, and what root's helper remembers.
for version in 99.0.0 0.0.1; do mkdir "$root/opt/edgecam/$version" && cp "$root/usr/lib/edgecam/edgecam" "$root/opt/edgecam/$version/"; done
ln -sfn 99.0.0 "$root/opt/edgecam/current"
echo '{"rollbackIndex":3}' > "$root/var/lib/edgecam-update/installed.json"
echo '{ "device": { "id": "edited" } }' > "$root/etc/edgecam/edgecam.json"
mkdir -p "$root/var/lib/edgecam"
echo key > "$root/var/lib/edgecam/signing.pem"
inside chown -R edgecam:edgecam /var/lib/edgecam
inside systemctl --quiet disable edgecam-firstboot.service 2>/dev/null
package -i /next.deb
calm upgrade
kept() {
  holds /etc/edgecam/edgecam.json '{ "device": { "id": "edited" } }'
  holds /var/lib/edgecam/signing.pem key
  [ "$(find "$root/etc/edgecam" -type f | wc -l)" = 1 ] || fail "a second configuration lies beside the edited one"
}
kept
[ "$(version)" = "$next" ] || fail "$(version) is installed"
leads_to 99.0.0
[ "$(inside systemctl is-enabled edgecam-firstboot.service || true)" = disabled ] || fail "the upgrade has enabled what was disabled"

step "downgrade"
ln -sfn 0.0.1 "$root/opt/edgecam/current"
package -i /first.deb
leads_to /usr/lib/edgecam
grep -q "downgrading" "$work/log" || fail "no downgrade: $(cat "$work/log")"
kept
[ "$(version)" = "$first" ] || fail "$(version) is installed"

step "remove"
package -r edgecam
calm remove
kept
gone /usr/bin/edgecam
gone /opt/edgecam
holds /var/lib/edgecam-update/installed.json '{"rollbackIndex":3}'
gone /usr/lib/systemd/system/edgecam.service
inside id edgecam > /dev/null || fail "the user is gone, whose files are left"

step "install again"
package -i /first.deb
calm "install again"
kept
[ "$(inside systemctl is-enabled edgecam.service)" = enabled ] || fail "edgecam is not enabled"

step "purge"
package -P edgecam
calm purge
for left in /opt/edgecam /var/lib/edgecam-update /var/lib/edgecam /etc/edgecam /usr/share/doc/edgecam /etc/systemd/system/multi-user.target.wants/edgecam.service \
  /etc/systemd/system/multi-user.target.wants/edgecam-firstboot.service \
  /etc/systemd/system/multi-user.target.wants/edgecam-reboot.path /etc/systemd/system/multi-user.target.wants/edgecam-update.path; do gone "$left"; done
! inside dpkg-query -W edgecam > /dev/null 2>&1 || fail "dpkg still knows it"

step "install after the purge"
package -i /next.deb
calm "install after the purge"
inside cmp -s /etc/edgecam/edgecam.json /dev/stdin < deploy/debian/edgecam.json || fail "it has no fresh configuration"
say "$suite: passed"
