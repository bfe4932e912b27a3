# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# checks.sh: sourced in the test VM after lio.sh. One line per check, and what pr_probe comes to.

# shellcheck disable=SC2034  # for others
good=00 refused='02 5/20/00' no_device='02 b/00/06' transport_disrupted='02 b/29/07'
socket=/run/pr-helper.sock
failed=()

check() {  # check TITLE EXPECTED SEEN
  if [ "$2" = "$3" ]; then printf 'ok      %s -> %s\n' "$1" "$3"; return; fi
  failed+=("$(printf 'FAILED  %s: expected %s, seen %s' "$1" "$2" "$3")")
  echo "${failed[-1]}"
}
trap 'echo "FAILED  line $LINENO ended the script: $BASH_COMMAND" >&2' ERR

probe() { "$BUILD/bin/tests/pr_probe" $socket "$@"; }

verdict_of_checks() {
  echo "${#failed[@]} checks failed"
  [ ${#failed[@]} = 0 ]
}
