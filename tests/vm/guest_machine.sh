# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# guest_machine.sh: sourced by initrd.sh and guest_session.sh. The machine of the guest inside the test VM, and QEMU's monitor. It is
# started and saved outside, in seconds, and goes on inside: an emulated CPU on an emulated CPU is some fifty times slower
# than one alone, and starting was most of what the guest did.
# shellcheck disable=SC2034  # for both

# No ACPI, no rare instructions that are patched in, and a kernel that is already unpacked. Whoever starts the machine and whoever goes
# on with it name the same devices; disks come later, as when they are added to a machine that runs.
guest_machine=(qemu-system-x86_64 -machine pc -accel tcg -cpu qemu64 -m 256 -nodefaults -display none -no-reboot -serial stdio
               -device virtio-scsi-pci)
guest_kernel_options="console=ttyS0 panic=-1 quiet mitigations=off no_timer_check nokaslr acpi=off audit=0 lsm= cryptomgr.notests"

# open_monitor DIR: $monitor is then QEMU's option, and qmp() talks to it.
open_monitor() {
  rm -f "$1/monitor.in" "$1/monitor.out"; mkfifo "$1/monitor.in" "$1/monitor.out"
  monitor=(-chardev "pipe,id=monitor,path=$1/monitor" -mon "chardev=monitor,mode=control")
  exec {monitor_in}<> "$1/monitor.in" {monitor_out}<> "$1/monitor.out"
}

qmp() {  # qmp COMMAND WORD [ARGUMENTS]: returns when QEMU has said a line with WORD, which is then $qmp_said
  local line=''
  printf '{"execute": "%s", "arguments": {%s}}\n' "$1" "${3:-}" >&"$monitor_in"
  while IFS= read -r -t 300 line <&"$monitor_out"; do
    case $line in
      *'"error"'*) break ;;
      *"$2"*) qmp_said=$line; return ;;
    esac
  done
  echo "QEMU's monitor after $1 ${3:-}: ${line:-nothing}" >&2
  return 1
}
