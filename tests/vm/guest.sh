#!/bin/bash
# SPDX-License-Identifier: MIT
# guest.sh: runs in the test VM. A real guest, with scsi-block and pr-manager-helper, takes persistent
# reservations through the helper with sg_persist. After every step the logical unit is looked at from
# outside, on a path of its own. Nexuses: the guest's disk (through the helper), $rival (another host),
# $witness (looks, and never registers).
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"

lio_start; add_store 0; for port in 1 2 3; do add_port $port 0; done
disk=$(device_of 1); witness=$(device_of 2); rival=$(device_of 3)
socket=/run/pr-helper.sock
start_helper $socket

# An emulated CPU on an emulated CPU is some fifty times slower than the second: no ACPI, no rare instructions
# that are patched in, and a kernel that is already unpacked. QEMU must not lock what has two paths.
host_disk="if=none,driver=raw,file.driver=host_device,file.locking=off,file.pr-manager=pr0,file.filename="
coproc guest { exec qemu-system-x86_64 -machine pc -accel tcg -cpu qemu64 -m 256 -nodefaults -display none \
  -no-reboot -serial stdio -kernel "$BUILD/vm/vmlinux" -initrd "$BUILD/vm/inner.gz" \
  -append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr acpi=off audit=0 lsm= cryptomgr.notests" \
  -object pr-manager-helper,id=pr0,path=$socket -device virtio-scsi-pci \
  -drive "$host_disk$disk,id=rw" -device scsi-block,drive=rw,share-rw=on,scsi-id=0 \
  -drive "$host_disk$witness,id=ro,readonly=on" -device scsi-block,drive=ro,share-rw=on,scsi-id=1 2>&1; }
guest_pid=$!
trap 'kill $guest_pid 2> /dev/null || true' EXIT

failures=0
verdict() {  # verdict TITLE SEEN-CODE EXPECTED-CODE OUTPUT EXPECTED-PATTERN
  local word=ok
  if [ "$2" != "$3" ] || ! tr -s '[:space:]' ' ' <<< "$4" | grep -Eq -- "$5"; then
    word=FAILED; failures=$((failures + 1))
  fi
  printf '%-6s %s\n' "$word" "$1"
  [ "$word" = ok ] || printf '         expected exit code %s and /%s/, saw %s:\n%s\n' "$3" "$5" "$2" "$4"
}

answer=; answer_code=
await() {  # await WORD SECONDS: lines of the guest up to one that begins with WORD; none may take longer
  answer=; answer_code=none
  local line
  while IFS= read -r -t "$2" line <&"${guest[0]}"; do
    line=${line%$'\r'}
    case $line in "$1"*) answer_code=${line#"$1 "}; return ;; esac
    answer+=$line$'\n'
  done
  echo "the guest fell silent after: $answer"; return 1
}

in_guest() {  # in_guest TITLE EXPECTED-CODE EXPECTED-PATTERN COMMAND...
  local title=$1 code=$2 pattern=$3; shift 3
  echo "$*" >&"${guest[1]}"; await DONE 180
  verdict "guest    $title:  $*" "$answer_code" "$code" "$answer" "$pattern"
}

outside() {  # outside TITLE EXPECTED-CODE EXPECTED-PATTERN COMMAND...: in the test VM, past the helper
  local title=$1 expected=$2 pattern=$3 output code=0; shift 3
  output=$("$@" 2>&1) || code=$?
  verdict "outside  $title:  $*" "$code" "$expected" "$output" "$pattern"
}

guest_in() { in_guest "$1" "$2" "$3" sg_persist -n --in "$4" "${5:-/dev/disk0}"; }
guest_out() { in_guest "$1" "$2" '' sg_persist -n --out "${@:3}" "${guest_disk:-/dev/disk0}"; }
guest_writes() { in_guest "$1" "$2" '' dd if=/dev/zero of=/dev/disk0 bs=4096 count=1 conv=fsync; }
rival_out() { outside "$1" "$2" '' sg_persist -n --out "${@:3}" "$rival"; }
rival_writes() { outside "$1" "$2" '' dd if=/dev/zero of="$rival" bs=4096 count=1 oflag=direct; }

drain() {  # the unit attentions that another's action left for a nexus
  local _; for _ in 1 2 3; do sg_turs "$1" > /dev/null 2>&1 && return; done
}
keys_are() {  # keys_are PATTERN, as the witness reads them
  drain "$witness"; outside "sees the keys" 0 "$1" sg_persist -n --in --read-keys "$witness"
}
reservation_is() {
  drain "$witness"; outside "sees the reservation" 0 "$1" sg_persist -n --in --read-reservation "$witness"
}

no_keys='there are NO registered' none_held='there is NO reservation held'
only() { echo " 1 registered reservation key follows: $1 \$"; }
good=0 illegal=5 attention=6 refused=9 aborted=11 conflict=24  # exit codes of sg_persist(8)

await READY 900
echo "the guest is up"

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
echo "guest: $failures steps failed"
[ "$failures" = 0 ]
