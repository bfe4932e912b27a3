# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# guest-entry.sh: PID 1 of the test VM. Runs the guest's script as a child, so that whatever becomes of it, the marker line
# with its exit code is written. /prh/environment (of boot.sh) says: SOURCE BUILD KERNEL_ROOT KERNEL_VERSION SCRIPT MARKER.
set -a; . /prh/environment; set +a
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb

finish() {
  dmesg -n 1  # no line of the kernel may cut through the marker
  sync; printf '\n%s %d\n' "$MARKER" "$1"; sleep 0.3
  echo 1 > /proc/sys/kernel/sysrq; echo o > /proc/sysrq-trigger; sleep 30
}

# Sockets and pid files of the host are visible below /run until this; a repository that lives there stays visible.
case $SOURCE/$BUILD in
  /run/*|*//run/*) ;;
  *) mount -t tmpfs tmpfs /run ;;
esac
mkdir -p /run/lock /run/udev /dev/pts /dev/shm
mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /dev/shm
if [ -n "$KERNEL_ROOT" ]; then
  mkdir -p /lib/modules; mount --bind "$KERNEL_ROOT/lib/modules" /lib/modules
fi
if [ ! -r "$SCRIPT" ]; then echo "the test VM cannot see $SCRIPT (below /dev, /proc or /sys?)"; finish 1; fi

cd "$(dirname "$SCRIPT")" || finish 1
bash "$SCRIPT" < /dev/null 2>&1
finish $?
