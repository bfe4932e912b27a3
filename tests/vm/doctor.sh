#!/bin/bash
# SPDX-License-Identifier: MIT
# doctor.sh: runs in the test VM. On real multipath disks one thing after the other is broken; doctor names it, and
# its line, applied as it is, fixes it. show marks the holder, and registrations that are missing or stray, by
# path. Neither changes anything. Ports 1 and 2 are our paths, 3 is another host; 4 is a disk with one path.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/mpath_checks.sh"
. "$here/doctor_checks.sh"

lio_start; add_map 0 1 2; add_store 1; add_port 4 1
single=$(device_of 4); others+=("${single#/dev/}")
multipath_start poll=1; eventually map_has_paths 2
helper_starts

begin "a host that is well" 2222
asks "REGISTER" $good register
path_does "${paths[1]}" --reserve --param-rk=1111 --prout-type=5
is_well "registered, and holding"
row_is "show: a path that does not hold" "${paths[0]}" "0x1111 -"
row_is "show: the path that holds" "${paths[1]}" "0x1111 yes"
check "show: another host" "0x2222" "$(show $mpatha | sed -n '/^Of other hosts/,$ s/^  \(0x[0-9a-f]*\) .*/\1/p')"
check "show: dangers" 0 "$(dangers)"
check "the end of doctor's text" "Healthy." "$(prhelperctl doctor --socket=$socket --control=$control $mpatha | tail -n 1)"
check "without a device: it looks at what was served" "0 $mpatha" \
  "$(doctor) $(finding reservation_key disk)"
usual=$control control=/run/none
check "without a control socket" "0 not checked" "$(doctor $mpatha) $(finding 'control socket' verdict)"
control=$usual

echo "-- as a user without any rights but to the sockets and the disk"
chmod a+rw $socket $control; chmod a+r $mpatha
code=0; as_nobody "$(command -v prhelperctl)" doctor --json --socket=$socket --control=$control $mpatha > $report || code=$?
check "doctor" "0 all well" "$code $(not_well)"
check "show" "held by: key 0x1111, Write Exclusive, registrants only" \
  "$(as_nobody "$(command -v prhelperctl)" show --socket=$socket --control=$control $mpatha | grep -o 'held by: [^;]*')"

echo "-- other kinds of devices"
check "a disk with one path" "0 all well" "$(doctor "$single") $(not_well)"
generic=/dev/$(basename "/sys/class/block/${single##*/}/device/scsi_generic/"*)
check "its /dev/sgN" "0 all well" "$(doctor "$generic") $(not_well)"
check "one path of a map" "36 paths=wrong" "$(doctor "${paths[0]}") $(not_well)"
check "    whose line is" "prhelperctl doctor $mpatha" "$(lines_of paths)"
check "no disk" "36 support=wrong" "$(doctor /dev/null) $(not_well)"
check "no node" 15 "$(doctor /dev/none)"

echo "-- nothing is changed"
before=$(wc -l < $audit)
sum() { cat /etc/multipath.conf /etc/multipath/prkeys /sys/class/block/sd*/device/{state,timeout} /sys/class/block/dm-0/dm/* 2> /dev/null | md5sum; }
state_before="$(state) $(sum)"
doctor > /dev/null; doctor $mpatha > /dev/null; doctor "$single" > /dev/null; show $mpatha > /dev/null; show "$generic" > /dev/null
sleep 1
check "what the helper was sent" "READ FULL STATUS, READ RESERVATION, REPORT CAPABILITIES" \
  "$(tail -n +$((before + 1)) $audit | sed -n 's/.*"action":"\([^"]*\)".*/\1/p' | sort -u | paste -sd, | sed 's/,/, /g')"
check "registrations, files and sysfs" "$state_before" "$(state) $(sum)"

begin "a registration is missing on one path" 2222
asks "REGISTER" $good register
path_does "${paths[0]}" --reserve --param-rk=1111 --prout-type=5
path_does "${paths[1]}" --register --param-rk=1111
row_is "show" "${paths[1]}" "none -"
check "    and points it out" "DANGER: $(basename "${paths[1]}"): no registration" \
  "$(show $mpatha | grep -o '^DANGER: [a-z]*: no registration')"
names "it" registrations "$(basename "${paths[1]}"): no registration"
run_lines registrations
is_well "after its line"
row_is "show" "${paths[1]}" "0x1111 -"
state_is "1=1111 2=1111 3=2222; 1 holds type 5"

begin "a path has another key" 2222
asks "REGISTER" $good register
path_does "${paths[0]}" --reserve --param-rk=1111 --prout-type=5
path_does "${paths[1]}" --register-ignore --param-sark=bad
row_is "show" "${paths[1]}" "0xbad -"
names "it" registrations "has the key 0xbad, while other paths have 0x1111"
run_lines registrations
is_well "after its line"
state_is "1=1111 2=1111 3=2222; 1 holds type 5"

begin "registrations that survive a loss of power go on doing so"
path_does "${paths[0]}" --register-ignore --param-sark=1111 --param-aptpl
path_does "${paths[1]}" --register-ignore --param-sark=1111 --param-aptpl
path_does "${paths[1]}" --register --param-rk=1111 --param-aptpl
names "a path without one" registrations "no registration"
run_lines registrations
is_well "after its line"
check "the disk says so (PTPL_A)" 1 "$(sg_persist -n --in --report-capabilities "$other" | grep -c 'PTPL_A): 1')"

begin "the path that holds is down"
asks "REGISTER" $good register
path_does "${paths[0]}" --reserve --param-rk=1111 --prout-type=5
echo offline > "/sys/class/block/${paths[0]##*/}/device/state"
check "show" "held through $(basename "${paths[0]}"), which is down (offline)" \
  "$(show $mpatha | tr -s '\n ' ' ' | grep -o 'held through [a-z]*, which is down (offline)')"
check "doctor" "0 registrations=warning paths=warning" "$(doctor $mpatha) $(not_well)"
echo running > "/sys/class/block/${paths[0]##*/}/device/state"
wait_for_path_reinstated "${paths[0]}"
is_well "when it is back"

begin "two hosts have one key" 1111
asks "REGISTER" $good register
check "doctor" "0 registrations=warning" "$(doctor $mpatha) $(not_well)"
check "    says" "who preempts it hits both" "$(finding registrations words | grep -o 'who preempts it hits both')"

begin "multipath.conf has no reservation_key"
asks "REGISTER" $good register
configure_multipath key=; multipathd_reconfigure
names "it" reservation_key "multipathd has none"
into_multipath_conf reservation_key
is_well "after its lines"

begin "multipath.conf has a fixed key"
configure_multipath key="reservation_key 0x9999"; multipathd_reconfigure
names "it" reservation_key "fixed key 0x9999"
into_multipath_conf reservation_key
is_well "after its lines"

begin "I/O waits for ever without a path"
configure_multipath; sed -i 's/no_path_retry fail/no_path_retry queue/' /etc/multipath.conf; multipathd_reconfigure
names "it" queue_if_no_path "I/O waits for ever"
into_multipath_conf queue_if_no_path
is_well "after its lines"
configure_multipath; multipathd_reconfigure

begin "multipathd is not there"
multipathd_stop
check "doctor" "36 multipathd=wrong" "$(doctor $mpatha) $(not_well)"
check "    what it then cannot tell" "not checked not checked" \
  "$(finding reservation_key verdict) $(finding queue_if_no_path verdict)"
check "    and its line" "systemctl enable --now multipathd.service" "$(lines_of multipathd)"
multipathd_start
is_well "when it is started"

begin "the helper does not get to multipathd"
stop_helper
unshare --net "$HELPER" -k $socket --control=$control 2>> $log & helper_pid=$!
eventually prhelperctl status --control=$control > /dev/null
names "in another network namespace" multipathd "it answers here, but the helper does not get to it"
helper_restarts
is_well "in that of the host"

begin "the helper gives a disk too little time"
helper_restarts --timeout=2
names "it" timeout "the helper gives a disk 2.0 s"
echo "    runs: $(lines_of timeout)"
helper_starts_as "$(lines_of timeout)"
is_well "started with its line"

begin "two clients on one nexus"
stays=()
client() {  # client KEY: registers, and stays; leaves what came of it in /run/client
  PR_PROBE_STAYS=1 "$BUILD/bin/tests/pr_probe" $socket $mpatha rw ignore 0 "$1" > /run/client & stays+=($!)
  eventually test -s /run/client
}
clients_end() {
  local pid
  for pid in "${stays[@]}"; do kill "$pid"; wait "$pid" || true; done
  stays=()
}
client 1111
is_well "one client"
: > /run/client; client 1112
check "doctor" "36 shared nexus=warning clients=wrong" "$(doctor $mpatha) $(not_well)"
check "    names both" 2 "$(finding clients words | grep -oE "pid (${stays[0]}|${stays[1]})" | sort -u | wc -l)"
line=$(lines_of clients); echo "    runs: $line"
clients_end; helper_starts_as "$line"
: > /run/client; client 1111
: > /run/client; client 1112
check "with its line, the second one's REGISTER" $conflict "$(cat /run/client)"
is_well "    then"
clients_end

if [ -x /usr/bin/qemu-pr-helper ] && [ "$HELPER" != /usr/bin/qemu-pr-helper ]; then
  begin "a helper that keeps what it does not need"
  stop_helper
  /usr/bin/qemu-pr-helper -k $socket & helper_pid=$!
  eventually prhelperctl ping --socket=$socket > /dev/null 2>&1
  check "doctor" "36 wrong" "$(doctor "$single") $(finding capabilities verdict)"
  check "    says" "capabilities that it does not need" \
    "$(finding capabilities words | grep -o 'capabilities that it does not need')"
  kill -TERM $helper_pid; wait $helper_pid || true
  helper_starts
  is_well "ours"
fi

stop_helper; multipathd_stop; udevd_stop
echo "-- the helper's log"; tail -n 20 $log
verdict_of_checks
