# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# results.sh: sourced in the test VM, which can write nowhere outside: files go to the console, between lines that
# script/bench knows.

show_results() {  # show_results NAME: /run/NAME.csv and /run/NAME.svg
  local file
  for file in "$1.csv" "$1.svg"; do
    echo "BEGIN $file"; cat "/run/$file"; echo "END $file"
  done
}
