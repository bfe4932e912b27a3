#!/bin/bash
# SPDX-License-Identifier: MIT
# CPUs: 2
# hung_lun.sh: runs in the test VM. 200 requests, each of a client process of its own as of 200 virtual machines, are
# stuck on a logical unit that does not answer (iSCSI whose network is down): the other one is served as quickly as
# before; when the network is back everybody is answered; and where it does not come back, the end comes in time.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/iscsi.sh"; . "$here/checks.sh"
clients=200 drain=5
slack=15  # seconds, for an emulated processor
at_rest=4 # threads: the first one, and three workers that wait (src/server/workers.h)
errors=$(mktemp)

lio_start; add_store 0; add_port 1 0; healthy=$(device_of 1)
add_store 1; export_store 1; iscsi_start; iscsi_login ours; hung=$(iscsi_device_of ours)
# The kernel is not to give up on its own: the network comes back when this script says so.
start_helper $socket.elsewhere; elsewhere_pid=$helper_pid  # nothing is stuck there
start_helper $socket --timeout=600 --drain-timeout=$drain --request-timeout=120 2> "$errors"
check "both disks, PR IN" "$good $good" "$(probe "$healthy" rw in) $(probe "$hung" rw in)"

# latency WINDOWS: p99 in us, the best of so many windows, of the helper and of the one elsewhere.
latency() { "$BUILD/bin/tests/pr_latency" "$healthy" 200 "$1" $socket $socket.elsewhere; }
threads() { find "/proc/$helper_pid/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l || true; }
# A request has its client's descriptor until it is answered.
in_flight() { find "/proc/$helper_pid/fd" -lname "$hung" 2>/dev/null | wc -l || true; }
becomes() { # becomes FUNCTION OPERATOR NUMBER: "yes" once it is so (-eq, -le), what it is after three minutes
  local _
  for _ in {1..900}; do
    if test "$($1)" "$2" "$3"; then echo yes; return; fi
    sleep 0.2
  done
  $1
}

answers='' pids=()
stick() { # the network goes down, and every client sends a request
  local i
  answers=$(mktemp -d) pids=()
  busybox ip link set lo down
  for ((i = 0; i < clients; i++)); do
    probe "$hung" rw in > "$answers/$i" & pids+=($!)
  done
  check "$clients requests are in flight at once" yes "$(becomes in_flight -eq $clients)"
}
answered() { find "$answers" -type f -size +0 | wc -l; }
cut_off() { grep -lx closed "$answers"/* | wc -l || true; }
the_answers() { echo "the answers:"; sort "$answers"/* | uniq -c; }

latency 1 > /dev/null  # everything has been run once
read -r before before_elsewhere <<< "$(latency 5)"
stick
# The standard is the figure of before, or, where the machine has become so busy meanwhile that this is worse, that of
# the helper elsewhere at the same time.
read -r beside elsewhere <<< "$(latency 15)"
echo "p99 on the other disk: $before us before, $beside us beside $clients requests that are stuck;" \
  "of a helper without any: $before_elsewhere us, $elsewhere us"
standard=$((before > elsewhere ? before : elsewhere))
check "that is within three times" yes "$([ "$beside" -le $((3 * standard)) ] && echo yes || echo no)"
check "REGISTER on the other disk" $good "$(probe "$healthy" rw register)"
check "clients that were answered meanwhile" 0 "$(answered)"

busybox ip link set lo up
wait "${pids[@]}" || true
check "clients that were answered when the network was back" $clients "$(answered)"
check "clients that were cut off" 0 "$(cut_off)"
the_answers
check "no more threads than at rest ($at_rest)" yes "$(becomes threads -le $at_rest)"
check "the disk that hung" $good "$(probe "$hung" rw in)"

stick
begun=$SECONDS
kill -TERM "$helper_pid"
# What is stuck heeds no signal, not even SIGKILL: the kernel keeps the threads, and a zombie in their name, until it
# gives up on the disk. The helper's own part is over with the last line of its log and the last client told.
for _ in {1..900}; do
  state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$helper_pid/status")
  [ "$state" = Z ] && break
  sleep 0.1
done
took=$((SECONDS - begun))
wait "${pids[@]}" || true
check "the helper has ended" Z "$state"
check "after $took s, which is in time" yes "$([ $took -le $((drain + slack)) ] && echo yes || echo no)"
check "not before --drain-timeout" yes "$([ $took -ge $((drain - 1)) ] && echo yes || echo no)"
check "clients that were told" $clients "$(cut_off)"
check "requests that the log names" $clients \
  "$(grep -c "Abandoned after $drain s of waiting for the end: READ KEYS, for [0-9]* s (connection [0-9]*, .*pid [0-9]*, uid 0)*)$" "$errors")"
check "the number of them in the log" 1 "$(grep -c "In all: $clients requests abandoned (--drain-timeout)$" "$errors")"
check "other lines in the log" 0 "$(grep -vcE 'Abandoned after|In all:' "$errors" || true)"
check "the socket is gone" yes "$([ -e $socket ] && echo no || echo yes)"

old=$helper_pid
start_helper $socket
check "the next instance, while the threads of the last one are stuck" $good "$(probe "$healthy" rw in)"
busybox ip link set lo up
code=0; wait "$old" || code=$?
check "exit code after SIGTERM, when the kernel has let go" 0 $code
check "the disk that hung" $good "$(probe "$hung" rw in)"
code=0; stop_helper || code=$?
check "exit code of the next instance" 0 $code
helper_pid=$elsewhere_pid; stop_helper
verdict_of_checks
