#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh FUZZER CORPUS SECONDS: the seeds first, then new inputs for so long; says how many were executed and what they covered.
# An input that fails is kept in the directory where this runs (crash-...), and printed.
set -euo pipefail
fuzzer=$1; corpus=$2; seconds=$3
name=$(basename "$fuzzer")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir "$work/found"

code=0
"$fuzzer" -close_fd_mask=3 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
  -artifact_prefix="$name-" "$work/found" "$corpus" 2> "$work/log" || code=$?

executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
covered=$(grep -o ' cov: [0-9]* ft: [0-9]*' "$work/log" | tail -n 1) || true  # none where the first input fails
seeds=$(find "$corpus" -type f | wc -l)
echo "$name: $seeds seeds, ${executions:-0} executions in $seconds s,${covered:- nothing covered}, $(ls "$work/found" | wc -l) new inputs"
[ $code -eq 0 ] && [ "${executions:-0}" -gt "$seeds" ] && exit 0
cat "$work/log"
for input in "$name"-*; do
  [ -f "$input" ] && { echo "$input:"; base64 < "$input"; }
done
exit 1
