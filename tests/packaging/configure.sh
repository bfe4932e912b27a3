#!/bin/bash
# SPDX-License-Identifier: MIT
# configure.sh SOURCE: what a packager may rely on when the build is configured. Nothing is compiled but CMake's own checks.
set -euo pipefail
source=$1
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
failed=0

# configured NAME [CMAKE-OPTION...]: in $place/NAME
configured() {
  local name=$1; shift
  cmake -S "$source" -B "$place/$name" -G Ninja "$@" >"$place/$name.log" 2>&1 && return
  echo "FAILED: $name does not configure"; cat "$place/$name.log"; failed=1
  return 1
}
# count NAME GREP-OPTION... PATTERN: how many of its files' commands grep selects
count() { sed -n 's/^  "command": //p' "$place/$1/compile_commands.json" | { grep -c "${@:2}" || true; }; }
compiles_with() {  # compiles_with NAME FLAG: every file
  [ "$(count "$1" .)" -gt 0 ] && [ "$(count "$1" -v -- " $2 ")" -eq 0 ] ||
    { echo "FAILED: $1: not every file is compiled with $2"; failed=1; }
}
compiles_without() {  # compiles_without NAME PATTERN: no file
  [ "$(count "$1" .)" -gt 0 ] && [ "$(count "$1" -E -- "$2")" -eq 0 ] ||
    { echo "FAILED: $1: a file is compiled with $2"; failed=1; }
}

# The daemon alone needs no library of prhelperctl's, and none of the tests'.
if configured daemon -DPRH_TOOLS=OFF -DCMAKE_DISABLE_FIND_PACKAGE_{CLI11,nlohmann_json,httplib,GTest,rapidcheck}=ON; then
  grep -q qemu-pr-helper "$place/daemon/build.ninja" || { echo "FAILED: the daemon is not built"; failed=1; }
  compiles_without daemon '/src/(ctl|client|monitor|diagnose|report|emul)/'
fi

# By default there are no tests, and warnings are not errors.
if configured product -DCMAKE_DISABLE_FIND_PACKAGE_{GTest,rapidcheck}=ON; then
  compiles_without product '-Werror'
  compiles_without product '/(tests|bench)/'
fi

# No flag of another processor, of which clang only warns.
case $(uname -m) in
  x86_64) foreign=-mbranch-protection ;;
  *) foreign=-fcf-protection ;;
esac
for compiler in g++ clang++; do
  command -v "$compiler" > /dev/null || continue
  ! configured "$compiler" -DCMAKE_CXX_COMPILER="$compiler" || compiles_without "$compiler" "$foreign"
done

# A distribution's flags are the last word on optimisation, debug information and hardening.
export CXXFLAGS='-O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector -fno-stack-clash-protection'
case $(uname -m) in x86_64) CXXFLAGS+=' -fcf-protection=none' ;; esac
if configured distribution -DCMAKE_BUILD_TYPE=None; then
  compiles_with distribution -D_FORTIFY_SOURCE=3
  compiles_without distribution '_FORTIFY_SOURCE=2|-fstack-protector-strong| -fstack-clash-protection|-fcf-protection=full| -O[013s] | -g1 '
fi
unset CXXFLAGS

# Where a distribution has no archives, the shared libraries are linked, and the output says so.
if configured shared -DSECCOMP_ARCHIVE=SECCOMP_ARCHIVE-NOTFOUND -DPRH_RUNTIME_ARCHIVE=OFF; then
  for what in libseccomp.a 'libstdc++.a'; do
    grep -q "$what is missing" "$place/shared.log" || { echo "FAILED: the output does not say that $what is missing"; failed=1; }
  done
  ! grep -Eq -- '-static-libstdc|libseccomp\.a' "$place/shared/build.ninja" || { echo "FAILED: an archive is linked"; failed=1; }
fi
exit $failed
