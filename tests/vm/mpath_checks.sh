# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# mpath_checks.sh: sourced in the test VM after multipath.sh and checks.sh. Commands of the guest on its map,
# of the other host on its disk, of one path past the helper; what the logical unit says of it; and a guest's
# writes that go on meanwhile.
# shellcheck disable=SC2154  # mpatha, other: multipath.sh's; socket: checks.sh's

# shellcheck disable=SC2034  # for others
conflict=18
ask() { probe "$mpatha" rw "$@"; }                  # ask COMMAND [KEY [ACTION-KEY [TYPE]]]
asks() { check "$1" "$2" "$(ask "${@:3}")"; }       # asks TITLE EXPECTED COMMAND...
other_does() { drain "$other"; sg_persist -n --out "$@" "$other" > /dev/null; }
path_does() { drain "$1"; sg_persist -n --out "${@:2}" "$1" > /dev/null; }  # path_does DEVICE OPTION...
drain() {  # the unit attentions of DEVICE
  local _; for _ in {1..8}; do sg_turs "$1" > /dev/null 2>&1 && return; done
}

state() { "$BUILD/bin/tests/pr_state" "$other" || true; }  # in place of a state, its error
state_is() { check "    then" "$1" "$(state)"; }    # as pr_state says it
# The same where it does not matter which of our paths holds.
we() { sed -E "s/; [1-$((${#paths[@]}))] holds/; we hold/"; }
state_comes_to() { check "    then" "$1" "$(state | we)"; }
state_will_be() {  # ... within a time that only a broken system needs
  local _ seen
  for _ in {1..600}; do
    seen=$(state | we); [ "$seen" = "$1" ] && break; sleep 0.1
  done
  check "    and soon" "$1" "$seen"
}

begin() {  # begin TITLE [KEY-OF-OTHER]: nobody is registered, nothing held, all paths are in use
  local port
  echo "-- $1"
  for ((port = 1; port <= ${#paths[@]}; port++)); do path_online $port; done
  eventually map_has_paths ${#paths[@]}
  ask ignore 0 1111 > /dev/null; ask clear > /dev/null; ask in > /dev/null
  if [ "$(state)" != "nobody; nothing held" ]; then  # the step before has failed, this one need not
    path_does "${paths[0]}" --register-ignore --param-sark=1111
    path_does "${paths[0]}" --clear --param-rk=1111; ask in > /dev/null
  fi
  if [ $# -gt 1 ]; then other_does --register-ignore --param-sark="$2"; fi
}

writer_pid=
writer_start() {
  "$BUILD/bin/tests/steady_writer" "$mpatha" > /run/writer & writer_pid=$!
  sleep 0.3
}
writer_stop() {
  local code=0
  kill "$writer_pid"; wait "$writer_pid" || code=$?
  check "    no write failed: $(cat /run/writer)" 0 $code
}
