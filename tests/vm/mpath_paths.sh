#!/bin/bash
# SPDX-License-Identifier: MIT
# CPUs: 2
# mpath_paths.sh: runs in the test VM. Rows 71-78 of the table: paths go offline and come back, multipathd
# helps or does not, the helper is restarted; while a guest writes to the map all the time. Ports 1 and 2 are
# our paths, 3 is another host.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/mpath_checks.sh"
log=/run/helper.log audit=/run/audit

helper_starts() { start_helper $socket --audit=$audit 2>> $log; }
logged=0
mark_log() { logged=$(wc -l < $log); }
log_says() {  # log_says WORD: since mark_log
  check "    the log says $1" "$1" "$(tail -n +$((logged + 1)) $log | grep -o "$1" | sed -n 1p)"
}
helper_restarts() { stop_helper || true; helper_starts; }
lose_path() { path_offline "$1"; wait_for_path_failed "${paths[$(($1 - 1))]}"; }
regain_path() { path_online "$1"; wait_for_path_reinstated "${paths[$(($1 - 1))]}"; }
first_path_holds() {  # our paths and the other host are registered, port 1 holds type 5
  begin "$1" 2222; ask register > /dev/null
  path_does "${paths[0]}" --reserve --param-rk=1111 --prout-type=5
  state_is "1=1111 2=1111 3=2222; 1 holds type 5"
}

lio_start; add_map 0 1 2
multipath_start poll=1; eventually map_has_paths 2
helper_starts

# used_by ACTION: the paths in the audit's line of it, in the order of their names; it is written a little later.
used_by() {
  eventually grep -q "\"action\":\"$1\"" $audit
  grep "\"action\":\"$1\"" $audit | sed -n '$ s/.*"paths_used":\[\([^]]*\)\].*/\1/p' | tr -d '"' | tr , '\n' | sort | paste -sd' '
}
names_of_paths() { printf '%s\n' "${paths[@]#/dev/}" | sort | paste -sd' '; }

begin "the audit names the paths that carried a command"
asks "REGISTER" $good register
check "    went down" "$(names_of_paths)" "$(used_by REGISTER)"
asks "RESERVE" $good reserve
check "    went down one of them" 1 "$(used_by RESERVE | wc -w)"
check "    which is the one that holds" "$(used_by RESERVE)" \
  "$(holder=$(state | sed -nE 's/.*; ([12]) holds.*/\1/p'); basename "${paths[$((holder - 1))]}")"

begin "71: a path that is away while its key is registered comes back registered" 2222
writer_start
lose_path 1
asks "REGISTER, one path is away" $good register
state_is "2=1111 3=2222; nothing held"
asks "RESERVE" $good reserve
state_is "2=1111 3=2222; 2 holds type 5"
regain_path 1
state_will_be "1=1111 2=1111 3=2222; we hold type 5"
sleep 1; writer_stop

first_path_holds "72: the path that holds is away; RELEASE"
writer_start; lose_path 1
asks "RELEASE" $good release
state_is "2=1111 3=2222; nothing held"
regain_path 1
state_will_be "1=1111 2=1111 3=2222; nothing held"
writer_stop

first_path_holds "73: the path that holds is away; REGISTER(K,0)"
writer_start; lose_path 1
asks "REGISTER(K,0)" $good register 1111 0
state_is "3=2222; nothing held"
regain_path 1; sleep 1
state_is "3=2222; nothing held"
writer_stop

first_path_holds "74: the path that holds is away; REGISTER(K,K2)"
writer_start; lose_path 1
asks "REGISTER(K,K2)" $good register 1111 1112
state_is "2=1112 3=2222; 2 holds type 5"
regain_path 1
state_will_be "1=1112 2=1112 3=2222; we hold type 5"
sleep 1; writer_stop
asks "RESERVE with K2" $good reserve 1112

first_path_holds "75: the path that holds is away; RESERVE, PREEMPT(K,K), PREEMPT(K,J)"
writer_start; lose_path 1
asks "RESERVE" $good reserve
asks "RESERVE of another type" $conflict reserve 1111 0 6
asks "PREEMPT(K,K,6)" $good preempt 1111 1111 6
state_is "2=1111 3=2222; 2 holds type 6"
asks "PREEMPT(K,J,6)" $good preempt 1111 2222 6
state_is "2=1111; 2 holds type 6"
regain_path 1
state_will_be "1=1111 2=1111; we hold type 6"
sleep 1; writer_stop

begin "76: the guest comes from another host: B holds with K; REGISTER(0,K); PREEMPT(K,K)" 1111
other_does --reserve --param-rk=1111 --prout-type=5
asks "REGISTER(0,K)" $good register
writer_start
asks "PREEMPT(K,K,5)" $good preempt
state_comes_to "1=1111 2=1111; we hold type 5"
for _ in {1..20}; do ask preempt > /dev/null; done
state_comes_to "1=1111 2=1111; we hold type 5"
writer_stop

begin "a path comes and goes while a guest takes and gives up its reservation" 2222
asks "REGISTER" $good register
writer_start
for step in "lose 1" "regain 1" "lose 2" "regain 2"; do
  read -r verb port <<< "$step"; "${verb}_path" "$port"
  asks "$step: RESERVE" $good reserve
  asks "    PREEMPT(K,K)" $good preempt
  asks "    RELEASE" $good release
done
state_will_be "1=1111 2=1111 3=2222; nothing held"
writer_stop

no_path='02 b/08/00'  # LOGICAL UNIT COMMUNICATION FAILURE
begin "77: all paths are away"
asks "REGISTER" $good register
path_offline 1; path_offline 2
asks "READ KEYS" "$no_path" in
asks "REGISTER AND IGNORE" "$no_path" ignore
asks "RESERVE" "$no_path" reserve
regain_path 1; regain_path 2
asks "RESERVE, all are back" $good reserve
state_comes_to "1=1111 2=1111; we hold type 5"

begin "78: multipathd has no line reservation_key" 2222
configure_multipath poll=1 key=; multipathd_reconfigure
mark_log; asks "REGISTER" $good register
asks "RESERVE" $good reserve
state_comes_to "1=1111 2=1111 3=2222; we hold type 5"
log_says 'reservation_key file'
lose_path 1
asks "REGISTER(K,K2), one path is away" $good register 1111 1112
regain_path 1
asks "READ KEYS, the path is back" $good in
state_will_be "1=1112 2=1112 3=2222; we hold type 5"
configure_multipath poll=1; multipathd_reconfigure

begin "multipathd hangs" 2222
multipathd_hang
asks "REGISTER" $good register
asks "RESERVE" $good reserve
asks "PREEMPT(K,K)" $good preempt
state_comes_to "1=1111 2=1111 3=2222; we hold type 5"
asks "RELEASE" $good release
multipathd_continue; eventually multipathd_answers

begin "multipathd is not there" 2222
multipathd_stop
helper_restarts; mark_log  # it says so once
asks "REGISTER" $good register
log_says multipathd
writer_start
path_offline 1; wait_for_path_failed "${paths[0]}"  # a write has met it
asks "RESERVE, a path is away" $good reserve
asks "REGISTER(K,K2)" $good register 1111 1112
state_comes_to "2=1112 3=2222; we hold type 5"  # the array has removed what the lost path had
path_online 1
asks "READ KEYS, the path is back" $good in
state_will_be "1=1112 2=1112 3=2222; we hold type 5"
multipathd_start; wait_for_path_reinstated "${paths[0]}"
sleep 1; writer_stop

first_path_holds "the helper is restarted while the path that holds is away"
lose_path 1
helper_restarts
asks "RESERVE" $good reserve
asks "REGISTER(K,K2)" $good register 1111 1112
state_is "2=1112 3=2222; 2 holds type 5"
helper_restarts
regain_path 1
state_will_be "1=1112 2=1112 3=2222; we hold type 5"
asks "RELEASE with K2" $good release 1112
state_is "1=1112 2=1112 3=2222; nothing held"
echo "the record:"; head -n 50 /run/qemu-pr-helper/* 2> /dev/null || true

stop_helper; multipathd_stop; udevd_stop
echo "-- the helper's log"; tail -n 40 $log
verdict_of_checks
