#!/bin/bash
# SPDX-License-Identifier: MIT
# guest.sh: runs in the test VM. A real guest, with scsi-block and pr-manager-helper, takes persistent reservations through
# the helper with sg_persist. After every step the logical unit is looked at from outside, on a path of its own.
# Nexuses: the guest's disk (through the helper), $rival (another host), $witness (looks, and never registers).
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"

lio_start; add_store 0; for port in 1 2 3; do add_port $port 0; done
disk=$(device_of 1); witness=$(device_of 2); rival=$(device_of 3)
socket=/run/pr-helper.sock
start_helper $socket

coproc guest { exec qemu-system-x86_64 -machine q35 -accel tcg -cpu max -m 256 -nodefaults -display none -no-reboot \
  -serial stdio -kernel "$KERNEL_ROOT/boot/vmlinuz-$KERNEL_VERSION" -initrd "$BUILD/vm/inner.gz" \
  -append "console=ttyS0 panic=-1 quiet mitigations=off" \
  -object pr-manager-helper,id=pr0,path=$socket -device virtio-scsi-pci \
  -drive "if=none,id=rw,driver=raw,file.driver=host_device,file.filename=$disk,file.pr-manager=pr0,file.locking=off" \
  -device scsi-block,drive=rw,share-rw=on,scsi-id=0 2>&1; }
guest_pid=$!
trap 'kill $guest_pid 2> /dev/null || true' EXIT

failures=0
verdict() {  # verdict TITLE SEEN-CODE EXPECTED-CODE OUTPUT EXPECTED-PATTERN
  local word=ok
  if [ "$2" != "$3" ] || ! grep -Eqz -- "$5" <<< "$4"; then word=FAILED; failures=$((failures + 1)); fi
  printf '%-6s %s\n' "$word" "$1"
  [ "$word" = ok ] || printf '         expected exit code %s and /%s/, saw %s:\n%s\n' "$3" "$5" "$2" "$4"
}

answer=; answer_code=
await() {  # await WORD: lines of the guest up to one that begins with WORD
  answer=; answer_code=none
  local line
  while IFS= read -r -t 120 line <&"${guest[0]}"; do
    line=${line%$'\r'}
    case $line in "$1"*) answer_code=${line#"$1 "}; return ;; esac
    answer+=$line$'\n'
  done
  echo "the guest fell silent after: $answer"; return 1
}

in_guest() {  # in_guest TITLE EXPECTED-CODE EXPECTED-PATTERN COMMAND...
  local title=$1 code=$2 pattern=$3; shift 3
  echo "$*" >&"${guest[1]}"; await DONE
  verdict "guest    $title:  $*" "$answer_code" "$code" "$answer" "$pattern"
}

outside() {  # outside TITLE EXPECTED-CODE EXPECTED-PATTERN COMMAND...: in the test VM, past the helper
  local title=$1 expected=$2 pattern=$3 output code=0; shift 3
  output=$("$@" 2>&1) || code=$?
  verdict "outside  $title:  $*" "$code" "$expected" "$output" "$pattern"
}

drain() {  # the unit attentions that a rival's action left for a nexus
  local _; for _ in 1 2 3; do sg_turs "$1" > /dev/null 2>&1 && return; done
}

keys_are() {  # keys_are PATTERN, as the witness reads them
  drain "$witness"; outside "sees the keys" 0 "$1" sg_persist -n --in --read-keys "$witness"
}

reservation_is() {
  drain "$witness"; outside "sees the reservation" 0 "$1" sg_persist -n --in --read-reservation "$witness"
}

none_held='there is NO reservation held'
conflict=24 attention=6  # exit codes of sg_persist(8)
prout="sg_persist -n --out"

await READY
echo "the guest is up"

in_guest "reads no keys"    0 'there are NO registered' sg_persist -n --in --read-keys /dev/sda
in_guest "is not reserved"  0 "$none_held" sg_persist -n --in --read-reservation /dev/sda
in_guest "asks what the disk can" 0 'Persist Through Power Loss Capable' sg_persist -n --in --report-capabilities /dev/sda

in_guest "registers" 0 '' $prout --register --param-sark=0x1111 /dev/sda
keys_are '^[^x]*1 registered reservation key follows:\s*0x1111\s*$'
in_guest "reserves" 0 '' $prout --reserve --param-rk=0x1111 --prout-type=5 /dev/sda
reservation_is 'Key=0x1111\s.*type: Write Exclusive, registrants only'
in_guest "reads the reservation back" 0 'Key=0x1111\s.*type: Write Exclusive, registrants only' \
  sg_persist -n --in --read-reservation /dev/sda
in_guest "reads full status" 0 'Key=0x1111\s.*<< Reservation holder >>' sg_persist -n --in --read-full-status /dev/sda
in_guest "writes" 0 '' dd if=/dev/zero of=/dev/sda bs=4096 count=1 conv=fsync

outside "the rival cannot write" 1 '' dd if=/dev/zero of="$rival" bs=4096 count=1 oflag=direct conv=fsync
drain "$rival"
outside "the rival registers" 0 '' $prout --register --param-sark=0x2222 "$rival"
outside "the rival cannot reserve" $conflict '' $prout --reserve --param-rk=0x2222 --prout-type=5 "$rival"
in_guest "reads both keys" 0 '2 registered.*0x1111.*0x2222' sg_persist -n --in --read-keys /dev/sda

outside "the rival preempts the guest" 0 '' $prout --preempt --param-rk=0x2222 --param-sark=0x1111 --prout-type=5 "$rival"
in_guest "learns that it was preempted" $attention '' $prout --reserve --param-rk=0x1111 --prout-type=5 /dev/sda
in_guest "is in conflict" $conflict '' $prout --reserve --param-rk=0x1111 --prout-type=5 /dev/sda
in_guest "cannot write" 1 '' dd if=/dev/zero of=/dev/sda bs=4096 count=1 conv=fsync
reservation_is 'Key=0x2222\s'

echo "the helper is restarted"
stop_helper; start_helper $socket
in_guest "reads the keys through the new helper" 0 '0x2222' sg_persist -n --in --read-keys /dev/sda
in_guest "registers again" 0 '' $prout --register-ignore --param-sark=0x3333 /dev/sda
keys_are '0x2222.*0x3333'
in_guest "preempts the rival" 0 '' $prout --preempt --param-rk=0x3333 --param-sark=0x2222 --prout-type=5 /dev/sda
keys_are '^[^x]*0x3333\s*$'
reservation_is 'Key=0x3333\s'
drain "$rival"
outside "the rival is fenced" 1 '' dd if=/dev/zero of="$rival" bs=4096 count=1 oflag=direct conv=fsync
in_guest "writes again" 0 '' dd if=/dev/zero of=/dev/sda bs=4096 count=1 conv=fsync

in_guest "releases" 0 '' $prout --release --param-rk=0x3333 --prout-type=5 /dev/sda
reservation_is "$none_held"
in_guest "reserves for all registrants" 0 '' $prout --reserve --param-rk=0x3333 --prout-type=7 /dev/sda
reservation_is 'type: Write Exclusive, all registrants'
in_guest "clears" 0 '' $prout --clear --param-rk=0x3333 /dev/sda
keys_are 'there are NO registered'
reservation_is "$none_held"

in_guest "uses a wrong key" $conflict '' $prout --register --param-rk=0x77 --param-sark=0x1111 /dev/sda
in_guest "sends a bad type" 5 'Illegal request|illegal request|Invalid field' $prout --reserve --param-rk=0 --prout-type=2 /dev/sda
# QEMU itself refuses PR IN of more than 8192 bytes; the helper never sees it, and the connection stays good.
in_guest "asks for more than QEMU allows" '[1-9].*' '' sg_raw -r 16384 /dev/sda 5e 00 00 00 00 00 00 40 00 00
in_guest "still works" 0 'there are NO registered' sg_persist -n --in --read-keys /dev/sda

echo exit >&"${guest[1]}" || true
stop_helper
echo "guest: $failures steps failed"
[ "$failures" = 0 ]
