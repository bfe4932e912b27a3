#!/bin/bash
# SPDX-License-Identifier: MIT
# PID 1: systemd
# apparmor.sh: runs in the test VM, as a service. With the AppArmor profile both units serve as before, and what
# they do not do is refused. The profile is loaded as the boot of a system with AppArmor does it.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
. "$here/lio.sh"; . "$here/multipath.sh"; . "$here/checks.sh"; . "$here/service.sh"

busy=08
confinement_of() { cat "/proc/$(pid_of "$1")/attr/apparmor/current"; }  # confinement_of SERVICE
denials() { dmesg | grep 'apparmor="DENIED".* profile="qemu-pr-helper"' || true; }
denied() { denials | grep -c " name=\"$1\""; }  # denied FILE

install_product
check "the kernel has AppArmor" Y "$(cat /sys/module/apparmor/parameters/enabled)"
apparmor_parser --replace --skip-cache /etc/apparmor.d/usr.bin.qemu-pr-helper
lio_start; add_map 0 1 2; add_store 1; add_port 4 1
disk=$(device_of 4); others+=("${disk#/dev/}")
generic=/dev/$(basename "/sys/block/${disk##*/}/device/scsi_generic"/*)
modprobe dm_multipath; modprobe dm_round_robin
configure_multipath; systemctl start multipathd; eventually map_has_paths 2

# QEMU under libvirt has a profile too. What such a client has opened is checked against the receiver's profile;
# what an unconfined one has, is not.
apparmor_parser --replace --skip-cache <<< 'profile client { file, unix, capability, signal, }'
confined_probe() { aa-exec --profile=client -- "$BUILD/bin/tests/pr_probe" $socket "$@"; }
# With a /dev of its own, as libvirt makes one.
private_probe() {  # private_probe NODE COMMAND
  # shellcheck disable=SC2016  # for the inner shell
  unshare --mount bash -c 'mkdir -p /run/machine.dev; mount -t tmpfs tmpfs /run/machine.dev
    cp -a "$1" /run/machine.dev/; mount --move /run/machine.dev /dev
    exec aa-exec --profile=client -- "$2/bin/tests/pr_probe" "$3" "$1" rw "$4"' - "$1" "$BUILD" $socket "$2"
}

echo "-- confined, it serves"
systemctl start $single.socket
check "a disk, PR IN" $good "$(probe "$disk" rw in)"
check "$single" "qemu-pr-helper (enforce)" "$(confinement_of $single)"
knows_its_clients $single "$disk"
check "    PR OUT" $good "$(probe "$disk" rw register)"
check "    and the disk knows the key" 1 "$(keys_of "$disk")"
check "    $generic, CLEAR" $good "$(probe "$generic" rw clear)"
check "the disk of a confined client" $good "$(confined_probe "$disk" rw in)"
check "    with a /dev of its own" $good "$(private_probe "$disk" in)"
systemctl start $native.socket
check "a map, REGISTER" $good "$(probe $mpatha rw register)"
check "$native" "qemu-pr-helper (enforce)" "$(confinement_of $native)"
check "    through both paths" 2 "$(keys_of "${paths[0]}")"
check "    and multipathd was told" 0x1111 "$(multipathd getprkey map mpatha | head -n 1)"
check "RESERVE" $good "$(probe $mpatha rw reserve)"
check "    and there is a record of the map" 1 "$(find /run/qemu-pr-helper -name "mpath-*.record" | wc -l)"
systemctl restart $native.service
check "after a restart, RELEASE" $good "$(probe $mpatha rw release)"
check "    CLEAR" $good "$(probe $mpatha rw clear)"
check "a confined client's map" $good "$(confined_probe $mpatha rw in)"
check "    with a /dev of its own" $good "$(private_probe "$(realpath $mpatha)" in)"
check "refused meanwhile" '' "$(denials)"
mkdir /volume; cp -a "$disk" /volume/disk
check "a confined client's disk with another name" $busy "$(confined_probe /volume/disk rw in)"
check "    the kernel's log has it" 1 "$(denied /volume/disk)"
systemctl stop $native.socket

echo "-- what it does not do is refused"
run_confined() { aa-exec --profile=qemu-pr-helper -- /usr/bin/qemu-pr-helper "$@" 2>&1; }
code=0; said=$(run_confined -k /run/elsewhere.sock -f /run/elsewhere.pid) || code=$?
check "a pid file: exit code" 1 $code
check "    it says" "qemu-pr-helper: Could not create '/run/elsewhere.pid': Permission denied" "$said"
check "    the file" 'not there' "$([ -e /run/elsewhere.pid ] && echo there || echo 'not there')"
check "    the kernel's log has it" 1 "$(denied /run/elsewhere.pid)"
code=0; run_confined -k /run/elsewhere.sock -T '*,file=/root/elsewhere' || code=$?
check "a trace file: exit code" 1 $code
check "    the kernel's log has it" 1 "$(denied /root/elsewhere)"
code=0; run_confined -k /run/elsewhere.sock || code=$?
check "a socket of its own: exit code" 1 $code
check "    the socket" 'not there' "$([ -e /run/elsewhere.sock ] && echo there || echo 'not there')"
denials
# The same without the profile.
start_helper /run/elsewhere.sock -f /run/elsewhere.pid
check "unconfined it writes that pid file" "$helper_pid" "$(cat /run/elsewhere.pid)"
stop_helper
verdict_of_checks
