#!/bin/bash
# SPDX-License-Identifier: MIT
# guest.sh: runs in the test VM. A real guest takes persistent reservations on a disk: see guest_session.sh.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/guest_machine.sh"; . "$here/guest_session.sh"

lio_start; add_store 0; for port in 1 2 3; do add_port $port 0; done
disk=$(device_of 1); witness=$(device_of 2); rival=$(device_of 3)
start_helper $socket
start_guest "$disk"

guest_in "reads no keys" $good "$no_keys" --read-keys
guest_in "is not reserved" $good "$none_held" --read-reservation
guest_in "asks what the disk can" $good 'Persist Through Power Loss Capable' --report-capabilities

guest_out "registers" $good --register --param-sark=0x1111
keys_are "$(only 0x1111)"
guest_out "reserves" $good --reserve --param-rk=0x1111 --prout-type=5
reservation_is 'Key=0x1111 .*type: Write Exclusive, registrants only'
guest_in "reads the reservation back" $good 'Key=0x1111 .*type: Write Exclusive, registrants only' \
  --read-reservation
guest_in "reads full status" $good 'Key=0x1111 .*<< Reservation holder >>' --read-full-status
guest_writes "writes" 0

rival_writes "the rival cannot write" 1
drain "$rival"
rival_out "the rival registers" $good --register --param-sark=0x2222
rival_out "the rival cannot reserve" $conflict --reserve --param-rk=0x2222 --prout-type=5
guest_in "reads both keys" $good '2 registered.*0x1111.*0x2222' --read-keys

rival_out "the rival preempts the guest" $good --preempt --param-rk=0x2222 --param-sark=0x1111 --prout-type=5
guest_out "learns that it was preempted" $attention --reserve --param-rk=0x1111 --prout-type=5
guest_out "is in conflict" $conflict --reserve --param-rk=0x1111 --prout-type=5
guest_writes "cannot write" 1
reservation_is 'Key=0x2222 '

echo "the helper is restarted"
stop_helper
guest_in "has no helper" $aborted '' --read-keys
start_helper $socket
guest_in "reads the keys through the new helper" $good "$(only 0x2222)" --read-keys
guest_out "registers again" $good --register-ignore --param-sark=0x3333
keys_are '0x2222.*0x3333'
guest_out "preempts the rival" $good --preempt --param-rk=0x3333 --param-sark=0x2222 --prout-type=5
keys_are "$(only 0x3333)"
reservation_is 'Key=0x3333 '
drain "$rival"
rival_writes "the rival is fenced" 1
guest_writes "writes again" 0

guest_out "releases" $good --release --param-rk=0x3333 --prout-type=5
reservation_is "$none_held"
guest_out "reserves for all registrants" $good --reserve --param-rk=0x3333 --prout-type=7
reservation_is 'type: Write Exclusive, all registrants'
guest_out "clears" $good --clear --param-rk=0x3333
keys_are "$no_keys"
reservation_is "$none_held"

guest_out "uses a wrong key" $conflict --register --param-rk=0x77 --param-sark=0x1111
guest_out "sends a type that does not exist" $illegal --reserve --param-rk=0 --prout-type=2
# A disk that QEMU opened read-only: its descriptor lets the helper read, and nothing else. (As a block device
# the guest would not even open it for writing.)
guest_in "reads the keys on a read-only disk" $good "$no_keys" --read-keys /dev/generic1
guest_disk=/dev/generic1 guest_out "cannot register on it" $refused --register-ignore --param-sark=0x4444
keys_are "$no_keys"
# QEMU itself refuses PR IN of more than 8192 bytes; the helper never sees it, and the connection stays good.
in_guest "asks for more than QEMU allows" $illegal 'Invalid field in cdb' \
  sg_raw -r 16384 /dev/disk0 5e 00 00 00 00 00 00 40 00 00
guest_in "still works" $good "$no_keys" --read-keys

stop_helper
verdict_of_guest
