#!/bin/bash
# SPDX-License-Identifier: MIT
# boot.sh BUILD SCRIPT [SECONDS]: boots the test VM (QEMU under TCG: works without KVM, hardware or root) on
# the host's own root, read-only, and runs SCRIPT in it. Exit code: SCRIPT's; 1 if the VM ended without
# reporting one; 77 skipped. Everything generated stays below BUILD/vm. The console goes to stdout and to
# BUILD/vm/NAME/console.log. PRH_VM_HELPER=PATH tests another helper than BUILD/bin/qemu-pr-helper.
# PRH_VM_ARCH=ARCH boots another processor (machine.sh); PRH_VM_ROOT=DIR is then its root in place of the host's, and
# APT_CONFIG names the configuration of apt that finds its kernel (script/ports).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "$1"); script=$(realpath "$2"); limit=${3:-300}
. "$here/../support/packages.sh"; . "$here/machine.sh"; set_machine "${PRH_VM_ARCH:-x86_64}"
. "$here/host.sh"; . "$here/initrd.sh"; . "$here/guest_machine.sh"
export PATH=$PATH:/usr/sbin:/sbin
vm_root=${PRH_VM_ROOT:-/}

require "${qemu[0]}" "$qemu_package"; require cpio cpio
require modprobe kmod; require depmod kmod; require xz xz-utils; require zstd zstd
vm_busybox=$vm_root/bin/busybox
if [ "$vm_root" = / ]; then  # what the scripts run is the host's
  require busybox busybox-static; vm_busybox=$(command -v busybox)
  require sg_persist sg3-utils; require dmsetup dmsetup; require udevadm udev
  require systemctl systemd; require cmake cmake; require bpftrace bpftrace
  require_package multipathd multipath-tools "$build"; require_package iscsid open-iscsi "$build"
  require_package apparmor_parser apparmor "$build"
fi

work=$build/vm; mkdir -p "$work"
exec 9> "$work/lock"; flock 9  # two tests of one build directory prepare one after the other
require_kernel "$work/kernel"
make_outer_initrd "$here" "$work"
shares=(host "$vm_root") kernel=$kernel_root/boot/$kernel_image-$kernel_version
if [ "$vm_root" = / ]; then
  make_vmlinux "$work"; kernel=$work/vmlinux
  if grep -q guest_session.sh "$script"; then make_inner_initrd "$here" "$work"; save_guest "$work"; fi  # the guest inside
else
  shares+=(source "$here" build "$build")  # where the host has them
fi

name=$(basename "$script" .sh); run=$work/$name; rm -rf "$run"; mkdir -p "$run/tree"
marker="VM-RESULT-$RANDOM$RANDOM$RANDOM"
printf '%s=%q\n' SOURCE "$here" BUILD "$build" KERNEL_ROOT "$kernel_root" SCRIPT "$script" MARKER "$marker" \
  HELPER "${PRH_VM_HELPER:-$build/bin/qemu-pr-helper}" > "$run/tree/environment"
devices=()
for ((i = 0; i < ${#shares[@]}; i += 2)); do
  [ "$i" = 0 ] || printf '%s %s\n' "${shares[i]}" "${shares[i + 1]}"
  devices+=(-fsdev "local,id=${shares[i]},path=${shares[i + 1]},security_model=none,readonly=on,multidevs=remap"
            -device "$p9,fsdev=${shares[i]},mount_tag=${shares[i]}")
done > "$run/tree/shares"
pack "$run/tree" "$run/environment.cpio"
cat "$work/outer.cpio" "$run/environment.cpio" > "$run/initrd.cpio"  # the kernel unpacks both archives
cpus=$(sed -n 's/^# CPUs: \([0-9]*\)$/\1/p' "$script")
flock -u 9

# Kernel (on x86) and initrd are not compressed: the emulated processor would unpack them for longer than the kernel starts.
# One processor costs half of what two do for the same work. A script that is about what happens at once has a
# line "# CPUs: 2".
# no_timer_check: on a busy host the emulated timer is late, and the kernel would take it for broken.
say "kernel $kernel_version, $name, at most $limit s"
timeout --kill-after=5 "$limit" \
  "${qemu[@]}" -accel tcg,thread=multi -smp "${cpus:-1}" -m 2048 \
  -nodefaults -display none -serial stdio -no-reboot \
  -kernel "$kernel" -initrd "$run/initrd.cpio" \
  -append "console=$console panic=-1 quiet mitigations=off no_timer_check" "${devices[@]}" < /dev/null 9>&- |
  stdbuf -oL tr -d '\r' | tee "$run/console.log" | grep --line-buffered -v "^$marker" || true

result=$(sed -n "s/^$marker \([0-9]*\)\$/\1/p" "$run/console.log")
if [ -z "$result" ]; then say "FAILED: the VM ended (or $limit s passed) before the script did"; exit 1; fi
grep '^FAILED' "$run/console.log" || true  # once more: a report may keep the end alone
say "$name ended with $result"
exit "$result"
