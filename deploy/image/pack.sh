# Partitions and file systems, written straight into a file: no loop device, no mount. Sourced by build.sh, whose variables it uses.
#   1  FAT32  EDGECAM-FW    the Pi's firmware, kernels, UEFI, edgecam-setup.json
#   2  ext4   edgecam-root  the system, read-only
#   3  ext4   edgecam-data  /var; grows to the card's end
# MBR, because Raspberry Pi 3 and Zero 2 W start from nothing else. Its id, 0xed6ec0a3, is how files/ names the partitions.

mebi=1048576
firmware_at=4 firmware_size=384 # MiB: room for two kernels with their initrds (60 MiB each) beside 25 MiB of firmware
data_size=256                   # MiB until the first start

pack_image() {
  local used root_at root_size data_at table
  rm -rf "$work/var" "$work/firmware"
  mv "$root/var" "$work/var"
  mv "$root/boot/firmware" "$work/firmware"
  mkdir -p "$root/var" "$root/boot/firmware"
  used=$(du -sm --apparent-size "$root" | cut -f1)
  # A third more than it holds, so that a next kernel and updates fit.
  root_size=$(((used * 135 / 100 + 256 + 3) / 4 * 4))
  root_at=$((firmware_at + firmware_size))
  data_at=$((root_at + root_size))
  rm -f "$image"
  truncate -s $(((data_at + data_size) * mebi)) "$image"
  table=$(printf 'label: dos\nlabel-id: 0xed6ec0a3\nstart=%sMiB, size=%sMiB, type=c, bootable\nstart=%sMiB, size=%sMiB, type=83\nstart=%sMiB, size=%sMiB, type=83\n' \
    $firmware_at $firmware_size $root_at $root_size $data_at $data_size)
  sfdisk --quiet "$image" <<<"$table"

  # Inside a file the size is given (KiB); it warns that the file goes on after it.
  mkfs.vfat -F 32 -n EDGECAM-FW --offset $((firmware_at * 2048)) "$image" $((firmware_size * 1024)) >"$work/vfat.log" 2>&1 || { cat "$work/vfat.log" >&2; return 1; }
  (cd "$work/firmware" && MTOOLS_SKIP_CHECK=1 mcopy -s -Q -i "$image@@${firmware_at}M" ./* ::/)
  mkfs.ext4 -q -F -b 4096 -L edgecam-root -m 1 -d "$root" -E offset=$((root_at * mebi)),lazy_itable_init=1,lazy_journal_init=1 "$image" ${root_size}M
  # Block and inode sizes of a big file system, though it begins small.
  mkfs.ext4 -q -F -b 4096 -i 16384 -J size=16 -L edgecam-data -m 1 -d "$work/var" -E offset=$((data_at * mebi)),lazy_itable_init=1 "$image" ${data_size}M
}

check_image() {
  local part
  MTOOLS_SKIP_CHECK=1 mdir -b -i "$image@@${firmware_at}M" ::/EFI/BOOT/BOOTAA64.EFI >/dev/null
  while read -r part; do
    e2fsck -fn "$image?offset=$part" >"$work/fsck" 2>&1 || { cat "$work/fsck" >&2; say "the file system at byte $part is not in order"; return 1; }
  done < <(sfdisk --dump "$image" | sed -n 's/.*start= *\([0-9]*\),.*type=83.*/\1/p' | while read -r sector; do echo $((sector * 512)); done)
}

compress_image() {
  rm -f "$out.new"
  case $out in
    *.xz) xz --threads=0 -6 --stdout "$image" >"$out.new" ;;
    *.zst) zstd --quiet -T0 -12 --stdout "$image" >"$out.new" ;;
    *) cp --sparse=always "$image" "$out.new" ;;
  esac
  mv "$out.new" "$out"
  (cd "$(dirname "$out")" && sha256sum "$(basename "$out")" >"$(basename "$out").sha256")
}
