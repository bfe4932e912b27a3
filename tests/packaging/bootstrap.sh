#!/bin/bash
# SPDX-License-Identifier: MIT
# bootstrap.sh: what script/bootstrap asks of a package manager, played with stand-ins for apt-get and dnf. Nothing is installed.
set -euo pipefail
bootstrap=$(realpath "$(dirname "$0")/../../script/bootstrap")
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
failures=0

# machine NAME: a PATH with the tools of a minimal system, and no package manager
machine() {
  local tool
  bin=$place/$1; calls=$place/$1.calls
  mkdir "$bin"; : > "$calls"
  for tool in bash awk sed grep sort cat env; do ln -s "$(command -v $tool)" "$bin/$tool"; done
  stub id 'echo 0'
}
stub() { printf '#!%s\n%s\n' "$BASH" "$2" > "$bin/$1"; chmod +x "$bin/$1"; }

debian() {  # debian NAME INSTALLED UNKNOWN: expressions for names
  machine "$1"
  stub apt-get "echo \"\$*\" >> $calls"
  stub dpkg-query "[[ \${*: -1} =~ ^($2)\$ ]] && echo 'install ok installed'"
  stub apt-cache "code=100
    for word; do [[ \$word == show || \$word == -* || \$word =~ ^($3)\$ ]] || { echo \"Package: \$word\"; code=0; }; done
    exit \$code"
}
fedora() {  # as debian
  machine "$1"
  stub rpm "[[ \${*: -1} =~ ^($2)\$ ]]"
  stub dnf "if [ \"\$2\" != repoquery ]; then echo \"\$*\" >> $calls; exit; fi
            for word in \"\${@:5}\"; do [[ \$word =~ ^($3)\$ ]] || echo \"\$word\"; done"
}

run() { code=0; said=$(PATH=$bin "$bin/bash" "$bootstrap" "$@" 2>&1) || code=$?; }
expect() {  # expect WHAT CODE REGEX-OF-OUTPUT REGEX-OF-CALLS
  if [ $code = "$2" ] && [[ $said =~ $3 ]] && [[ $(cat "$calls") =~ $4 ]]; then echo "ok      $1"
  else echo "FAILED  $1: exit code $code, output: $said; calls: $(cat "$calls")"; failures=$((failures + 1)); fi
}
lacks() {  # lacks WHAT TEXT REGEX
  if ! [[ $2 =~ $3 ]]; then echo "ok      $1"; else echo "FAILED  $1: $2"; failures=$((failures + 1)); fi
}

starts_services='multipath-tools|open-iscsi|apparmor|prometheus|device-mapper-multipath|iscsi-initiator-utils'

debian all '.*' ''; run --test
expect "everything is installed: silence" 0 '^$' '^$'

debian none '' ''; run
expect "a build: compiler, tools and libraries alone" 0 'installing g\+\+ cmake ' ' libcpp-httplib-dev systemtap-sdt-dev$'
run --test
expect "--test: more" 0 '' ' libgtest-dev .* chromium '
lacks "no package that starts a service" "$(cat "$calls")" "$starts_services"

debian some 'cmake|g\+\+' 'chromium'; run --test
expect "only what is missing; an unknown package of the tests is named" 0 'has no package chromium;' 'install .* ninja-build'
lacks "and nothing else" "$(cat "$calls")" ' (cmake|g\+\+|chromium)( |$)'

debian rest '' 'chromium'
stub dpkg-query '[[ ${*: -1} == chromium ]] || echo "install ok installed"'
run --test
expect "all that is missing is unknown: it is named, and nothing is installed" 0 'has no package chromium;' '^update -q$'

debian old '' 'libexpected-dev'; run
expect "a missing package of the build ends it, by name" 1 "has 'libexpected-dev', which the build needs" '^update -q$'

fedora dnf 'gcc-c\+\+' 'libseccomp-static'; run
expect "dnf: its own names" 0 'has no package libseccomp-static;' 'install -y .* cli11-devel json-devel cpp-httplib-devel .*libstdc\+\+-static$'
fedora el '' 'expected-devel'; run
expect "EL without EPEL" 1 'enable CRB and EPEL' '^$'

machine other; run
expect "another system: a list of what to install" 1 'tl::expected.*nlohmann' '^$'
lacks "and not of what tests need" "$said" Chromium
run --test
expect "and of what to test with" 1 'Chromium' '^$'

machine wrong; run --tests
expect "an argument that it does not know" 1 "unknown argument '--tests'" '^$'
[ $failures = 0 ]
