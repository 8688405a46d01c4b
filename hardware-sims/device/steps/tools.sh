# What the build itself runs on, on this machine: sourced by build.sh.
need 'command -v qemu-system-aarch64 && command -v qemu-img' qemu-system-arm qemu-utils
need 'command -v aarch64-linux-gnu-gcc && test -e /usr/aarch64-linux-gnu/lib/libc.so.6' gcc-aarch64-linux-gnu libc6-dev-arm64-cross
need 'command -v make && command -v bc && command -v flex && command -v bison' make bc flex bison
need 'command -v depmod && command -v cpio && command -v xz' kmod cpio xz-utils
need 'command -v mkfs.ext4 && command -v ssh && command -v socat' e2fsprogs openssh-client socat

emulate_arm64
