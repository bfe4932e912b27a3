#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# /init of the guest inside the test VM: a shell on the serial console. It runs each line it is sent and
# answers with a line "DONE <exit code>"; guest.sh on the other side takes the steps. The disks are
# /dev/disk0, /dev/disk1 and /dev/generic0, /dev/generic1 by their SCSI target number: the kernel probes them
# in parallel, and sda may be either.
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
$b --install -s /bin; export PATH=/bin
dmesg -n 1
# Not every CPU has all that a module may use.
while read -r module; do insmod "/mods/$module" 2> /dev/null; done < /order
await_disks() {
  for _ in $(seq 300); do
    for directory in /sys/class/scsi_device/*; do
      number=$(echo "$directory" | cut -d: -f3)
      for kind in block/sd:disk scsi_generic/sg:generic; do
        for node in "$directory"/device/"${kind%:*}"*; do
          [ -e "$node" ] && ln -sf "${node##*/}" "/dev/${kind#*:}$number"
        done
      done
    done
    [ -b /dev/disk0 ] && [ -b /dev/disk1 ] && [ -c /dev/generic1 ] && return
    sleep 0.2
  done
  return 1
}
stty -F /dev/ttyS0 raw -echo
exec < /dev/ttyS0 > /dev/ttyS0 2>&1
echo READY
while read -r line; do
  (eval "$line")
  echo "DONE $?"
done
poweroff -f
