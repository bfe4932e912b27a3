#!/bin/bash
# SPDX-License-Identifier: MIT
# emulator-rows.sh BUILD: the table of reservation_rows against prhelper-emulator, which must answer as SPC-4
# says. A file is a logical unit, and each of its links one I_T nexus.
set -euo pipefail
build=$1
directory=$(mktemp -d); emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2> /dev/null || true; rm -rf "$directory"' EXIT
socket=$directory/socket
truncate -s 1M "$directory/ours"; ln "$directory/ours" "$directory/other"; mkdir "$directory/state"

"$build/bin/prhelper-emulator" -k "$socket" --state-dir="$directory/state" & emulator=$!
for _ in {1..300}; do [ -S "$socket" ] && break; sleep 0.1; done
"$build/bin/tests/reservation_rows" --socket="$socket" --ours="$directory/ours" --other="$directory/other" \
  --target=spc --aborts
