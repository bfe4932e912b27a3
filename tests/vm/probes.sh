#!/bin/bash
# SPDX-License-Identifier: MIT
# probes.sh: runs in the test VM. The bpftrace scripts as cmake --install leaves them, at a helper that is as
# confined as it can be, while real commands go to real disks: each line and each number is accounted for.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"

tracer='' tracer_name=
trace_with() {  # trace_with SCRIPT: returns when every probe is in place
  tracer_name=$1
  /usr/share/qemu-pr-helper/bpftrace/"$1".bt > /run/traced 2> /run/trace_errors & tracer=$!
  eventually tracer_listens || { cat /run/traced /run/trace_errors; return 1; }
}
# It has attached all it has to by the time it waits for events (epoll_wait is 232 here, epoll_pwait 281).
tracer_listens() { grep -qE '^(232|281) ' "/proc/$tracer/syscall" 2> /dev/null; }
trace_ends() {  # SIGINT, as Ctrl-C sends it
  local code=0
  kill -INT "$tracer"; wait "$tracer" || code=$?
  cat /run/traced
  check "exit code of $tracer_name" 0 $code
  check "    what it complains of" '' "$(cat /run/trace_errors)"
}

# sends DEVICE COMMAND...: one request; leaves its process in $client and what came of it in $answer.
client='' answer=''
sends() {
  "$BUILD/bin/tests/pr_probe" $socket "$1" rw "${@:2}" > /run/answer & client=$!
  wait $client || true
  answer=$(cat /run/answer)
}
number_of() { cat "/sys/class/block/${1##*/}/dev"; }  # number_of DEVICE: 8:0

# measured DEVICE: how many commands are in its histogram.
measured() {
  awk -v key="@microseconds[$(number_of "$1" | sed 's/:/, /')]:" '
    index($0, key) == 1 { inside = 1; next }
    inside && /^$/ { exit }
    inside { sub(/^[^)\]]*[)\]]/, ""); count += $1 }
    END { print count + 0 }' /run/traced
}

lines_of_conflicts() { grep -E '^[0-9]{2}:[0-9]{2}:[0-9]{2} ' /run/traced | cut -d' ' -f2- | paste -sd';'; }

mount -t debugfs none /sys/kernel/debug
mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing
cmake --install "$BUILD" --prefix /usr > /dev/null
HELPER=/usr/bin/qemu-pr-helper
lio_start; add_store 0; add_store 1; add_port 1 0; add_port 2 0; add_port 3 1
disk=$(device_of 1); other=$(device_of 2); another=$(device_of 3)
chmod 0666 "$disk" "$another"  # for a client that is not root
start_helper $socket --seccomp=enforce --socket-mode=0666
check "a system call filter is in force" 2 "$(awk '/^Seccomp:/ { print $2 }' "/proc/$helper_pid/status")"

echo "-- how long disks take"
trace_with prh-latency
for _ in 1 2 3 4; do sends "$disk" in; done
check "the last of five commands" 00 "$answer"
sends "$disk" ignore
sends "$another" in; sends "$another" in
trace_ends
check "commands measured at the disk" 5 "$(measured "$disk")"
check "    at another one" 2 "$(measured "$another")"
check "    at one that was sent none" 0 "$(measured "$other")"
check "other lines" 0 "$(grep -c '^@sent' /run/traced || true)"

echo "-- conflicts"
sg_persist -n --out --register --param-sark=0x2222 "$other"
sg_persist -n --out --reserve --param-rk=0x2222 --prout-type=5 "$other"
trace_with prh-conflicts
sends "$disk" in; check "a command without a conflict" 00 "$answer"
sends "$disk" reserve 1111 0 5; check "RESERVE of what another host has" 18 "$answer"
expected="$(number_of "$disk") $client 0 RESERVE"
sends "$disk" preempt 9999 2222 5; check "PREEMPT with a wrong key" 18 "$answer"
expected+=";$(number_of "$disk") $client 0 PREEMPT"
sends "$another" ignore; check "a command at another disk" 00 "$answer"
trace_ends
check "the lines" "$expected" "$(lines_of_conflicts)"

echo "-- who sends what"
trace_with prh-senders
sends "$disk" in; reader=$client
sends "$disk" reserve; writer=$client
setpriv --reuid=65534 --clear-groups \
  "$BUILD/bin/tests/pr_probe" $socket "$another" rw in > /run/answer & nobody=$!
wait $nobody
check "a client that is not root" 00 "$(cat /run/answer)"
trace_ends
for line in "$reader, 0, pr_probe, READ KEYS]: 1" "$writer, 0, pr_probe, RESERVE]: 1" \
            "$nobody, 65534, pr_probe, READ KEYS]: 1"; do
  check "its line" 1 "$(grep -cF "@requests[$line" /run/traced)"
done
check "    and no other" 3 "$(grep -c '^@' /run/traced)"

echo "-- the paths of a map"
# One map over both ports, as dm-multipath has it; each path is a device of its own.
modprobe dm_multipath; modprobe dm_service_time
sectors=$(cat "/sys/block/${disk##*/}/size")
sg_persist -n --out --clear --param-rk=0x2222 "$other"
sg_turs "$disk" > /dev/null || true  # takes the unit attention that this was for it
dmsetup create paths --noudevsync --uuid "mpath-$(sed 's/^naa\./3/' "/sys/block/${disk##*/}/device/wwid")" \
  <<< "0 $sectors multipath 0 0 1 1 service-time 0 2 1 $disk 1 $other 1" > /dev/null
dmsetup mknodes
trace_with prh-latency
sends /dev/mapper/paths ignore; check "REGISTER at a map" 00 "$answer"
trace_ends
check "    was measured at one path" yes "$([ "$(measured "$disk")" -ge 1 ] && echo yes)"
check "    and at the other" yes "$([ "$(measured "$other")" -ge 1 ] && echo yes)"

code=0; stop_helper || code=$?
check "exit code of the helper that was probed" 0 $code
verdict_of_checks
