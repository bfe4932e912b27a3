#!/bin/bash
# SPDX-License-Identifier: MIT
# validate.sh: runs in the test VM. prhelperctl validate on Linux's own target: a disk with one path and a second
# one as the second node, a map of two paths against another host's disk, iSCSI with PREEMPT AND ABORT; and for
# each fault that it can name, one that is provoked.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
# shellcheck disable=SC2154  # target, socket, other, paths, mpatha, helper_pid: of those
. "$here/lio.sh"; . "$here/iscsi.sh"; . "$here/multipath.sh"; . "$here/checks.sh"
answer=/run/answer.json

# validate [OPTION...] DEVICE: its exit code; what it says is in $answer.
validate() {
  local code=0
  "$BUILD/bin/prhelperctl" --socket=$socket --json validate --scratch "$@" > $answer || code=$?
  echo $code
}
told() { python3 -c "import json, sys; said = json.load(open('$answer')); print($1)"; }
verdicts() { told 'said["verdicts"]["wsfc"]["result"], said["verdicts"]["fence_scsi"]["result"]'; }
failures_told() { told '"; ".join(s["step"] + ": " + s["fault"] for s in said["steps"] if s["status"] == "failed")'; }
keys_on() { "$BUILD/bin/prhelperctl" --socket=$socket --json read-keys --retry-unit-attention "$1" | tr -d ' \n' | grep -o '"keys":\[[^]]*\]'; }
is_clean() { check "    nothing is left" '"keys":[]' "$(keys_on "$1")"; }
explain() { told '"\n".join("        " + s["explanation"] for s in said["steps"] if s["status"] == "failed")'; }

# fails_with TITLE FAULTS [OPTION...] DEVICE
fails_with() {
  check "$1: exit status" 99 "$(validate "${@:3}")"
  check "    whose fault" "$2" "$(failures_told)"
  explain
}
works() {  # works TITLE VERDICTS [OPTION...] DEVICE
  check "$1: exit status" 0 "$(validate "${@:3}")"
  check "    whose fault" "" "$(failures_told)"; explain
  check "    verdicts" "$2" "$(verdicts)"
}

lio_start; add_map 0 1 2; map_second=$other
add_store 1; add_port 4 1; add_port 5 1
single=$(device_of 4); single_second=$(device_of 5); others+=("${single#/dev/}" "${single_second#/dev/}")
multipath_start poll=1; eventually map_has_paths 2
start_helper $socket

echo "-- one path"
works "one node" "incomplete incomplete" "$single"; is_clean "$single"
works "two nodes" "works incomplete" --second="$single_second" "$single"; is_clean "$single"
told '"\n".join(said["verdicts"]["fence_scsi"]["not_tested"])'
check "the same disk as second node: exit status" 1 "$(validate --second="$single" "$single")"
check "another disk as second node: exit status" 1 "$(validate --second="$map_second" "$single")"
sg_persist -n --out --register-ignore --param-sark=77 "$single_second" > /dev/null
check "a disk in use: exit status" 24 "$(validate "$single")"
check "    and its key stays" '"keys":["0x77"]' "$(keys_on "$single")"
works "with --clear-keys" "incomplete incomplete" --clear-keys "$single"; is_clean "$single"

echo "-- a map"
works "one node" "incomplete incomplete" $mpatha; is_clean $mpatha
works "two nodes" "works incomplete" --second="$map_second" $mpatha; is_clean $mpatha
check "a path of the map as second node: exit status" 1 "$(validate --second="${paths[0]}" $mpatha)"
told 'said["error"]'

echo "-- the array"
attribute=$target/core/fileio_1/disk1/attrib/emulate_pr
echo 0 > "$attribute"
fails_with "no persistent reservations" "read: array" "$single"
echo 1 > "$attribute"
works "with them again" "incomplete incomplete" "$single"

echo "-- a path"
path_offline 4
fails_with "the only path" "read: path" "$single"
path_online 4
path_offline 1
fails_with "one of two" "register: path" $mpatha
path_online 1; eventually map_has_paths 2
is_clean $mpatha

echo "-- multipathd"
configure_multipath poll=1 key=; multipathd_reconfigure; eventually map_has_paths 2
fails_with "without reservation_key" "multipathd: multipathd" --second="$map_second" $mpatha; is_clean $mpatha
configure_multipath poll=1; multipathd_reconfigure; eventually map_has_paths 2
works "with it again" "works incomplete" --second="$map_second" $mpatha
multipathd_stop
fails_with "that does not run" "multipathd: multipathd" $mpatha; is_clean $mpatha
multipathd_start; eventually map_has_paths 2

echo "-- the helper"
"$BUILD/bin/prhelperctl" --socket=$socket validate --scratch --second="$single_second" "$single" > /run/whole
lines=$(wc -l < /run/whole)
# Killed in the middle, and started anew at once, as a service manager would.
killed=no
for _ in {1..20}; do
  "$BUILD/bin/prhelperctl" --socket=$socket validate --scratch --second="$single_second" "$single" > /run/killed & client=$!
  eventually grep -q 'a node registers' /run/killed
  kill -KILL "$helper_pid"; wait "$helper_pid" || true
  rm -f $socket; start_helper $socket
  code=0; wait $client || code=$?
  if [ $code = 0 ]; then continue; fi  # it was quicker
  killed=yes; break
done
check "killed in the middle" yes $killed
check "    whose fault" "fault of    helper" "$(grep -o 'fault of .*' /run/killed)"
check "    and it says that nothing is left" "Nothing of this run is left on the disk." "$(tail -n 1 /run/killed)"
is_clean "$single"
echo "    of $lines lines were printed $(wc -l < /run/killed):"; grep -A 2 FAILED /run/killed

# Killed, and not started anew.
for _ in {1..20}; do
  code=0
  "$BUILD/bin/prhelperctl" --socket=$socket validate --scratch --second="$single_second" "$single" > /run/killed & client=$!
  eventually grep -q 'a node registers' /run/killed
  kill -KILL "$helper_pid"; wait "$helper_pid" || true; rm -f $socket
  wait $client || code=$?
  start_helper $socket
  # It need not have been registered in that moment.
  left=$(keys_on "$single"); if [ "$left" != '"keys":[]' ]; then break; fi
done
check "killed for good: exit status" 99 "$code"
check "    a key is left, and told of" yes "$(grep -q "^Key $(grep -o '0x[0-9a-f]*' <<< "$left" | head -n 1) may be left" /run/killed && echo yes)"
grep -A 1 'left on the disk. This' /run/killed || true
PATH=$BUILD/bin:$PATH
grep '^  prhelperctl ' /run/killed | while read -r remove; do $remove || true; done  # one of them may not be there
is_clean "$single"

echo "-- iSCSI, with PREEMPT AND ABORT"
stop_helper; multipathd_stop; udevd_stop
add_store 2; export_store 2; iscsi_start; iscsi_login ours; iscsi_login other
start_helper $socket
works "two nodes" "works works" --second="$(iscsi_device_of other)" --preempt-abort "$(iscsi_device_of ours)"
is_clean "$(iscsi_device_of ours)"

stop_helper
verdict_of_checks
