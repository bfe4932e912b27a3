#!/bin/bash
# SPDX-License-Identifier: MIT
# mpath_rows.sh: runs in the test VM. The table of reservation_rows with a multipath map in the place of our
# disk, over two paths and over four, each of which is looked at by itself.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"

failures=0
play() {  # play MAP OTHER PATH...
  echo "$1 over ${*:3}, other $2"
  local ours=$1 other=$2; shift 2
  "$BUILD/bin/tests/reservation_rows" --socket=$socket --ours="$ours" --other="$other" --target=lio \
    "${@/#/--path=}" --aptpl-directory=/var/target/pr || failures=1
}

lio_start
add_map 0 1 2; two=("${paths[@]}") other_of_two=$other
add_map 1 4 4; four=("${paths[@]}") other_of_four=$other
# Nobody but the helper is to meet a unit attention: no check of a path, no probing of a disk that was closed.
multipath_start poll=600
eventually map_has_paths 2 mpatha; eventually map_has_paths 4 mpathb
udevd_stop
start_helper $socket
play $mpatha "$other_of_two" "${two[@]}"
play $mpathb "$other_of_four" "${four[@]}"

stop_helper; multipathd_stop
exit $failures
