#!/bin/bash
# SPDX-License-Identifier: MIT
# port.sh: runs in the test VM of another architecture (script/ports). The helper, confined, on Linux's own target; and what
# depends on the C library's and the kernel's system calls.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/checks.sh"
socket=/run/pr-helper.sock

export CI=true  # here is all that a test may need: none is skipped

attempts=0
attempt() {  # attempt TITLE COMMAND...
  local code=0 start=$SECONDS
  "${@:2}" || code=$?
  attempts=$((attempts + 1))
  check "$1 ($((SECONDS - start)) s)" 0 $code
}

unit() { attempt "$1 ${2:-}" "$BUILD/bin/tests/$1" --gtest_brief=1 ${2:+--gtest_filter="$2"}; }  # unit TEST [FILTER]

read -r up _ < /proc/uptime
echo "kernel $(uname -r), $(uname -m), up since $up s"
modprobe loop  # for unit_device
lio_start; add_store 0; add_port 1 0; add_port 2 0
disk=$(device_of 1)
start_helper $socket
attempt "reservation_rows on a real disk" "$BUILD/bin/tests/reservation_rows" --socket=$socket --target=lio \
  --ours="$disk" --other="$(device_of 2)" --aptpl-directory=/var/target/pr
attempt "its end" stop_helper

background() {
  "$HELPER" -d -k $socket -f /run/helper.pid
  [ "$(probe "$disk" rw in)" = $good ] && kill -TERM "$(cat /run/helper.pid)"
}
attempt "-d, and PR IN" background

# What qemu-user cannot do: seccomp, Landlock and loop devices.
unit unit_confinement
unit unit_confined_calls
unit unit_device 'DescriptorKind*:DescriptorAccess*:DiskIdentity*:SgDevice*'
verdict_of_checks || code=$?
echo "$(((attempts - ${#failed[@]}) * 100 / attempts))% tests passed, ${#failed[@]} tests failed out of $attempts"
exit "${code:-0}"
