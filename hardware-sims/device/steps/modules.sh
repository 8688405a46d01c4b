# Builds modules that Debian's kernel lacks, for exactly that kernel, with this machine's cross compiler: v4l2loopback, and from the kernel's
# own sources gpio-sim with irq_sim, i2c-stub, vicodec; and our own that unplugs a camera.
set -euo pipefail
guest=$(cd "$(dirname "${BASH_SOURCE[0]}")/../guest" && pwd)
sources=$WORK/kernel-sources work=$WORK/modules
release=$(cat "$WORK/release")
rm -rf "$work"
mkdir -p "$work"/{unpacked,tree/{v4l2loopback,gpio,i2c,vicodec,unplug},built}

for package in "$sources"/*.deb; do dpkg-deb -x "$package" "$work/unpacked"; done
tar -C "$work" -xf "$(ls "$work"/unpacked/usr/src/linux-source-*.tar.xz)" --wildcards \
  '*/drivers/gpio/gpio-sim.c' '*/drivers/gpio/gpiolib.h' '*/kernel/irq/irq_sim.c' '*/drivers/i2c/i2c-stub.c' '*/drivers/media/test-drivers/vicodec/*'
kernel=$(ls -d "$work"/linux-source-*) loopback=$(ls -d "$work"/unpacked/usr/src/v4l2loopback-*)

headers=$work/unpacked/usr/src/linux-headers-$release
sed -i "s#/usr/src/#$work/unpacked/usr/src/#" "$headers/Makefile"
rm -f "$headers/vmlinux" # else type information (BTF) is wanted of tools that are not here

cd "$work/tree"
cp "$loopback"/*.[ch] v4l2loopback/
cp "$kernel"/drivers/gpio/{gpio-sim.c,gpiolib.h} "$kernel/kernel/irq/irq_sim.c" gpio/
cp "$kernel/drivers/i2c/i2c-stub.c" i2c/
cp "$kernel"/drivers/media/test-drivers/vicodec/*.[ch] vicodec/
cp "$guest/unplug/unplug.c" unplug/
# irq_sim is a part of kernels that have it, not a module, and uses a function that modules may not: the same by those they may.
sed -i 's/irq_to_desc(\([a-z_>-]*\))/irq_data_to_desc(irq_get_irq_data(\1))/' gpio/irq_sim.c
printf '\n#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("Simulated interrupts, as a module");\n' >> gpio/irq_sim.c
echo 'obj-m := v4l2loopback/ gpio/ i2c/ vicodec/ unplug/' > Kbuild
echo 'obj-m := v4l2loopback.o' > v4l2loopback/Kbuild
echo 'obj-m := irq_sim.o gpio-sim.o' > gpio/Kbuild
echo 'obj-m := i2c-stub.o' > i2c/Kbuild
echo 'obj-m := unplug.o' > unplug/Kbuild
printf 'vicodec-objs := vicodec-core.o codec-fwht.o codec-v4l2-fwht.o\nobj-m := vicodec.o\n' > vicodec/Kbuild

# The headers' helpers are ARM64 programs: QEMU_LD_PREFIX is where they find their libraries. The kernel was built by a newer compiler that
# aligns functions for ftrace; a module whose entries an older one marked otherwise would be patched in the wrong place, so none are marked.
QEMU_LD_PREFIX=$WORK/root make -s -C "$headers" M="$PWD" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc \
  CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= CC_FLAGS_FTRACE= modules -j"$(nproc)"
for module in v4l2loopback gpio-sim irq_sim i2c-stub vicodec unplug; do
  aarch64-linux-gnu-strip --strip-debug -o "$work/built/$module.ko" "$(find . -name "$module.ko")"
done
