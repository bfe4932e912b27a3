# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# machine.sh: sourced by boot.sh. What differs between the processors that QEMU emulates.
# shellcheck disable=SC2034  # for boot.sh, host.sh and initrd.sh

# set_machine ARCH: $qemu (the program and its machine) of Debian's package $qemu_package, $console (the kernel's), $p9 (QEMU's
# device for a shared directory), $bus_modules, $kernel_package (Debian's name without linux-image-), $kernel_image.
set_machine() {
  p9=virtio-9p-pci bus_modules=(virtio_pci) kernel_image=vmlinuz
  case $1 in
    x86_64)
      qemu=(qemu-system-x86_64 -machine q35 -cpu max) qemu_package=qemu-system-x86
      console=ttyS0 kernel_package=amd64 ;;
    aarch64)
      # Not max: its pointer authentication takes most of the time where it is emulated.
      qemu=(qemu-system-aarch64 -machine virt -cpu cortex-a72) qemu_package=qemu-system-arm
      console=ttyAMA0 kernel_package=arm64 ;;
    s390x)
      qemu=(qemu-system-s390x -machine s390-ccw-virtio -cpu max) qemu_package=qemu-system-misc
      console=ttysclp0 kernel_package=s390x p9=virtio-9p-ccw bus_modules=() ;;
    ppc64le)
      # Without the firmware: QEMU starts the kernel itself.
      qemu=(qemu-system-ppc64 -machine "pseries,x-vof=on" -cpu power9) qemu_package=qemu-system-ppc
      console=hvc0 kernel_package=powerpc64le kernel_image=vmlinux ;;
    *) echo "machine.sh: unknown architecture '$1'; known are x86_64, aarch64, s390x and ppc64le" >&2; return 2 ;;
  esac
}
