#!/bin/bash
# SPDX-License-Identifier: MIT
# promtool.sh BUILD: Prometheus's own judgement of the metrics of a real server, with and without disks. promtool comes from
# Debian's package, which is unpacked below BUILD and not installed: that of Debian 12 would start a server.
set -euo pipefail
build=$1
. "$(dirname "$0")/../support/packages.sh"

# A tool that is missing skips the test on a developer's machine; CI promised to have it.
unavailable() {
  if [ "${CI:-}" = true ]; then echo "FAILED  $* (and CI=true promises it)"; exit 1; fi
  echo "SKIPPED $*"; exit 77
}

promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then
  command -v apt-get > /dev/null || unavailable "no promtool here, and no apt-get to fetch it"
  package=prometheus  # Debian 12 and Ubuntu 24.04 have promtool in it
  ! apt-cache show promtool > /dev/null 2>&1 || package=promtool
  promtool=$build/packages/$package/usr/bin/promtool
  unpack_packages "$build/packages/$package" $package || unavailable "apt-get cannot download $package"
fi

place=$(mktemp -d)
"$build/bin/prhelper-emulator" -k "$place/socket" --control="$place/control" &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$place"' EXIT
ctl() { "$build/bin/prhelperctl" "$@"; }
for ((i = 0; i < 300; i++)); do
  if ctl status --control="$place/control" > /dev/null 2>&1; then break; fi
  sleep 0.1
done

failures=0
fail() { echo "FAILED  $*"; failures=$((failures + 1)); }

judge() {  # judge FILE: promtool complains with words, not only with its exit status
  local code=0
  said=$("$promtool" check metrics < "$1" 2>&1) || code=$?
  [ $code = 0 ] && [ -z "$said" ]
}
passes() {  # passes FILE WHAT
  if ! [ -s "$1" ]; then fail "$2: nothing"
  elif judge "$1"; then echo "ok      $2"
  else fail "$2: $said"; fi
}

disk="$place/a \"disk\" \\ of 50 %"
touch "$disk"
ctl metrics --control="$place/control" > "$place/none"
ctl register --param-sark=1 --socket="$place/socket" "$disk" > /dev/null
ctl metrics --control="$place/control" > "$place/one"
ctl metrics --control="$place/control" --output="$place/helper.prom"
ctl metrics --control="$place/nowhere" > "$place/gone" 2> /dev/null && fail "a server that is gone is no failure"
passes "$place/none" "metrics of a server that has seen no disk"
passes "$place/one" "metrics of a server with a disk of an odd name"
grep -q 'device=".*a \\"disk\\" \\\\ of 50 %"' "$place/one" || fail "the odd name is not there"
passes "$place/helper.prom" "the file for node_exporter"
passes "$place/gone" "metrics of a server that is gone"
printf 'requests 1\n' > "$place/nonsense"
judge "$place/nonsense" && fail "nonsense passes"
[ $failures = 0 ]
