#!/bin/bash
# SPDX-License-Identifier: MIT
# step.sh PORT STEP: one step of script/ports, by itself. It ends at its first failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/ports/sysroot.sh
port=$1 step=$2 work=$PWD/build/ports/$1
# shellcheck disable=SC2154  # triplet and musl_clang are sysroot.sh's
set_port "$port"

# What qemu-user cannot run (tests/vm/port.sh runs the first two): it has no seccomp, knows neither BLKGETDISKSEQ nor SG_IO nor clone3(2),
# and opens for reading what is to be opened with access mode 3.
needs_a_kernel='unit_confinement|unit_confined_calls|unit_multipath_failing_calls'
needs_calls=(
  DescriptorKindTest.WhatADiskIsIsRememberedWhileItIsTheSameDisk
  SgDeviceTest.ADiskThatIsNoScsiDiskRefusesByItself
  DescriptorAccess.OfMode3IsBothSinceTheKernelAsksForBoth
  ClientNamesTest.AreNotThoseOfWhoGotTheNumberOfAProcessThatHasEnded
  PeersWithoutInodes.AProcessIsOneClientAsLongAsItRuns
)
GTEST_FILTER=-$(IFS=:; echo "${needs_calls[*]}"); export GTEST_FILTER

# Numbers and byte order. To the other tests a processor makes no difference.
about_bytes=(unit_base unit_wire unit_scsi unit_emul unit_client_codec unit_options unit_device unit_multipath_rows model_scsi)

build() { cmake --build "$work/build" --target "$@"; }  # build TARGET...

tests_labelled() {  # tests_labelled LABEL: programs that qemu-user can run
  ctest --test-dir "$work/build" -N -L "^$1\$" | sed -n "s/.*: \($1_.*\)/\1/p" | grep -vxE "$needs_a_kernel"
}

run_tests() {  # run_tests TEST...
  build "$@"
  ctest --test-dir "$work/build" --output-on-failure -j "$(nproc)" -R "^($(IFS='|'; echo "$*"))\$"
}

case $step in
  sysroot) make_sysroot "$work" "$port" ;;
  configure)
    if [ "$port" = musl ]; then
      options=(--preset demo -DPRH_WERROR=ON -DPRH_STATIC=OFF -DPRH_PORT_CLANG="$musl_clang")
    else
      options=(--preset dev)
    fi
    cmake "${options[@]}" -B "$work/build" --toolchain "$PWD/cmake/port.cmake" -DPRH_PORT="$port" \
      -DPRH_PORT_TRIPLET="$triplet" -DPRH_PORT_SYSROOT="$work/root" ;;
  build) build qemu-pr-helper prhelper-emulator prhelperctl ;;
  unit)
    mapfile -t tests < <(tests_labelled unit; tests_labelled model)
    run_tests "${tests[@]}" ;;
  bytes)
    GTEST_FILTER+=:SgFaults.GoodIsSaidByTheDeviceAloneInEveryProductOfTheThreeStatuses  # 17 million; as much as all the rest
    GTEST_FILTER+=:ManyHosts.*  # threads, to which byte order makes no difference
    run_tests "${about_bytes[@]}" ;;
  boot)
    build qemu-pr-helper reservation_rows pr_probe unit_confinement unit_confined_calls unit_device
    PRH_VM_ARCH=$port PRH_VM_ROOT=$work/root APT_CONFIG=$work/apt/apt.conf \
      tests/vm/boot.sh "$work/build" tests/vm/port.sh 1800 ;;
esac
