#!/bin/bash
# SPDX-License-Identifier: MIT
# hung-lun.sh: runs in the test VM (tests/vm/boot.sh). hung_lun_bench on two disks, one of them over iSCSI.
set -euo pipefail
. "$SOURCE/lio.sh"; . "$SOURCE/iscsi.sh"; . "$(dirname "$(realpath "$0")")/results.sh"

lio_start; add_store 0; add_port 1 0; healthy=$(device_of 1)
add_store 1; export_store 1; iscsi_start; iscsi_login bench; hung=$(iscsi_device_of bench)
"$BUILD/bin/bench/hung_lun_bench" --ours="$HELPER" --healthy="$healthy" --hung="$hung" \
  --csv=/run/hung-lun.csv --svg=/run/hung-lun.svg
show_results hung-lun
