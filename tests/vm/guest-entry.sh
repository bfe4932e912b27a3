# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# guest-entry.sh: PID 1 of the test VM. Runs the guest's script as a child, so that whatever becomes of it,
# the marker line with its exit code is written. A script with the line "# PID 1: systemd" is run under a whole
# system instead: systemd is PID 1, and this is the service that runs the script. /prh/environment comes from
# boot.sh: SOURCE (this directory), BUILD, KERNEL_ROOT, HELPER, SCRIPT, MARKER.
# shellcheck disable=SC1091
set -a; . /prh/environment; set +a
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb

finish() {
  [ "$1" = 0 ] || { echo "the kernel's last words:"; dmesg | tail -n 20; }
  sync; printf '\n%s %d\n' "$MARKER" "$1"; sleep 0.3
  echo 1 > /proc/sys/kernel/sysrq; echo o > /proc/sysrq-trigger
  while :; do :; done  # the root file system goes first: sleep(1) could not even be loaded
}

prepare() {
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
}

become_systemd() {
  rm -f /.dockerenv /run/.containerenv  # it would take the host's container for its own
  [ -s /etc/machine-id ] || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id  # or it presets all units
  rm -rf /etc/systemd/system/*.wants    # what else the host starts
  mkdir -p /run/systemd/system
  ln -s /dev/null /run/systemd/system/systemd-tmpfiles-setup.service  # it empties /tmp, where a repository may live
  printf '%s\n' '[Unit]' 'Requires=basic.target' 'After=basic.target' '[Service]' 'Type=oneshot' \
    'ExecStart=/bin/bash /prh/guest-entry.sh' 'StandardOutput=tty' 'StandardError=tty' 'TTYPath=/dev/ttyS0' \
    > /run/systemd/system/vm-script.service
  exec /lib/systemd/systemd --unit=vm-script.service --show-status=no --log-target=kmsg
}

if [ $$ = 1 ]; then
  prepare
  if grep -q '^# PID 1: systemd$' "$SCRIPT"; then become_systemd; fi
fi
cd "$(dirname "$SCRIPT")" || finish 1
bash "$SCRIPT" < /dev/null 2>&1
finish $?
