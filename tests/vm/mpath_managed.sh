#!/bin/bash
# SPDX-License-Identifier: MIT
# CPUs: 2
# mpath_managed.sh: runs in the test VM. The helper as libvirt has it with managed='yes': in a private /dev and, once its socket
# is there, in a control group; both have the nodes of the start alone. A path that comes later is reached by the
# broker. Ports 1, 2, 4 and 5 are our paths, 3 is another host.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/mpath_checks.sh"
log=/run/helper.log out_of_reach='02 b/08/00'
cgroup=/run/cgroup/machine

lio_start; add_map 0 1 2
multipath_start poll=1; eventually map_has_paths 2
map_node=$(realpath $mpatha)
mkdir -p /run/cgroup; mount -t cgroup -o devices none /run/cgroup; mkdir $cgroup

number_of() { cat "/sys/class/block/${1##*/}/dev"; }

real_helper=$HELPER
cat > /run/as_qemu << END
#!/bin/bash
mount -t tmpfs none /run/private && mknod /run/private/null c 1 3
for node in $map_node ${paths[*]}; do
  mknod "/run/private/\${node##*/}" b \$(tr : ' ' < "/sys/class/block/\${node##*/}/dev")
done
mount --move /run/private /dev
exec "$real_helper" "\$@"
END
chmod +x /run/as_qemu; mkdir -p /run/private
printf '#!/bin/bash\nexec unshare --mount --propagation private /run/as_qemu "$@"\n' > /run/as_libvirt
chmod +x /run/as_libvirt; HELPER=/run/as_libvirt

helper_starts() {  # helper_starts [OPTION...]
  local device
  start_helper $socket "$@" 2>> $log
  echo a > $cgroup/devices.deny; echo 'c 1:3 rwm' > $cgroup/devices.allow
  for device in "$map_node" "${paths[@]}"; do echo "b $(number_of "$device") rw" > $cgroup/devices.allow; done
  echo "$helper_pid" > $cgroup/cgroup.procs
}
# A path that the helper can reach neither in its /dev nor by its control group.
extra=()
add_path() {  # add_path PORT
  add_port "$1" 0; extra+=("$(device_of "$1")"); eventually map_has_paths "$2"
}
remove_path() {  # remove_path DEVICE PORT COUNT
  local port; port=$(port_of "$2")
  echo 1 > "/sys/class/block/${1##*/}/device/delete"; rm "$port/lun/lun_0/link"; rmdir "$port/lun/lun_0"
  eventually map_has_paths "$3"
}
broker() { tr -d ' ' < "/proc/$helper_pid/task/$helper_pid/children"; }
writes_that_pass() {  # of 9, past every cache
  local passed=0 _
  for _ in {1..9}; do
    dd if=/dev/zero of="$mpatha" bs=4096 count=1 oflag=direct 2> /dev/null && passed=$((passed + 1))
  done
  echo $passed
}
holder_hidden() { sed -E 's/; [124] holds/; we hold/' <<< "$(state)"; }

echo "-- a path is added under a running machine"
helper_starts
check "the broker is there" pr-path-broker "$(cat "/proc/$(broker)/comm")"
check "    outside of the machine's control group" 0 "$(grep -cx "$(broker)" $cgroup/cgroup.procs || true)"
asks "REGISTER" $good register
state_is "1=1111 2=1111; nothing held"
add_path 4 3
check "the helper's /dev has no node of it" no \
  "$(nsenter -t "$helper_pid" -m test -e "${extra[0]}" && echo yes || echo no)"
check "    and its control group refuses it" "Operation not permitted" \
  "$(bash -c "echo \$\$ > $cgroup/cgroup.procs; exec dd if=${extra[0]} of=/dev/null count=1" 2>&1 | grep -o 'Operation not permitted')"
state_will_be "1=1111 2=1111 4=1111; nothing held"  # multipathd has registered it
asks "REGISTER(K,K2)" $good register 1111 1112
state_is "1=1112 2=1112 4=1112; nothing held"
asks "RESERVE" $good reserve 1112
check "    then" "1=1112 2=1112 4=1112; we hold type 5" "$(holder_hidden)"
check "    writes of the holder" 9 "$(writes_that_pass)"
check "    no line of the log" 0 "$(grep -c 'cannot use' $log || true)"

echo "-- another host preempts"
other_does --register-ignore --param-sark=2222
other_does --preempt --param-rk=2222 --param-sark=1112 --prout-type=5
state_is "3=2222; 3 holds type 5"
check "    writes of the host that is fenced" 0 "$(writes_that_pass)"
asks "REGISTER anew" $good ignore 0 1113
check "    then" "1=1113 2=1113 3=2222 4=1113; 3 holds type 5" "$(state)"
check "    writes of a registered host" 9 "$(writes_that_pass)"
asks "CLEAR" $good clear 1113

echo "-- the broker is killed"
asks "REGISTER" $good ignore 0 1111
kill -9 "$(broker)"
add_path 5 4
asks "REGISTER(K,K2)" "$out_of_reach" register 1111 1112
asks "READ KEYS" $good in
check "    the log says why, once" 1 "$(grep -c 'cannot use.*the path broker has ended' $log || true)"
remove_path "${extra[1]}" 5 3
asks "REGISTER(K,K2), that path is gone" $good register 1111 1112
stop_helper

echo "-- without a broker"
: > $log
helper_starts --path-broker=off
check "there is none" "" "$(broker)"
asks "REGISTER" "$out_of_reach" ignore 0 1111
check "    the log says why" 1 "$(grep -c 'cannot use.*No such file or directory' $log || true)"
stop_helper
check "no broker is left" 0 "$(grep -lx pr-path-broker /proc/[0-9]*/comm 2> /dev/null | wc -l)"

multipathd_stop; udevd_stop
echo "-- the helper's log"; tail -n 40 $log
verdict_of_checks
