#!/bin/bash
# SPDX-License-Identifier: MIT
# mpath_guest.sh: runs in the test VM. A real guest takes persistent reservations on a multipath map, of which
# a path is lost and found: see guest_session.sh. Ports 1 and 2 are the paths, 3 is the rival, 4 the witness.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/guest_machine.sh"; . "$here/guest_session.sh"

lio_start; add_map 0 1 2; rival=$other
add_port 4 0; witness=$(device_of 4); others+=("${witness#/dev/}")
multipath_start poll=1; eventually map_has_paths 2
start_helper $socket
start_guest $mpatha

twice() { echo " 2 registered reservation keys follow: $1 $1 \$"; }
guest_writes_down_each_path() {
  in_guest "$1" "$2" '' dd if=/dev/zero of=/dev/disk0 bs=4096 count=16 conv=fsync
}

guest_in "reads no keys" $good "$no_keys" --read-keys
guest_out "registers" $good --register --param-sark=0x1111
keys_are "$(twice 0x1111)"
guest_out "reserves" $good --reserve --param-rk=0x1111 --prout-type=5
reservation_is 'Key=0x1111 .*type: Write Exclusive, registrants only'
guest_writes_down_each_path "writes" 0
rival_writes "the rival cannot write" 1

echo "a path is lost"
path_offline 1; wait_for_path_failed "${paths[0]}"
guest_writes_down_each_path "writes on" 0
guest_in "reads the reservation" $good 'Key=0x1111 ' --read-reservation
guest_out "preempts itself, for another type" $good \
  --preempt --param-rk=0x1111 --param-sark=0x1111 --prout-type=6
reservation_is 'Key=0x1111 .*type: Exclusive Access, registrants only'
guest_out "releases" $good --release --param-rk=0x1111 --prout-type=6
reservation_is "$none_held"
guest_out "reserves again" $good --reserve --param-rk=0x1111 --prout-type=5

echo "the path is found again"
path_online 1; wait_for_path_reinstated "${paths[0]}"
guest_writes_down_each_path "writes on" 0
keys_are "$(twice 0x1111)"

drain "$rival"
rival_out "the rival registers" $good --register --param-sark=0x2222
rival_out "the rival preempts the guest" $good --preempt --param-rk=0x2222 --param-sark=0x1111 --prout-type=5
# The unit attention that tells it may have been taken by multipathd, which looks after its paths.
reserve=(sg_persist -n --out --reserve --param-rk=0x1111 --prout-type=5 /dev/disk0)
in_guest "is in conflict" $conflict '' "${reserve[@]}" ';' "${reserve[@]}"
guest_writes_down_each_path "cannot write" 1
keys_are "$(only 0x2222)"
reservation_is 'Key=0x2222 '

echo "the helper is restarted"
stop_helper; start_helper $socket
guest_in "reads the key through the new helper" $good "$(only 0x2222)" --read-keys
guest_out "comes back" $good --register-ignore --param-sark=0x3333
guest_out "preempts the rival" $good --preempt --param-rk=0x3333 --param-sark=0x2222 --prout-type=5
keys_are "$(twice 0x3333)"
reservation_is 'Key=0x3333 '
guest_writes_down_each_path "writes again" 0
drain "$rival"
rival_writes "the rival is fenced" 1
guest_out "unregisters" $good --register --param-rk=0x3333
keys_are "$no_keys"
reservation_is "$none_held"

stop_helper; multipathd_stop; udevd_stop
verdict_of_guest
