# The root file system: unpacked natively, configured by emulation. Sourced by build.sh, whose variables it uses.

# Sets debs (paths) and kernel_version.
fetch_packages() {
  local apt=$work/apt store=$cache/apt-arm64-$suite components='main non-free-firmware'
  mkdir -p "$apt" "$store"/{lists/partial,archives/partial}
  : >"$apt/status"
  cat >"$apt/sources.list" <<E
deb $mirror $suite $components
deb $mirror $suite-updates $components
deb ${mirror%/}-security $suite-security $components
E
  cat >"$apt/conf" <<E
APT::Architecture "arm64"; APT::Architectures { "arm64"; };
Dir::State "$apt"; Dir::State::status "$apt/status"; Dir::State::lists "$store/lists"; Dir::Cache "$apt"; Dir::Cache::archives "$store/archives";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null"; Dir::Etc::trustedparts "/usr/share/keyrings";
APT::Install-Recommends "false"; Acquire::Languages "none"; APT::Sandbox::User "root"; Acquire::Retries "3";
E
  (
    exec 9>"$store/lock" # another build may fill the same cache
    flock 9
    APT_CONFIG=$apt/conf apt-get -qq update
    APT_CONFIG=$apt/conf apt-get -qq -y --download-only install '?essential' "${packages[@]}" "${extra[@]}" "$deb"
  )
  APT_CONFIG=$apt/conf apt-get -s install '?essential' "${packages[@]}" "${extra[@]}" "$deb" >"$work/plan"
  local name version arch
  debs=("$deb")
  while read -r name version arch; do
    [ "$name" != edgecam ] || continue
    debs+=("$store/archives/${name}_${version//:/%3a}_$arch.deb")
  done < <(sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\([a-z0-9]*\)\]).*/\1 \2 \3/p' "$work/plan")
  local file
  for file in "${debs[@]}"; do [ -f "$file" ] || { say "$file was not downloaded"; return 1; }; done
}

release_root() {
  local where
  for where in proc dev/pts dev; do
    if mountpoint -q "$1/$where"; then umount "$1/$where" || umount -l "$1/$where"; fi
  done
}

in_root() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

unpack_packages() {
  release_root "$root"
  rm -rf --one-file-system "$root"
  mkdir -p "$root"/usr/{bin,lib,sbin} "$root"/var/lib/dpkg/{info,updates,triggers} "$root/boot/firmware"
  local link file
  for link in bin lib sbin; do ln -s "usr/$link" "$root/$link"; done
  # A C library and a shell have to lie there before the first package's script runs; so all essential packages are laid out raw.
  local essential
  essential=$(for file in "${debs[@]}"; do
    case ${file##*/} in libc6_* | dash_* | bash_* | coreutils_* | base-files_* | base-passwd_* | debianutils_* | sed_* | grep_* | dpkg_* | tar_* | \
      perl-base_* | mawk_* | findutils_* | diffutils_* | util-linux_* | libselinux1_* | libpcre2-8-0_* | libacl1_* | libattr1_* | libgmp10_* | \
      libssl3t64_* | libcrypt1_* | libtinfo6_* | libdebconfclient0_* | libbz2-1.0_* | liblzma5_* | libzstd1_* | zlib1g_* | libmd0_* | libsystemd0_* | \
      libcap2_* | libblkid1_* | libmount1_* | libsmartcols1_* | libuuid1_* | libgcc-s1_* | gcc-14-base_* | debconf_* | init-system-helpers_*) printf '%s\n' "$file" ;; esac
  done)
  while read -r file; do dpkg-deb --fsys-tarfile "$file" | tar -C "$root" -x --keep-directory-symlink --exclude='./usr/share/*/man' --exclude=./usr/share/doc --exclude=./usr/share/locale; done <<<"$essential"
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  : >"$root/var/lib/dpkg/status"
  : >"$root/var/lib/dpkg/available"
  echo arm64 >"$root/var/lib/dpkg/arch"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  # Ours before the scripts run: they make the initrd, the firmware's files and the entry for UEFI.
  cp -r "$here/files/." "$root/"
  chown -R 0:0 "$root/etc" "$root/usr/lib/edgecam-image"
  echo update_initramfs=no >"$work/no-initramfs" # once is enough: the kernel's own script makes it
  install -D -m 644 "$work/no-initramfs" "$root/etc/initramfs-tools/update-initramfs.conf"
  mount --bind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  local excludes
  mapfile -t excludes < <(sed -n 's/^path-/--path-/p' "$here/files/etc/dpkg/dpkg.cfg.d/edgecam-image")
  dpkg --root="$root" --force-architecture --force-depends --force-unsafe-io --force-confold --no-triggers "${excludes[@]}" --unpack "${debs[@]}" >"$work/unpack.log" 2>&1 \
    || { tail -n 20 "$work/unpack.log" >&2; say "dpkg could not unpack; the whole log: $work/unpack.log (with --keep)"; return 1; }
}

configure_packages() {
  # Making the bundle of certificates takes minutes by emulation and a second here (settle_root).
  mv "$root/usr/sbin/update-ca-certificates" "$root/usr/sbin/update-ca-certificates.real"
  ln -s /bin/true "$root/usr/sbin/update-ca-certificates"
  in_root sh -c 'dpkg --configure --force-depends --force-confold base-passwd base-files && dpkg --configure -a --force-depends --force-confold --force-unsafe-io' >"$work/configure.log" 2>&1 \
    || { tail -n 30 "$work/configure.log" >&2; say "dpkg could not configure; the whole log: $work/configure.log (with --keep)"; return 1; }
  mv "$root/usr/sbin/update-ca-certificates.real" "$root/usr/sbin/update-ca-certificates"
  rm "$root/usr/sbin/policy-rc.d"
  echo update_initramfs=yes >"$root/etc/initramfs-tools/update-initramfs.conf"
  release_root "$root"
}

settle_root() {
  local certificates=$root/etc/ssl/certs file unit
  # As update-ca-certificates does, natively.
  (cd "$root/usr/share/ca-certificates" && find . -name '*.crt' | sed 's#^\./##' | sort) >"$work/certificates"
  while read -r file; do cp "$root/usr/share/ca-certificates/$file" "$certificates/$(basename "$file" .crt).pem"; done <"$work/certificates"
  openssl rehash "$certificates"
  while read -r file; do
    ln -sf "/usr/share/ca-certificates/$file" "$certificates/$(basename "$file" .crt).pem"
    cat "$root/usr/share/ca-certificates/$file"
  done <"$work/certificates" >"$work/ca-certificates.crt"
  cp "$work/ca-certificates.crt" "$certificates/ca-certificates.crt"

  cat >"$root/etc/apt/sources.list.d/debian.sources" <<E
Types: deb
URIs: http://deb.debian.org/debian
Suites: $suite $suite-updates
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: $suite-security
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
E
  cp "$here/edgecam.json" "$root/etc/edgecam/edgecam.json"
  cp "$here/edgecam-setup.json.example" "$here/boot-README.txt" "$root/boot/firmware/"
  mv "$root/boot/firmware/boot-README.txt" "$root/boot/firmware/README.txt"
  mkdir -p "$root/boot/firmware/EFI/BOOT" "$root/boot/firmware/loader"
  cp "$root/usr/lib/systemd/boot/efi/systemd-bootaa64.efi" "$root/boot/firmware/EFI/BOOT/BOOTAA64.EFI"
  printf 'default edgecam.conf\ntimeout 0\neditor no\n' >"$root/boot/firmware/loader/loader.conf"

  # Nobody logs in with a password, at a console or over the network.
  sed -i 's/^root:[^:]*:/root:!*:/' "$root/etc/shadow"
  # Made by each card for itself. Empty, not missing: systemd then makes one without taking it for a factory reset.
  : >"$root/etc/machine-id"
  rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/systemd/random-seed" "$root/var/lib/dbus/machine-id" "$root/etc/resolv.conf"
  mkdir -p "$root/var/lib/dbus"
  ln -s /etc/machine-id "$root/var/lib/dbus/machine-id"
  ln -s /run/NetworkManager/resolv.conf "$root/etc/resolv.conf"
  echo edgecam >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 edgecam\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
  cp "$here/issue" "$root/etc/issue"
  : >"$root/etc/motd"

  in_root systemctl --quiet enable edgecam-grow.service edgecam-identity.service edgecam-greeting.timer NetworkManager.service avahi-daemon.service systemd-timesyncd.service 2>"$work/enable.log" \
    || { cat "$work/enable.log" >&2; return 1; }
  in_root systemctl --quiet disable ssh.service ssh.socket >/dev/null 2>&1 || true
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service systemd-hwdb-update.service sshd-keygen.service \
    systemd-machine-id-commit.service systemd-firstboot.service systemd-journal-catalog-update.service ldconfig.service; do
    ln -sfn /dev/null "$root/etc/systemd/system/$unit"
  done
  # /etc cannot be brought up to date at a start: it is as new as the image.
  touch -d '2040-01-01' "$root/etc/.updated" "$root/var/.updated"

  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old "$root"/tmp/* "$root"/root/.bash_history
  mkdir -p "$root/var/log/journal" "$root/var/lib/apt/lists/partial" "$root/var/cache/apt/archives/partial"
  # Versions that come by updates lie where the system may write: /etc/fstab binds it.
  mkdir -p "$root/var/opt"
  mv "$root/opt/edgecam" "$root/var/opt/edgecam"
  mkdir "$root/opt/edgecam"
  rm -rf "$root"/usr/share/{doc-base,info,man}/* "$root"/etc/initramfs-tools/update-initramfs.conf.dpkg-*
}

check_root() {
  local problems=0 file count
  fail() { say "  $*"; problems=$((problems + 1)); }
  in_root dpkg --audit >"$work/audit" 2>&1
  [ ! -s "$work/audit" ] || { cat "$work/audit" >&2; fail "dpkg is not content with the packages above"; }
  for file in usr/bin/edgecam usr/lib/edgecam/edgecam usr/lib/systemd/system/edgecam.service etc/edgecam/edgecam.json boot/firmware/bootcode.bin boot/firmware/start4.elf boot/firmware/config.txt \
    boot/firmware/cmdline.txt boot/firmware/bcm2837-rpi-3-b.dtb boot/firmware/bcm2837-rpi-zero-2-w.dtb boot/firmware/bcm2711-rpi-4-b.dtb \
    boot/firmware/loader/entries/edgecam.conf boot/firmware/EFI/BOOT/BOOTAA64.EFI usr/lib/firmware/brcm/brcmfmac43455-sdio.bin; do
    [ -s "$root/$file" ] || fail "/$file is missing"
  done
  [ "$(readlink "$root/var/opt/edgecam/current")" = /usr/lib/edgecam ] || fail "/var/opt/edgecam/current does not lead to the packaged program"
  count=$(find "$root/boot/firmware" -name 'vmlinuz-*' | wc -l)
  [ "$count" = 1 ] || fail "there are $count kernels on the boot partition, not one"
  grep -q 'root=PARTUUID=ed6ec0a3-02 .* ro ' "$root/boot/firmware/cmdline.txt" || fail "cmdline.txt does not name the root file system: $(cat "$root/boot/firmware/cmdline.txt")"
  if grep -E '^[^:]+:[^!*:]' "$root/etc/shadow" >&2; then fail "an account has a password"; fi
  if grep -E '^[^:]+::' "$root/etc/shadow" >&2; then fail "an account is open without a password"; fi
  if ls "$root"/etc/ssh/ssh_host_* >/dev/null 2>&1; then fail "host keys are in the image: every card would have the same"; fi
  if [ -e "$root/etc/systemd/system/multi-user.target.wants/ssh.service" ]; then fail "SSH is on"; fi
  [ ! -s "$root/etc/machine-id" ] || fail "a machine id is in the image: every card would have the same"
  in_root /usr/bin/edgecam check --config /etc/edgecam/edgecam.json >"$work/check" 2>&1 || { cat "$work/check" >&2; fail "edgecam does not take /etc/edgecam/edgecam.json"; }
  [ "$problems" = 0 ] || { say "The tree is not in order: $problems mistakes"; return 1; }
}
