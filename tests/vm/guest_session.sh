# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# guest_session.sh: sourced in the test VM after lio.sh and guest_machine.sh. A real guest, with scsi-block and pr-manager-helper,
# takes persistent reservations through the helper with sg_persist. After every step the logical unit is
# looked at from outside, on a path of its own. Nexuses: the guest's disk (through the helper), $rival (another
# host), $witness (looks, and never registers).
# shellcheck disable=SC2154  # rival, witness: whoever sources this; guest_machine, monitor: guest_machine.sh

socket=/run/pr-helper.sock

# The guest goes on where it was saved (guest_machine.sh), and then gets its disks. QEMU must not lock what has two paths.
guest_pid=
start_guest() {  # start_guest DISK: returns when it has its disks
  local host_disk="if=none,driver=raw,file.driver=host_device,file.locking=off"
  host_disk+=",file.pr-manager=pr0,file.filename="
  open_monitor /run
  coproc guest { exec "${guest_machine[@]}" "${monitor[@]}" -incoming "exec:cat '$BUILD/vm/guest.state'" \
    -object pr-manager-helper,id=pr0,path=$socket -drive "$host_disk$1,id=rw" -drive "$host_disk$witness,id=ro,readonly=on" 2>&1; }
  guest_pid=$!
  trap 'kill $guest_pid 2> /dev/null || true' EXIT
  qmp qmp_capabilities '"RESUME"'
  qmp device_add '"return"' '"driver": "scsi-block", "drive": "rw", "share-rw": "on", "scsi-id": "0"'
  qmp device_add '"return"' '"driver": "scsi-block", "drive": "ro", "share-rw": "on", "scsi-id": "1"'
  in_guest "has its disks" 0 '' await_disks
  echo "the guest is up"
}

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

# shellcheck disable=SC2034  # for others
no_keys='there are NO registered' none_held='there is NO reservation held'
only() { echo " 1 registered reservation key follows: $1 \$"; }
# shellcheck disable=SC2034  # for others
good=0 illegal=5 attention=6 refused=9 aborted=11 conflict=24  # exit codes of sg_persist(8)

verdict_of_guest() {
  echo "guest: $failures steps failed"
  [ "$failures" = 0 ]
}
