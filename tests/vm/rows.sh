#!/bin/bash
# SPDX-License-Identifier: MIT
# rows.sh: runs in the test VM. The table of reservation_rows on Linux's own target: over two loopback ports,
# and over iSCSI, where PREEMPT AND ABORT can be played.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/iscsi.sh"
socket=/run/pr-helper.sock
failures=0

play() {  # play OURS OTHER [OPTION]
  echo "ours $1, other $2"
  "$BUILD/bin/tests/reservation_rows" --socket=$socket --ours="$1" --other="$2" --target=lio \
    --aptpl-directory=/var/target/pr "${@:3}" || failures=1
}

lio_start; add_store 0; add_port 1 0; add_port 2 0
start_helper $socket
echo "loopback:"
play "$(device_of 1)" "$(device_of 2)"

add_store 1; export_store 1; iscsi_start; iscsi_login ours; iscsi_login other
echo "iSCSI:"
play "$(iscsi_device_of ours)" "$(iscsi_device_of other)" --aborts

stop_helper
exit $failures
