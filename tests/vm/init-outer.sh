#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# /init of the test VM: the host's root (or that of another architecture, and the shares that it lacks), read-only over 9p,
# below a tmpfs. Then guest-entry.sh is PID 1.
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/mods/$module"; done < /order
# cache=loose: without it every exec goes to the host for each page.
share() { $b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 "$1" "$2"; }
share host /lower
$b mount -t tmpfs tmpfs /rw; $b mkdir /rw/u /rw/w
$b mount -t overlay -o lowerdir=/lower,upperdir=/rw/u,workdir=/rw/w overlay /newroot
# What the host lacks. A user who unpacked the packages owns the files.
$b chown -R 0:0 /packages; $b cp -a /packages/. /newroot/; $b rm -r /packages
while read -r tag directory; do
  $b mkdir -p "/newroot$directory"; share "$tag" "/newroot$directory"
done < /shares
for directory in proc sys dev; do
  $b mkdir -p /newroot/$directory; $b mount --move /$directory /newroot/$directory
done
$b mkdir -p /newroot/prh; $b cp /guest-entry.sh /environment /newroot/prh/
exec $b switch_root /newroot /bin/bash /prh/guest-entry.sh
