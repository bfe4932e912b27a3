#!/bin/bash
# SPDX-License-Identifier: MIT
# doctor_iscsi.sh: runs in the test VM. A map over two iSCSI sessions, whose transport shows the initiator's name:
# registrations are told by it and the target port, and one of a session of this host that is no path of the map is
# stale. Ports: 1 is that session, 2 and 3 are the paths.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/iscsi.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/mpath_checks.sh"
. "$here/doctor_checks.sh"

lio_start; add_store 0; for group in 1 2 3; do export_store 0 $group; done
iscsi_start; iscsi_login other 1; iscsi_login ours 2; iscsi_login ours 3
paths=("$(iscsi_device_of ours 2)" "$(iscsi_device_of ours 3)")
other=$(iscsi_device_of other 1); others+=("${other#/dev/}")
multipath_start poll=1; eventually map_has_paths 2
helper_starts
port_of_path() { show $mpatha | grep -E "^  $(basename "$1") " | tr -s ' ' | cut -d' ' -f8; }

echo "-- registrations are told by initiator and target port"
asks "REGISTER" $good register
path_does "${paths[1]}" --reserve --param-rk=1111 --prout-type=5
row_is "show: a path that does not hold" "${paths[0]}" "0x1111 -"
row_is "show: the path that holds" "${paths[1]}" "0x1111 yes"
check "show: this host's port" "$(iscsi_initiator ours)" "$(port_of_path "${paths[0]}")"
check "show: does not guess" 0 "$(show $mpatha | grep -c 'by target port alone' || true)"
is_well "with both"

echo "-- a path without a registration"
path_does "${paths[0]}" --register --param-rk=1111
row_is "show" "${paths[0]}" "none -"
names "it" registrations "$(basename "${paths[0]}"): no registration"
run_lines registrations
is_well "after its line"

echo "-- a registration of this host that is none of a path"
other_does --register-ignore --param-sark=dead
check "show" "0xdead" "$(show $mpatha | sed -n '/^Of this host, but/,$ s/^  \(0x[0-9a-f]*\) .*/\1/p')"
check "doctor" "0 registrations=warning" "$(doctor $mpatha) $(not_well)"
run_lines registrations
is_well "after its line"
check "    and it is gone" "2=1111 3=1111; 3 holds type 5" "$(state)"

echo "-- a path that keeps its commands for longer than a guest waits"
session=$(basename "$(realpath "/sys/class/block/${paths[0]##*/}/device" | grep -o '.*/session[0-9]*')")
echo 600 > "/sys/class/iscsi_session/$session/recovery_tmo"
check "doctor" "0 fast_io_fail_tmo=warning" "$(doctor $mpatha) $(not_well)"
check "    says" "$(basename "${paths[0]}") (600 s)" "$(finding fast_io_fail_tmo words | grep -o '^[a-z]* ([0-9]* s)')"
into_multipath_conf fast_io_fail_tmo
is_well "after its lines"

stop_helper; multipathd_stop; udevd_stop
verdict_of_checks
