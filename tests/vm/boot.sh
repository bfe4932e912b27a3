#!/bin/bash
# SPDX-License-Identifier: MIT
# boot.sh BUILD SCRIPT [SECONDS]: boots the test VM (QEMU under TCG: works without KVM, hardware or root) on
# the host's own root, read-only, and runs SCRIPT in it. Exit code: SCRIPT's; 1 if the VM ended without
# reporting one; 77 skipped. Everything generated stays below BUILD/vm. The console goes to stdout and to
# BUILD/vm/NAME/console.log. PRH_VM_HELPER=PATH tests another helper than BUILD/bin/qemu-pr-helper.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "$1"); script=$(realpath "$2"); limit=${3:-300}
. "$here/host.sh"; . "$here/initrd.sh"
export PATH=$PATH:/usr/sbin:/sbin

require qemu-system-x86_64 qemu-system-x86; require busybox busybox-static; require cpio cpio
require modprobe kmod; require depmod kmod; require xz xz-utils
require sg_persist sg3-utils; require dmsetup dmsetup; require iscsid open-iscsi
require multipathd multipath-tools; require udevadm udev
require systemctl systemd; require apparmor_parser apparmor; require cmake cmake
require bpftrace bpftrace

work=$build/vm; mkdir -p "$work"
exec 9> "$work/lock"; flock 9  # two tests of one build directory prepare one after the other
require_kernel "$work/kernel"
make_outer_initrd "$here" "$work"; make_inner_initrd "$here" "$work"; make_vmlinux "$work"

name=$(basename "$script" .sh); run=$work/$name; rm -rf "$run"; mkdir -p "$run/tree"
marker="VM-RESULT-$RANDOM$RANDOM$RANDOM"
printf '%s=%q\n' SOURCE "$here" BUILD "$build" KERNEL_ROOT "$kernel_root" SCRIPT "$script" MARKER "$marker" \
  HELPER "${PRH_VM_HELPER:-$build/bin/qemu-pr-helper}" > "$run/tree/environment"
pack "$run/tree" "$run/environment.gz"
cat "$work/outer.gz" "$run/environment.gz" > "$run/initrd.gz"  # the kernel unpacks both archives
flock -u 9

say "kernel $kernel_version, $name, at most $limit s"
timeout --kill-after=5 "$limit" \
  qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
  -nodefaults -display none -serial stdio -no-reboot \
  -kernel "$kernel_root/boot/vmlinuz-$kernel_version" -initrd "$run/initrd.gz" \
  -append "console=ttyS0 panic=-1 quiet mitigations=off" \
  -fsdev "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap" \
  -device virtio-9p-pci,fsdev=host,mount_tag=host < /dev/null 9>&- |
  stdbuf -oL tr -d '\r' | tee "$run/console.log" | grep --line-buffered -v "^$marker" || true

result=$(sed -n "s/^$marker \([0-9]*\)\$/\1/p" "$run/console.log")
if [ -z "$result" ]; then say "FAILED: the VM ended (or $limit s passed) before the script did"; exit 1; fi
grep '^FAILED' "$run/console.log" || true  # once more: a report may keep the end alone
say "$name ended with $result"
exit "$result"
