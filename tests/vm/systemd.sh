#!/bin/bash
# SPDX-License-Identifier: MIT
# PID 1: systemd
# CPUs: 2
# systemd.sh: runs in the test VM, as a service. Both units as cmake --install leaves them: started by their
# socket, serving real disks, watched, killed, restarted, exchanged for one another, ended.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/service.sh"

fed_since() { [ "$(property "$1" WatchdogTimestampMonotonic)" -gt "$2" ]; }
watchdog_is_fed() {  # watchdog_is_fed SERVICE
  check "the watchdog is fed" yes \
    "$(eventually fed_since "$1" "$(property "$1" WatchdogTimestampMonotonic)" && echo yes)"
}

install_product
lio_start; add_map 0 1 2; add_store 1; add_port 4 1
add_port 5 1; add_port 6 1
disk=$(device_of 4) nexuses=("$disk" "$(device_of 5)" "$(device_of 6)"); others+=("${nexuses[@]#/dev/}")
modprobe dm_multipath; modprobe dm_round_robin
configure_multipath; systemctl start multipathd; eventually map_has_paths 2

echo "-- the unit for disks with one path"
systemctl start $single.socket
is_state $single.socket active; is_state $single.service inactive
check "its disk, PR IN, through socket activation" $good "$(probe "$disk" rw in)"
becomes_active $single
knows_its_clients $single "$disk"
check "    PR OUT" $good "$(probe "$disk" rw register)"
check "    and the disk knows the key" 1 "$(keys_of "$disk")"
check "a map is refused" "$refused" "$(probe $mpatha rw in)"
every_thread_is $single another
check "it can open the disk itself" no "$(may_open $single '<' "$disk")"
check "    /dev/mem" no "$(may_open $single '<' /dev/mem)"
check "    /dev/null" yes "$(may_open $single '<>' /dev/null)"
check "    which root can elsewhere" "yes yes" "$(may_open multipathd '<' "$disk") $(may_open multipathd '<' /dev/mem)"
watchdog_is_fed $single.service
tells_its_state $single "${disk#/dev/}"

echo "-- however often it ends, it is there again"
check "systemd's limit to that" 0 "$(property $single.service StartLimitIntervalUSec)"
for ((i = 0; i < 3; i++)); do
  before=$(pid_of $single); kill -KILL "$before"
  eventually serves_another $single "$before"
done
check "after three times kill -9, PR IN" $good "$(probe "$disk" rw in)"

echo "-- one that hangs is replaced"
impatience=/run/systemd/system/$single.service.d
mkdir -p $impatience; printf '%s\n' '[Service]' 'WatchdogSec=5' > $impatience/test.conf
systemctl daemon-reload; systemctl restart $single.service
before=$(pid_of $single); kill -STOP "$before"
check "a client that came meanwhile, PR IN" $good "$(probe "$disk" rw in)"
check "    from another process" yes "$(eventually serves_another $single "$before" && echo yes)"
rm -r $impatience; systemctl daemon-reload

systemctl restart $single.service
check "after a restart, CLEAR" $good "$(probe "$disk" rw clear)"

echo "-- the unit for multipath takes its place"
systemctl start $native.socket
is_state $single.socket inactive; is_state $single.service inactive
check "how that ended" "success 0" "$(property $single.service Result) $(property $single.service ExecMainStatus)"
check "a map, REGISTER, through socket activation" $good "$(probe $mpatha rw register)"
becomes_active $native
check "    through both paths" 2 "$(keys_of "${paths[0]}")"
check "    and multipathd was told" 0x1111 "$(multipathd getprkey map mpatha | head -n 1)"
check "a disk with one path" $good "$(probe "$disk" rw in)"
check "RESERVE" $good "$(probe $mpatha rw reserve)"
every_thread_is $native root
check "it can open a path for reading" yes "$(may_open $native '<' "${paths[0]}")"
check "    for writing" no "$(may_open $native '<>' "${paths[0]}")"
check "    the map" no "$(may_open $native '<' $mpatha)"
check "    /dev/mem" no "$(may_open $native '<' /dev/mem)"
knows_its_clients $native "$disk"
watchdog_is_fed $native.service
tells_its_state $native mpatha
record_of_map() { find /run/qemu-pr-helper -type f -exec paste -sd' ' {} +; }
record=$(record_of_map)
systemctl restart $native.service
check "after a restart, the record of the map" "$record" "$(record_of_map)"
check "    RELEASE" $good "$(probe $mpatha rw release)"
check "    CLEAR" $good "$(probe $mpatha rw clear)"
check "    and nobody is registered" 0 "$(keys_of "${paths[0]}")"

echo "-- restarted while three clients work on a disk, it loses no command and executes none twice"
restart_under_load $native 10 "${nexuses[@]}"
check "CLEAR" $good "$(probe "$disk" rw clear "$(of_chain 1 3)")"

echo "-- the end"
systemctl stop $native.socket
is_state $native.socket inactive; is_state $native.service inactive
check "how it ended" "success 0" "$(property $native.service Result) $(property $native.service ExecMainStatus)"
check "units that failed" '' "$(systemctl --failed --plain --no-legend | grep pr-helper || true)"
verdict_of_checks
