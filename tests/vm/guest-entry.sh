# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# guest-entry.sh: PID 1 of the test VM. Runs the guest's script as a child, so that whatever becomes of it,
# the marker line with its exit code is written. /prh/environment comes from boot.sh: SOURCE (this directory),
# BUILD, KERNEL_ROOT, HELPER, SCRIPT, MARKER.
# shellcheck disable=SC1091
set -a; . /prh/environment; set +a
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb

finish() {
  [ "$1" = 0 ] || { echo "the kernel's last words:"; dmesg | tail -n 20; }
  sync; printf '\n%s %d\n' "$MARKER" "$1"; sleep 0.3
  echo 1 > /proc/sys/kernel/sysrq; echo o > /proc/sysrq-trigger
  while :; do :; done  # the root file system goes first: sleep(1) could not even be loaded
}

dmesg -n 1  # LIO comments on every conflict, and no line of the kernel may cut through the marker
# Sockets and pid files of the host are visible below /run until this. A repository that lives there stays.
case $SOURCE//$BUILD/ in
  /run/* | *//run/*) ;;
  *) mount -t tmpfs tmpfs /run ;;
esac
ln -s /proc/self/fd /dev/fd; ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr
mkdir -p /run/lock /run/udev /dev/pts /dev/shm
mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /dev/shm
if [ -n "$KERNEL_ROOT" ]; then
  mkdir -p /lib/modules; mount --bind "$KERNEL_ROOT/lib/modules" /lib/modules
fi
if [ ! -r "$SCRIPT" ]; then echo "the test VM cannot see $SCRIPT (below /dev, /proc or /sys?)"; finish 1; fi

cd "$(dirname "$SCRIPT")" || finish 1
bash "$SCRIPT" < /dev/null 2>&1
finish $?
