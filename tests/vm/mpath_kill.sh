#!/bin/bash
# SPDX-License-Identifier: MIT
# mpath_kill.sh: runs in the test VM. The helper is killed (SIGKILL) at every point of every command that
# changes something, and started again: see kill_points.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"

lio_start; add_map 0 1 2
multipath_start poll=600; eventually map_has_paths 2
udevd_stop
code=0
"$BUILD/bin/tests/kill_points" --helper="$HELPER" --switch="$BUILD/bin/tests/kill_switch.so" \
  --socket=$socket --ours=$mpatha --other="$other" "${paths[@]/#/--path=}" || code=$?
multipathd_stop
exit $code
