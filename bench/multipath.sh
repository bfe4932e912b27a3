#!/bin/bash
# SPDX-License-Identifier: MIT
# multipath.sh: runs in the test VM (tests/vm/boot.sh). multipath_bench on maps of two and of four paths.
set -euo pipefail
. "$SOURCE/lio.sh"; . "$SOURCE/multipath.sh"; . "$(dirname "$(realpath "$0")")/results.sh"

lio_start; add_map 0 1 2; add_map 1 4 4
multipath_start poll=5
eventually map_has_paths 2 mpatha; eventually map_has_paths 4 mpathb
"$BUILD/bin/bench/multipath_bench" --ours="$HELPER" --map2="$mpatha" --map4="$mpathb" \
  --csv=/run/multipath.csv --svg=/run/multipath.svg
show_results multipath
multipathd_stop; udevd_stop
