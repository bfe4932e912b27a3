#!/bin/bash
# SPDX-License-Identifier: MIT
# nodes.sh: runs in the test VM. Which device nodes the helper serves and which it refuses, with the kernel's
# own partitions, device-mapper maps, /dev/sgN and a path that goes offline; and what the helper may do at
# all. A refusal means 02 + 05/20/00 and that no command reached a disk.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/checks.sh"

lio_start; add_store 0; add_store 1; add_port 1 0; add_port 2 0; add_port 3 1
path1=$(device_of 1); path2=$(device_of 2); another=$(device_of 3)
sectors=$(cat "/sys/block/${path1##*/}/size")
start_helper $socket

commands_sent() {  # to all the disks, ever
  local path
  for path in "$path1" "$path2" "$another"; do
    cat "/sys/block/${path##*/}/device/iorequest_cnt"
  done | paste -sd' '
}

is_refused() {  # is_refused TITLE NODE MODE COMMAND
  local before; before=$(commands_sent)
  check "$1, $4 ($3)" "$refused" "$(probe "$2" "$3" "$4")"
  check "    and no command reached a disk" "$before" "$(commands_sent)"
}

is_no_device() {  # is_no_device TITLE NODE: for who can find the node and not open it
  local before command; before=$(commands_sent)
  for command in in register cleanup; do
    check "$1, $command (O_PATH)" "$no_device" \
      "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$BUILD/bin/tests/pr_probe" $socket "$2" path $command)"
  done
  check "    and no command reached a disk" "$before" "$(commands_sent)"
}

is_served() {  # is_served TITLE NODE
  check "$1, PR IN" $good "$(probe "$2" rw in)"
  check "$1, PR OUT" $good "$(probe "$2" rw register)"
  check "    and the disk knows the key" 1 "$(sg_persist -n --in --read-keys "$path1" | grep -c 0x1111)"
  sg_persist -n --out --clear --param-rk=0x1111 "$path1"
}

is_conflict() {  # is_conflict TITLE NODE: every change, with the key that anybody can read
  check "$1" "$(printf '18\n%.0s' {1..7})" \
    "$(probe "$2" rw ignore,reserve,release,clear,preempt,preempt-abort,cleanup 1111 1111)"
}

map() {  # map NAME [OPTION...] < TABLE
  dmsetup create "$1" --noudevsync "${@:2}" > /dev/null; dmsetup mknodes
}

whole_title="dm-linear over the whole logical unit"
sg=/dev/$(basename "/sys/block/${path1##*/}/device/scsi_generic"/*)
modprobe dm_mod; modprobe dm_multipath; modprobe dm_service_time
addpart "$path1" 1 2048 32768
half=$((sectors / 2))
map part <<< "0 $half linear $path1 0"
map tail <<< "0 $((sectors - 8)) linear $path1 8"
printf '0 %s linear %s 0\n%s %s linear %s 0\n' "$half" "$path1" "$half" "$half" "$another" | map pair
map whole <<< "0 $sectors linear $path1 0"
map nested <<< "0 $sectors linear /dev/mapper/whole 0"
map nested_part <<< "0 $half linear /dev/mapper/whole 0"
map paths --uuid "mpath-$(sed 's/^naa\./3/' "/sys/block/${path1##*/}/device/wwid")" \
  <<< "0 $sectors multipath 0 0 1 1 service-time 0 2 1 $path1 1 $path2 1"

is_served "the disk" "$path1"
is_served "$sg" "$sg"
is_served "$whole_title" /dev/mapper/whole
is_served "dm-linear over that" /dev/mapper/nested
check "dm-multipath, PR IN" $good "$(probe /dev/mapper/paths rw in)"
check "dm-multipath, PR OUT" $good "$(probe /dev/mapper/paths rw register)"
check "    and the disk knows the key of both paths" 2 \
  "$(sg_persist -n --in --read-keys "$path1" | grep -c 0x1111)"
check "dm-multipath, CLEAR" $good "$(probe /dev/mapper/paths rw clear)"

for command in in register; do
  is_refused "a partition" "${path1}1" rw $command
  is_refused "dm-linear over the first half of a logical unit" /dev/mapper/part rw $command
  is_refused "dm-linear over all but the beginning" /dev/mapper/tail rw $command
  is_refused "dm-linear over halves of two logical units" /dev/mapper/pair rw $command
  is_refused "dm-linear over half of such a map" /dev/mapper/nested_part rw $command
done
is_refused "the disk, opened read-only" "$path1" ro register
is_refused "$sg, opened read-only" "$sg" ro register
chmod 666 $socket  # for nobody, whose the nodes are not
IFS=: read -r major minor < "/sys/block/${path1##*/}/dev"
mkdir -p /run/container; mknod -m 600 /run/container/disk b "$major" "$minor"
for node in "$path1" "$sg" /dev/mapper/whole /dev/mapper/paths "${path1}1" /run/container/disk; do
  check "nobody opens $node" "$node: Permission denied" \
    "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$BUILD/bin/tests/pr_probe" $socket "$node" ro in 2>&1)"
  is_no_device "$node" "$node"
done
for node in "$path1" "$sg" /dev/mapper/whole /dev/mapper/paths; do
  is_refused "$node, opened for writing alone" "$node" wo in
  check "$node, opened for ioctl alone" "$good $good $good" "$(probe "$node" ioctl in,register,clear | paste -sd' ')"
done

check "the disk, opened read-only, in" $good "$(probe "$path1" ro in)"
check "$sg, opened read-only, in" $good "$(probe "$sg" ro in)"

# A map that is reloaded is another map.
dmsetup suspend whole; dmsetup load whole <<< "0 $half linear $path1 0"; dmsetup resume whole
is_refused "$whole_title, after it was cut in place" /dev/mapper/whole rw register

echo offline > "$(port_of 1)/transport_status"
check "a path that is offline, PR IN" "$transport_disrupted" "$(probe "$path1" rw in)"
check "a path that is offline, REGISTER" "$transport_disrupted" "$(probe "$path1" rw register)"
check "a path that is offline, RESERVE" "$transport_disrupted" "$(probe "$path1" rw reserve)"
check "the other path meanwhile, PR IN" $good "$(probe "$path2" rw in)"
echo online > "$(port_of 1)/transport_status"
for _ in 1 2 3; do sg_turs "$path1" > /dev/null 2>&1 && break; done
check "the path when it is back" $good "$(probe "$path1" rw in)"

sys_rawio_alone='Groups= Inh=0 Prm=20000 Eff=20000 Bnd=0 Amb=0'
privileges='s/^Cap(.{3}):\s*0*([0-9a-f]+)/\1=\2/p; s/^Groups:\s*(.*[^ ])? *$/Groups=\1/p'
for status in /proc/"$helper_pid"/task/*/status; do
  seen=$(sed -nE "$privileges" "$status" | paste -sd' ')
  check "privileges of thread $(basename "$(dirname "$status")")" "$sys_rawio_alone" "$seen"
done

audited() { tail -n1 /run/audit; }  # the last record
stop_helper; start_helper $socket --audit=/run/audit --audit-sync=on
check "a client changes what it sends down $sg" "0 of 200 changed, 0 failed" \
  "$("$BUILD/bin/tests/sg_rewriter" $socket "$sg" 200)"
check "    it was sent down the disk" 1 "$(audited | grep -c "\"paths_used\":\[\"${path1##*/}\"\]")"
check "    the audit has what was sent" 0 "$(audited | grep -c unverified)"
sg_persist -n --out --register-ignore --param-sark=0 "$path1"

stop_helper; start_helper $socket --multipath=off --audit=/run/audit --audit-sync=on
echo "where the disk cannot be opened: $("$BUILD/bin/tests/sg_rewriter" $socket "$sg" 200)"
check "    it was sent down $sg" 1 "$(audited | grep -c "\"paths_used\":\[\"${sg##*/}\"\]")"
check "    the audit says that the client could change it" 1 "$(audited | grep -c '"unverified":true')"
sg_persist -n --out --register-ignore --param-sark=0 "$path1"
# Down one path of a map a reservation would lock out the others.
for command in in register; do
  is_refused "dm-multipath with --multipath=off" /dev/mapper/paths rw $command
done

dmsetup remove nested; dmsetup remove nested_part; dmsetup remove whole
map whole <<< "0 $sectors linear $path1 0"
for device in "wwid:$(cat "/sys/block/${path1##*/}/device/wwid")" "$path2"; do
  stop_helper; start_helper $socket --allow-device="$device"
  for node in "$path1" "$path2" "$sg" /dev/mapper/whole /dev/mapper/paths; do
    check "--allow-device=$device, $node" $good "$(probe "$node" rw in)"
  done
  is_refused "--allow-device=$device, another disk" "$another" rw in
  is_refused "--allow-device=$device, another disk" "$another" rw register
done

stop_helper; start_helper $socket --shared-nexus=deny
PR_PROBE_STAYS=1 "$BUILD/bin/tests/pr_probe" $socket "$path1" rw ignore > /run/first & first=$!
for _ in {1..300}; do [ -s /run/first ] && break; sleep 0.1; done
check "one client registers" $good "$(cat /run/first)"
check "and reserves" $good "$(sg_persist -n --out --reserve --param-rk=0x1111 --prout-type=5 "$path1" && echo $good)"
for node in "$path1" "$sg" /dev/mapper/whole /dev/mapper/paths; do
  is_conflict "a second client changes something through the same nexus, $node" "$node"
done
check "the first one holds its reservation" 1 "$(sg_persist -n --in --read-reservation "$path1" | grep -c 'Key=0x1111')"
sg_persist -n --out --release --param-rk=0x1111 --prout-type=5 "$path1"
check "a second client registers through another nexus" $good "$(probe "$path2" rw ignore 0 2222)"
check "both keys are there" "0x1111 0x2222" \
  "$(sg_persist -n --in --read-keys "$path1" | grep -o '0x[0-9a-f]\{4,\}' | sort | paste -sd' ')"
kill -KILL $first; wait $first || true
for _ in {1..300}; do
  last=$(probe "$path1" rw ignore 0 3333); [ "$last" = $good ] && break; sleep 0.1
done
check "and through the first one's when that is gone" $good "$last"

echo "-- a machine migrates under --shared-nexus=deny: to another host, and to another helper of this one"
sg_persist -n --out --register-ignore --param-sark=0 "$path1"; sg_persist -n --out --register-ignore --param-sark=0 "$path2"
stop_helper; start_helper $socket --shared-nexus=deny; source_pid=$helper_pid
start_helper $socket.2 --shared-nexus=deny; destination_pid=$helper_pid; helper_pid=$source_pid
destination() { "$BUILD/bin/tests/pr_probe" $socket.2 "$@"; }
for node in "$path2" "$path1"; do  # another nexus, and the source's
  for disk in "$path1" "$path2" "$path1" "$path2"; do sg_turs "$disk" > /dev/null 2>&1 || true; done  # unit attentions
  mkfifo /run/migrated
  ("$BUILD/bin/tests/pr_probe" $socket "$path1" rw ignore,reserve,wait,cleanup < /run/migrated > /run/source) & source=$!
  exec 8> /run/migrated
  for _ in {1..300}; do [ "$(wc -l < /run/source)" = 2 ] && break; sleep 0.1; done
  check "$node: the source registers and reserves" "$good $good" "$(paste -sd' ' /run/source)"
  check "$node: the destination takes over" "$good $good" "$(destination "$node" rw ignore,preempt 1111 1111 | paste -sd' ')"
  echo >&8; exec 8>&-; wait $source; rm /run/migrated
  check "$node: the source cleans up" "$good $good $good" "$(paste -sd' ' /run/source)"
  check "$node: the destination holds the reservation" "$good $good" "$(destination "$node" rw release,clear | paste -sd' ')"
done
helper_pid=$destination_pid; stop_helper; helper_pid=$source_pid

code=0; stop_helper || code=$?
check "exit code after SIGTERM" 0 $code
check "the socket afterwards" 'not there' "$([ -e $socket ] && echo there || echo 'not there')"
verdict_of_checks
