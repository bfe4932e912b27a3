#!/bin/bash
# SPDX-License-Identifier: MIT
# CPUs: 2
# mpath_watch.sh: runs in the test VM. multipathd knows no key (no line reservation_key), and no request of the guest
# comes: a path that returns, or is new, is brought into line all the same. Ports 1 and 2 are our paths, 3 is
# another host.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/mpath_checks.sh"
log=/run/helper.log

# The state of a path as the kernel has it; the transport's (path_offline) it does not notice.
set_state() { echo "$2" > "/sys/class/block/${1#/dev/}/device/state"; }  # set_state DEVICE STATE
key_is_known_to_multipathd() { multipathd getprkey map mpatha | grep -c 0x || true; }
took() { echo "    that took $((SECONDS - begun)) s"; }

lio_start; add_map 0 1 2
multipath_start poll=5 key=; eventually map_has_paths 2
start_helper $socket 2>> $log
first=${paths[0]} second=${paths[1]}

begin "a path is set offline, the key is changed, it is set running" 2222
asks "REGISTER" $good register
asks "RESERVE" $good reserve
check "multipathd knows a key" 0 "$(key_is_known_to_multipathd)"
writer_start
for round in 1 2 3; do
  for device in "$first" "$second"; do
    set_state "$device" offline; wait_for_path_failed "$device"
    asks "REGISTER($((1110 + round)),...), $round" $good register $((1110 + round)) $((1111 + round))
    [ "$device" = "$second" ] || asks "    and back" $good register $((1111 + round)) $((1110 + round))
    # As doc/multipath.md says, a check of multipathd in the 50 ms before the helper looks takes the path back first.
    # Here it comes after.
    multipathd_hang
    set_state "$device" running; begun=$SECONDS
    key=$((1111 + round)); [ "$device" = "$second" ] || key=$((1110 + round))
    state_will_be "1=$key 2=$key 3=2222; we hold type 5"; took
    multipathd_continue
    wait_for_path_reinstated "$device"
  done
done
writer_stop

begin "the kernel does not notice that a path is away"
asks "REGISTER" $good register
path_offline 1; wait_for_path_failed "$first"
asks "REGISTER(K,K2)" $good register 1111 1112
path_online 1; begun=$SECONDS
state_will_be "1=1112 2=1112; nothing held"; took

begin "a host that was fenced meanwhile stays fenced" 2222
asks "REGISTER" $good register
set_state "$first" offline
asks "REGISTER(K,K2)" $good register 1111 1112
other_does --preempt --param-rk=2222 --param-sark=1112 --prout-type=5
set_state "$first" running
wait_for_path_reinstated "$first"; sleep 2
state_is "3=2222; nothing held"

begin "a path is found anew"
asks "REGISTER" $good register
host=$(cut -d: -f1 < "$(port_of 1)/address")
echo 1 > "/sys/class/block/${first#/dev/}/device/delete"; eventually map_has_paths 1
path_does "$second" --register --param-rk=1111 --param-sark=1111
echo "- - -" > "/sys/class/scsi_host/host$host/scan"; eventually map_has_paths 2
first=$(device_of 1); paths[0]=$first
state_will_be "1=1111 2=1111; nothing held"

begin "the helper is killed, and a path returns before the next one starts"
asks "REGISTER" $good register
set_state "$first" offline
asks "REGISTER(K,K2)" $good register 1111 1112
kill -KILL "$helper_pid"; wait "$helper_pid" || true
set_state "$first" running; wait_for_path_reinstated "$first"
state_is "2=1112; nothing held"
start_helper $socket 2>> $log
state_will_be "1=1112 2=1112; nothing held"

begin "the helper is ended at every moment of that work, and the next one completes it" 2222
asks "REGISTER" $good register 0 1110
key=1110
for pause in 0 0.02 0.04 0.06 0.08 0.1 0.15 0.3; do
  set_state "$first" offline; wait_for_path_failed "$first"
  asks "REGISTER(K,K2), and it returns; SIGTERM after $pause s" $good register $key $((key + 1)); key=$((key + 1))
  set_state "$first" running; sleep $pause
  code=0; stop_helper || code=$?
  check "    the helper ends" 0 $code
  start_helper $socket 2>> $log
  state_will_be "1=$key 2=$key 3=2222; nothing held"
  wait_for_path_reinstated "$first"
done

begin "the guest is on another host now, which has its key; a path of ours returns"
configure_multipath poll=1; multipathd_reconfigure
asks "REGISTER" $good register
asks "RESERVE" $good reserve
check "multipathd knows a key" 1 "$(key_is_known_to_multipathd)"
other_does --register --param-sark=1111
other_does --preempt --param-rk=1111 --param-sark=1111 --prout-type=5
state_is "3=1111; 3 holds type 5"
set_state "$first" offline; wait_for_path_failed "$first"
set_state "$first" running; wait_for_path_reinstated "$first"
state_will_be "3=1111; 3 holds type 5"
check "multipathd knows a key" 0 "$(key_is_known_to_multipathd)"

stop_helper; multipathd_stop; udevd_stop
echo "-- the helper's log"; tail -n 40 $log
verdict_of_checks
