# Makes the guest's root folder. Downloading and unpacking are native; only the packages' own configuration runs emulated.
set -euo pipefail
root=$WORK/root archives=$WORK/apt/guest/cache/archives
leave() { umount -q "$root/dev" "$root/proc" || true; }
leave
rm -rf --one-file-system "$root"
trap leave EXIT
exclude=(--path-exclude=/usr/share/man/* --path-exclude=/usr/share/locale/* --path-exclude=/usr/share/info/* --path-exclude=/usr/lib/udev/hwdb.d/*)

# First everything as plain files: the packages' preinst scripts want a shell and a C library.
mkdir -p "$root"/usr/{bin,lib,sbin} "$root"/{dev,proc}
for folder in bin lib sbin; do ln -s "usr/$folder" "$root/$folder"; done
for package in "$archives"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -C "$root" -x --keep-directory-symlink --exclude=./usr/share/{doc,man,locale,info}
done

mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
: > "$root/var/lib/dpkg/status"
: > "$root/var/lib/dpkg/available"
echo arm64 > "$root/var/lib/dpkg/arch"
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d" # no service starts while this machine configures it
chmod 755 "$root/usr/sbin/policy-rc.d"

mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
dpkg --root="$root" --force-architecture --force-depends --force-unsafe-io --no-triggers "${exclude[@]}" --path-exclude='/usr/share/doc/*' --unpack "$archives"/*.deb

# Two things take minutes when emulated: the hardware database, which is left out, and hashing the certificates, which is done below.
rm -rf "$root"/usr/lib/udev/hwdb.d/*
mv "$root/usr/sbin/update-ca-certificates" "$root/usr/sbin/update-ca-certificates.kept"
printf '#!/bin/sh\nexit 0\n' > "$root/usr/sbin/update-ca-certificates"
chmod 755 "$root/usr/sbin/update-ca-certificates"
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  sh -c 'dpkg --configure --force-depends --force-unsafe-io base-passwd base-files && dpkg --configure -a --force-depends --force-unsafe-io'
mv "$root/usr/sbin/update-ca-certificates.kept" "$root/usr/sbin/update-ca-certificates"
rm "$root/usr/sbin/policy-rc.d"
(cd "$root/usr/share/ca-certificates" && find . -name '*.crt' | LC_ALL=C sort | xargs cat) > "$root/etc/ssl/certs/ca-certificates.crt"
(cd "$root/usr/share/ca-certificates" && find . -name '*.crt' -printf '%P\n' | LC_ALL=C sort) > "$root/etc/ca-certificates.conf"

chroot "$root" dpkg --audit
