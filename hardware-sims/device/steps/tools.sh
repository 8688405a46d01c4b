# What the build itself runs on, on this machine: sourced by build.sh.
need 'command -v qemu-system-aarch64 && command -v qemu-img' qemu-system-arm qemu-utils
need 'test -x /usr/bin/qemu-aarch64-static' qemu-user-static
need 'command -v aarch64-linux-gnu-gcc && test -e /usr/aarch64-linux-gnu/lib/libc.so.6' gcc-aarch64-linux-gnu libc6-dev-arm64-cross
need 'command -v make && command -v bc && command -v flex && command -v bison' make bc flex bison
need 'command -v depmod && command -v cpio && command -v xz' kmod cpio xz-utils
need 'command -v mkfs.ext4 && command -v ssh && command -v socat' e2fsprogs openssh-client socat

# Programs of ARM64 run by qemu-user, also inside another root folder: "F" in the registration opens the interpreter at once.
binfmt=/proc/sys/fs/binfmt_misc
if [ ! -e $binfmt/register ]; then
  mount -t binfmt_misc binfmt_misc $binfmt || { say "binfmt_misc cannot be mounted here: run the build where that is allowed (a privileged container)."; exit 1; }
fi
[ -e $binfmt/qemu-aarch64 ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf > $binfmt/register
