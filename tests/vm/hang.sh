#!/bin/bash
# SPDX-License-Identifier: MIT
# CPUs: 2
# hang.sh: runs in the test VM. A logical unit that does not answer (iSCSI whose network is down) costs those
# who wait for it, and nobody else; and SIGTERM still lets every one of them have an answer.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/iscsi.sh"; . "$here/checks.sh"
waiting=80  # more than the 64 worker threads of the helper that this one replaces

lio_start; add_store 0; add_port 1 0; healthy=$(device_of 1)
add_store 1; export_store 1; iscsi_start; iscsi_login ours; hung=$(iscsi_device_of ours)
start_helper $socket
check "both disks, PR IN" "$good $good" "$(probe "$healthy" rw in) $(probe "$hung" rw in)"

answers=$(mktemp -d); clients=()
answered() { find "$answers" -type f -size +0 | wc -l; }
busybox ip link set lo down
for ((i = 0; i < waiting; i++)); do
  probe "$hung" rw in > "$answers/$i" & clients+=($!)
done
# Nothing but its threads tells from outside how many requests a helper has in flight. One that queues the
# rest behind the first 64 would serve the other disk too, but only once the kernel has given up on some.
in_flight=no
for _ in {1..600}; do
  threads=("/proc/$helper_pid/task"/*)
  if [ ${#threads[@]} -ge $waiting ]; then in_flight=yes; break; fi
  sleep 0.2
done
check "$waiting requests are in flight at once" yes $in_flight
check "the other disk, while $waiting clients wait for the hung one" $good "$(probe "$healthy" rw in)"
check "    and REGISTER" $good "$(probe "$healthy" rw register)"
check "    while some still waited" yes "$([ "$(answered)" -lt $waiting ] && echo yes || echo no)"

kill -TERM "$helper_pid"
sleep 1
busybox ip link set lo up
wait "${clients[@]}"
code=0; wait "$helper_pid" || code=$?
check "exit code after SIGTERM" 0 $code
check "clients that were answered" $waiting "$(answered)"
check "clients that were cut off" 0 "$(grep -lx closed "$answers"/* | wc -l)"
echo "the answers:"; sort "$answers"/* | uniq -c
verdict_of_checks
