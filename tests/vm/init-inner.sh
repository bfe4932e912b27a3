#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# /init of the guest inside the test VM: a shell on the serial console. It runs each line it is sent and answers with
# a line "DONE <exit code>"; guest.sh on the other side takes the steps.
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
$b --install -s /bin; export PATH=/bin
dmesg -n 1
while read -r module; do insmod "/mods/$module"; done < /order
for _ in $(seq 100); do [ -b /dev/sda ] && break; sleep 0.2; done
stty -F /dev/ttyS0 raw -echo
exec < /dev/ttyS0 > /dev/ttyS0 2>&1
echo READY
while read -r line; do
  sh -c "$line"
  echo "DONE $?"
done
poweroff -f
