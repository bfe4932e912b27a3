# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# multipath.sh: sourced in the test VM after lio.sh. dm-multipath with udevd and multipathd, as an
# administrator has them: all ports of a logical unit but the other host's are paths of a map. Everything that
# is started here is ended by its process id.
# shellcheck disable=SC2154  # target is lio.sh's

# shellcheck disable=SC2034  # for others
mpatha=/dev/mapper/mpatha  # over store 0
# shellcheck disable=SC2034  # for others
mpathb=/dev/mapper/mpathb  # over store 1

# add_map STORE FIRST-PORT COUNT: COUNT ports that are paths of this host, and the next one is another host's.
# Leaves paths=(DEVICE...) and other=DEVICE.
paths=() other='' others=()
add_map() {
  local port end=$(($2 + $3))
  add_store "$1"
  for ((port = $2; port <= end; port++)); do add_port $port "$1"; done
  paths=()
  for ((port = $2; port < end; port++)); do paths+=("$(device_of $port)"); done
  other=$(device_of $end); others+=("${other#/dev/}")
}

# configure_multipath [OPTION...]: /etc/multipath.conf. poll=SECONDS between checks of a path; key=LINE
# instead of "reservation_key file" (empty: none).
configure_multipath() {
  local option poll=1 key="reservation_key file" store wwid
  for option in "$@"; do
    case $option in
      poll=*) poll=${option#poll=} ;;
      key=*) key=${option#key=} ;;
    esac
  done
  {
    # Braces stand on lines of their own. What multipathd knows of LIO would win over the defaults, but not
    # over the overrides. All paths in one group, in turns, so that every one of them is written to.
    printf '%s\n' 'defaults {' 'user_friendly_names yes' 'find_multipaths no' "polling_interval $poll" \
      "max_polling_interval $poll" "$key" '}' 'overrides {' 'path_grouping_policy multibus' \
      'path_selector "round-robin 0"' 'no_path_retry fail' '}' 'blacklist {' 'devnode "^(fd|loop|ram|sr|vd)"'
    printf 'devnode "^%s$"\n' "${others[@]}"
    printf '%s\n' '}' 'multipaths {'
    for store in 0 1; do
      wwid=36001405abcd123${store}00004000800000000
      printf '%s\n' 'multipath {' "wwid $wwid" "alias mpath$([ $store = 0 ] && echo a || echo b)" '}'
    done
    echo '}'
  } > /etc/multipath.conf
}

udevd_pid=
udevd_start() {
  local module
  for module in dm_mod dm_multipath dm_round_robin dm_service_time; do modprobe "$module"; done
  /lib/systemd/systemd-udevd & udevd_pid=$!
  eventually udevd_answers
  udevadm trigger --type=devices --subsystem-match=block --action=add
  udevadm settle --timeout=60
}
udevd_answers() { udevadm control --ping --timeout=5 2> /dev/null; }
# What udevd does when a disk was opened for writing takes the unit attentions that a test counts.
udevd_stop() {
  udevadm settle --timeout=60
  kill "$udevd_pid"; wait "$udevd_pid" || true; udevd_pid=
}

multipathd_pid=
multipathd_log=/run/multipathd.log
multipathd_start() {  # returns when it answers
  multipathd -d -s -v2 >> $multipathd_log 2>&1 & multipathd_pid=$!
  eventually multipathd_answers
}
multipathd_answers() { multipathd show daemon 2> /dev/null | grep -q idle; }
multipathd_stop() {
  kill "$multipathd_pid"; wait "$multipathd_pid" || true; multipathd_pid=
}
multipathd_hang() { kill -STOP "$multipathd_pid"; }
multipathd_continue() { kill -CONT "$multipathd_pid"; }
multipathd_reconfigure() { multipathd reconfigure > /dev/null; eventually multipathd_answers; }

eventually() {  # eventually COMMAND...: within a time that only a broken system needs
  local _
  for _ in {1..600}; do "$@" && return; sleep 0.1; done
  echo "never: $*" >&2; return 1
}

# The flag that the map itself has for a path: A(ctive) or F(ailed).
path_flag() {  # path_flag DEVICE [MAP]
  dmsetup status "${2:-mpatha}" | grep -o " $(cat "/sys/class/block/${1##*/}/dev") [AF]" | cut -d' ' -f3
}
path_is() { [ "$(path_flag "$1" "${3:-mpatha}")" = "$2" ]; }
wait_for_path_failed() { eventually path_is "$1" F "${2:-mpatha}"; }
wait_for_path_reinstated() { eventually path_is "$1" A "${2:-mpatha}"; }

path_offline() { echo offline > "$(port_of "$1")/transport_status"; }  # path_offline PORT
path_online() { echo online > "$(port_of "$1")/transport_status"; }

map_has_paths() {  # map_has_paths COUNT [MAP]: active ones
  local active
  active=$(dmsetup status "${2:-mpatha}" 2> /dev/null | grep -o ':[0-9]* A' | wc -l)
  [ "$active" = "$1" ] && [ -b "/dev/mapper/${2:-mpatha}" ]
}

# multipath_start [OPTION...]: udevd, multipathd, and the maps of all that add_map added.
multipath_start() {
  configure_multipath "$@"
  udevd_start; multipathd_start
}
