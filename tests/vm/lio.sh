# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# lio.sh: sourced in the test VM. SCSI disks with real persistent reservations from Linux's own target (LIO),
# and the helper under test. A loopback port is one I_T nexus; ports of one store are paths to one logical
# unit.

target=/sys/kernel/config/target

lio_start() {
  local module
  for module in target_core_mod target_core_file tcm_loop sg sd_mod; do modprobe "$module"; done
  mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
  mkdir -p /var/target/pr  # without it LIO answers 02/08/00 to every REGISTER, although it took effect
}

add_store() {  # add_store NUMBER: a logical unit of 64 MiB
  local store=$target/core/fileio_$1/disk$1
  mkdir -p "$store"; truncate -s 64M "/run/disk$1.img"
  echo "fd_dev_name=/run/disk$1.img,fd_dev_size=67108864" > "$store/control"; echo 1 > "$store/enable"
  # Of the serial number the first 25 digits make the WWID: multipathd tells stores apart by it.
  echo "abcd123$1-0000-4000-8000-000000000000" > "$store/wwn/vpd_unit_serial"
}

port_of() { echo "$target/loopback/naa.500140500000000$1/tpgt_1"; }

add_port() {  # add_port NUMBER STORE
  local port; port=$(port_of "$1")
  mkdir -p "$port"; echo "naa.600140500000010$1" > "$port/nexus"
  mkdir -p "$port/lun/lun_0"; ln -s "$target/core/fileio_$2/disk$2" "$port/lun/lun_0/link"
}

# The disk of a port, once it is there; the order of the ports and that of the names need not agree.
device_of() {  # device_of PORT
  local address name _
  address=$(cat "$(port_of "$1")/address")
  for _ in {1..600}; do
    for name in "/sys/class/scsi_device/${address}:0/device/block"/*; do
      if [ -b "/dev/${name##*/}" ]; then echo "/dev/${name##*/}"; return; fi
    done
    sleep 0.1
  done
  echo "port $1 has no disk" >&2; return 1
}

helper_pid=
start_helper() {  # start_helper SOCKET [OPTION...]: returns when it accepts connections
  "$HELPER" -k "$1" "${@:2}" & helper_pid=$!
  local _
  for _ in {1..300}; do
    kill -0 "$helper_pid" 2> /dev/null || break
    if [ -S "$1" ]; then return; fi
    sleep 0.1
  done
  echo "the helper did not start"; return 1
}

stop_helper() {  # SIGTERM must end it with exit code 0
  kill -TERM "$helper_pid"; wait "$helper_pid"
}
