#!/bin/bash
# SPDX-License-Identifier: MIT
# mpath_iscsi.sh: runs in the test VM. A map over two iSCSI sessions: the rows with PREEMPT AND ABORT, which a
# loopback port cannot play; and paths that hang (the network is down), which cost those who use the map a
# bounded time, and those who use another map nothing. Ports: 1 is another host's session (LIO looks for an
# initiator port that SPEC_I_PT names only where the store was exported first), 2 and 3 are ours; 4 is a
# loopback port that joins the map for the second part.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/iscsi.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/mpath_checks.sh"

lio_start; add_map 1 1 2  # the other map: two loopback ports, another host at the third
add_store 0; for group in 1 2 3; do export_store 0 $group; done
iscsi_start; iscsi_login other 1; iscsi_login ours 2; iscsi_login ours 3
paths=("$(iscsi_device_of ours 2)" "$(iscsi_device_of ours 3)")
other=$(iscsi_device_of other 1); others+=("${other#/dev/}")
multipath_start poll=600
eventually map_has_paths 2 mpatha; eventually map_has_paths 2 mpathb
udevd_stop
start_helper $socket
"$BUILD/bin/tests/reservation_rows" --socket=$socket --ours=$mpatha --other="$other" --target=lio --aborts \
  "${paths[@]/#/--path=}" --aptpl-directory=/var/target/pr || failed+=(rows)
stop_helper

add_port 4 0; healthy=$(device_of 4); udevd_start
configure_multipath poll=1; multipathd_reconfigure
eventually map_has_paths 3 mpatha
start_helper $socket --path-timeout=15
ask ignore > /dev/null; asks "CLEAR" $good clear
check "both maps, REGISTER" "$good $good" "$(ask register) $(probe $mpathb rw register)"
path_does "$healthy" --reserve --param-rk=1111 --prout-type=5
state_is "2=1111 3=1111 4=1111; 4 holds type 5"

busybox ip link set lo down
look() { "$BUILD/bin/tests/pr_state" "$healthy"; }
answer=/run/answer
ask register 1111 1112 > $answer & client=$!
sleep 1
check "two paths of three hang; meanwhile the other map, READ KEYS" $good "$(probe $mpathb rw in)"
check "    RESERVE" $good "$(probe $mpathb rw reserve)"
check "    PREEMPT(K,K)" $good "$(probe $mpathb rw preempt)"
check "    while the first map's guest still waits" yes "$([ -s $answer ] && echo no || echo yes)"
wait $client
check "REGISTER(K,K2) on the first map" $good "$(cat $answer)"
check "    then down the path that answers" '4=1112; 4 holds type 5' "$(look | grep -o '4=.*')"
asks "RESERVE" $good reserve 1112
asks "READ KEYS" $good in

busybox ip link set lo up
eventually map_has_paths 3 mpatha
asks "the network is back: READ KEYS" $good in
state_will_be "2=1112 3=1112 4=1112; 4 holds type 5"
asks "RELEASE" $good release 1112
state_is "2=1112 3=1112 4=1112; nothing held"

stop_helper; multipathd_stop; udevd_stop
verdict_of_checks
