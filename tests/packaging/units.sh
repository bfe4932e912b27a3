#!/bin/bash
# SPDX-License-Identifier: MIT
# units.sh BUILD: what is installed for systemd, AppArmor and bpftrace is well-formed, names the program where it is installed,
# and the services are exposed no more than packaging/README.md says. Needs no running systemd. That they work is
# for tests/vm.
set -euo pipefail
build=$1
. "$(dirname "$0")/../support/packages.sh"
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
failures=0

fail() { echo "FAILED  $*"; failures=$((failures + 1)); }

unit() { echo "$place/usr/lib/systemd/system/$1"; }

# It has no word for success but its exit status, and that only with --recursive-errors.
verify() { systemd-analyze verify --man=no --recursive-errors=no "$@" 2>&1; }

is_well_formed() {  # is_well_formed UNIT
  local said code=0
  said=$(verify "$(unit "$1")") || code=$?
  if [ $code = 0 ] && [ -z "$said" ]; then echo "ok      $1 is well-formed"; else fail "$1 ($code): $said"; fi
}

is_exposed_at_most() {  # is_exposed_at_most UNIT TENTHS
  local said exposure
  said=$(systemd-analyze security --no-pager --offline=true "$(unit "$1")")
  exposure=$(sed -nE 's/.*Overall exposure level for .*: ([0-9]+)\.([0-9]) .*/\1\2/p' <<< "$said")
  if [[ $exposure =~ ^[0-9]+$ ]] && ((10#$exposure <= $2)); then
    echo "ok      $1 is exposed by $((10#$exposure)) tenths, allowed are $2"
  else
    fail "$1 is exposed by ${exposure:-?} tenths, allowed are $2:"; sed -n '/^✗/p' <<< "$said"
  fi
}

cmake --install "$build" --prefix "$place/usr" > /dev/null
for name in qemu-pr-helper qemu-pr-helper-single-path; do
  is_well_formed $name.service; is_well_formed $name.socket
done
is_well_formed prhelperctl-serve.service
is_exposed_at_most qemu-pr-helper.service 15
is_exposed_at_most qemu-pr-helper-single-path.service 11
is_exposed_at_most prhelperctl-serve.service 13

# Would either of them notice?
sed 's/^ProtectSystem=strict$/ProtectSystem=perhaps/' "$(unit qemu-pr-helper.service)" > "$place/wrong.service"
verify "$place/wrong.service" > /dev/null && fail "a unit that is wrong passes"
sed -i 's/^CapabilityBoundingSet=.*/CapabilityBoundingSet=~/' "$(unit qemu-pr-helper.service)"
(is_exposed_at_most qemu-pr-helper.service 15; exit $failures) > /dev/null && fail "all capabilities pass"

profile=$place/usr/etc/apparmor.d/usr.bin.qemu-pr-helper
base=/etc/apparmor.d  # beside the program where the package is unpacked and not installed
if ! provide apparmor_parser apparmor "$build"; then provided=apparmor_parser; fi
case $provided in "$build"/*) base=$build/packages/apparmor$base ;; esac
if said=$("$provided" --base="$base" --skip-kernel-load --skip-cache "$profile" 2>&1) &&
  grep -q "^ *$place/usr/bin/qemu-pr-helper mr,$" "$profile"
then echo "ok      the AppArmor profile is well-formed"
else fail "the AppArmor profile: $said"; fi

for name in prh-latency prh-conflicts prh-senders; do
  script=$place/usr/share/qemu-pr-helper/bpftrace/$name.bt
  if [ -x "$script" ] && grep -q '^usdt:' "$script" &&
    ! grep '^usdt:' "$script" | grep -vq "^usdt:$place/usr/bin/qemu-pr-helper:qemu_pr_helper:[a-z_]*$"
  then echo "ok      $name.bt names the program's probes"
  else fail "$name.bt: $(grep '^usdt:' "$script")"; fi
done
[ $failures = 0 ]
