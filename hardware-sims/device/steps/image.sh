# Adds the guest's own files and the kernel's modules to the root folder, and makes of it what QEMU boots: kernel, initrd, disk. All native.
set -euo pipefail
guest=$(dirname "${BASH_SOURCE[0]}")/../guest root=$WORK/root
release=$(cat "$WORK/release")

# The guest's own files, with modes of our choice whatever the working copy's are.
(cd "$guest/files" && find . -type f -print0) | while IFS= read -r -d '' file; do
  mode=644
  [ ! -x "$guest/files/$file" ] || mode=755
  install -D -m "$mode" "$guest/files/$file" "$root/$file"
done
echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf" # QEMU's own
echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"
mkdir -p "$root/var/lib/dbus" "$root/var/log/journal" "$root/boot/firmware"
ln -sf /etc/machine-id "$root/var/lib/dbus/machine-id"
cp "$WORK/apt/guest/sources" "$root/etc/apt/sources.list"
sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"

rm -f "$WORK"/key "$WORK"/key.pub
ssh-keygen -q -t ed25519 -N '' -C edgecam-guest -f "$WORK/key"
install -d -m 700 "$root/root/.ssh"
install -m 600 "$WORK/key.pub" "$root/root/.ssh/authorized_keys"

units=$root/etc/systemd/system
mkdir -p "$units"/{multi-user,sysinit}.target.wants
ln -sf /usr/lib/systemd/system/systemd-networkd.service "$units/multi-user.target.wants/"
ln -sf ../simulated-hardware.service "$units/sysinit.target.wants/"
for unit in $(grep -v '^#' "$guest/masked-units"); do ln -sf /dev/null "$units/$unit"; done
touch -d 2030-01-01 "$root/etc/.updated" "$root/var/.updated" # nothing to be done anew at the first boot (ConditionNeedsUpdate=)

# Modules: those on the list with all they depend on, unpacked here because unpacking is slow when emulated.
rm -rf "$WORK/kernel/unpacked"
dpkg-deb -x "$WORK"/kernel/linux-image-*.deb "$WORK/kernel/unpacked"
[ -e "$WORK/kernel/unpacked/lib" ] || ln -s usr/lib "$WORK/kernel/unpacked/lib"
depmod -b "$WORK/kernel/unpacked" "$release"
all=$WORK/kernel/unpacked/lib/modules/$release own=$root/usr/lib/modules/$release
rm -rf "$root/usr/lib/modules"
mkdir -p "$own/updates"
for module in $(grep -v '^#' "$guest/modules"); do
  modprobe -d "$WORK/kernel/unpacked" -S "$release" --show-depends "$module" 2> /dev/null || echo "this kernel has no module $module" >&2
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | sed "s#.*/modules/$release/##" > "$WORK/kernel/kept"
(cd "$all" && cp --parents $(cat "$WORK/kernel/kept") modules.builtin modules.builtin.modinfo modules.order "$own/")
find "$own" -name '*.ko.xz' -print0 | xargs -0 -r -n 32 -P "$(nproc)" xz -d
cp "$WORK"/modules/built/*.ko "$own/updates/"
depmod -b "$root" "$release"

initrd=$WORK/initrd.d
rm -rf "$initrd"
mkdir -p "$initrd"/{bin,dev,root,modules}
dpkg-deb --fsys-tarfile "$WORK"/kernel/busybox-static_*.deb | tar -xO --wildcards './*bin/busybox' > "$initrd/bin/busybox"
install -m 755 "$guest/init" "$initrd/init"
chmod 755 "$initrd/bin/busybox"
number=10
for module in $(for name in virtio_pci virtio_blk crc32c_generic ext4; do
    modprobe -d "$root" -S "$release" --show-depends "$name" 2> /dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | awk '!seen[$0]++'); do
  cp "$module" "$initrd/modules/$number-$(basename "$module")"
  number=$((number + 1))
done
(cd "$initrd" && find . | cpio --quiet -o -H newc) > "$WORK/initrd"

vmlinuz=$WORK/kernel/unpacked/boot/vmlinuz-$release
gzip -dc < "$vmlinuz" > "$WORK/kernel.image" 2> /dev/null || cp "$vmlinuz" "$WORK/kernel.image"

raw=$WORK/disk.raw
rm -f "$raw"
mkfs.ext4 -q -F -L root -m 0 -d "$root" "$raw" 2G
qemu-img convert -O qcow2 "$raw" "$WORK/base.qcow2"
rm "$raw"
