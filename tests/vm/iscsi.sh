# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# iscsi.sh: sourced in the test VM after lio.sh. A store over iSCSI on 127.0.0.1, with two initiator names: a
# fabric on which PREEMPT AND ABORT works (on a loopback port it hangs Linux 6.1: the worker that executes it
# waits for itself, in core_tmr_drain_state_list).
# shellcheck disable=SC2154  # target is lio.sh's

iscsi_target=iqn.2026-01.test:target
iscsi_initiator() { echo "iqn.2026-01.test:$1"; }

# A target port group has a portal and a relative target port of its own: a path, to who logs in there.
iscsi_portal() { echo "127.0.0.1:$((3259 + $1))"; }  # iscsi_portal GROUP

export_store() {  # export_store NUMBER [GROUP]
  local number=$1 group=$target/iscsi/$iscsi_target/tpgt_${2:-1}
  busybox ip link set lo up
  modprobe iscsi_target_mod; modprobe iscsi_tcp
  mkdir -p "$group/np/$(iscsi_portal "${2:-1}")" "$group/lun/lun_0"
  ln -s "$target/core/fileio_$number/disk$number" "$group/lun/lun_0/link"
  echo 0 > "$group/attrib/authentication"; echo 1 > "$group/attrib/generate_node_acls"
  echo 0 > "$group/attrib/demo_mode_write_protect"; echo 1 > "$group/enable"
}

iscsi_start() {
  mkdir -p /run/lock/iscsi /etc/iscsi
  mount -t tmpfs tmpfs /etc/iscsi  # the host's sessions and settings are none of our business
  echo "InitiatorName=$(iscsi_initiator default)" > /etc/iscsi/initiatorname.iscsi
  # No keep-alive: a network that is down hangs what was sent, and fails it only late.
  printf 'node.conn[0].timeo.%s = 0\n' noop_out_interval noop_out_timeout > /etc/iscsi/iscsid.conf
  iscsid
  local _
  for _ in {1..600}; do iscsiadm -m iface > /dev/null 2>&1 && return; sleep 0.1; done
  echo "iscsid does not answer" >&2; return 1
}

iscsi_login() {  # iscsi_login NAME [GROUP]: logs in as an initiator of that name
  local node=(-m node -T "$iscsi_target" -p "$(iscsi_portal "${2:-1}"),${2:-1}" -I "$1")
  {
    if ! iscsiadm -m iface -I "$1"; then
      iscsiadm -m iface -I "$1" --op new
      iscsiadm -m iface -I "$1" --op update -n iface.transport_name -v tcp
      iscsiadm -m iface -I "$1" --op update -n iface.initiatorname -v "$(iscsi_initiator "$1")"
    fi
    iscsiadm "${node[@]}" --op new
    iscsiadm "${node[@]}" --login
  } > /dev/null 2> /run/iscsi_login.log || { cat /run/iscsi_login.log; return 1; }
}

iscsi_device_of() {  # iscsi_device_of NAME [GROUP]
  local session path _
  for _ in {1..600}; do
    for session in /sys/class/iscsi_session/session*; do
      [ "$(cat "$session/initiatorname")" = "$(iscsi_initiator "$1")" ] || continue
      [ "$(cat "$session/tpgt")" = "${2:-1}" ] || continue
      for path in "$session"/device/target*/*/block/*; do
        if [ -b "/dev/${path##*/}" ]; then echo "/dev/${path##*/}"; return; fi
      done
    done
    sleep 0.1
  done
  echo "no disk of the session of $1" >&2; return 1
}
