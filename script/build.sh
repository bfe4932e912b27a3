# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# build.sh: sourced by the other scripts (with pipefail), in the root of the clone. Builds with progress, and keeps the log.

# At a terminal, ninja itself shows one line that changes. A log gets a line every 10 seconds.
progress() {
  local line='' next=0
  while IFS= read -r line; do
    if ((SECONDS >= next)); then
      echo "  $line"
      next=$((SECONDS + 10))
    fi
  done
}

# build_preset PRESET [TARGET...]: configures and builds; its output is in build/PRESET.log (at a terminal: on the
# terminal), and its end on stderr on failure.
build_preset() {
  local preset=$1 log=build/$1.log targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  mkdir -p build
  cmake --preset "$preset" >"$log" 2>&1 || { tail -n 60 "$log" >&2; return 1; }
  local -a command=(cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]}")
  if [ -t 1 ]; then
    NINJA_STATUS='[%f/%t] ' "${command[@]}"
  elif ! NINJA_STATUS='[%f/%t] ' "${command[@]}" 2>&1 | tee -a "$log" | progress; then
    tail -n 60 "$log" >&2
    return 1
  fi
}
