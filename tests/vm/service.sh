# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# service.sh: sourced in the test VM where systemd is PID 1, after multipath.sh and checks.sh. The product as an
# administrator installs it, and what systemd and the kernel say of it.

# shellcheck disable=SC2034  # checks.sh's
socket=/run/qemu-pr-helper.sock
native=qemu-pr-helper single=qemu-pr-helper-single-path

install_product() {
  cmake --install "$BUILD" --prefix /usr > /dev/null
  systemctl daemon-reload
}

property() { systemctl show --value --property="$2" "$1"; }  # property UNIT NAME
state_of() { systemctl is-active "$1" || true; }
pid_of() { property "$1.service" MainPID; }

is_state() { check "$1" "$2" "$(state_of "$1")"; }  # is_state UNIT STATE
has_become() { [ "$(state_of "$1")" = "$2" ]; }
# A service may have answered a client before systemd has heard of its READY=1.
becomes_active() { eventually has_become "$1.service" active; is_state "$1.service" active; }  # becomes_active SERVICE

keys_of() { sg_persist -n --in --read-keys "$1" | grep -c 0x1111; }  # keys_of DEVICE: how often it knows pr_probe's

# may_open SERVICE MODE FILE: whether root may, as far as the service's device policy goes. MODE: < or <>.
may_open() {
  # shellcheck disable=SC2016  # for the inner shell
  bash -c 'echo $$ > "/sys/fs/cgroup/$(systemctl show --value --property=ControlGroup "$1.service")/cgroup.procs"
           if [ "$2" = "<" ]; then exec 3< "$3"; else exec 3<> "$3"; fi' - "$@" 2> /dev/null && echo yes || echo no
}

# privileges_of STATUS: a line of what /proc/PID/task/TID/status says.
privileges_of() {
  awk '/^Uid:/ { printf "user %s;", ($2 == 0 ? "root" : "another") }
       /^Gid:/ { own = $2 }
       /^Groups:/ { for (i = 2; i <= NF; i++) if ($i != own) printf " group %s", $i }
       /^Cap/ { sub(/^0+/, "", $2); printf " %s=%s", substr($1, 4, 3), ($2 == "" ? 0 : $2) }
       /^(NoNewPrivs|Seccomp):/ { printf " %s%s", $1, $2 }
       /^Seccomp_filters:/ { printf " of systemd and of its own:%s\n", ($2 >= 3 ? "yes" : "no") }' "$1" 2> /dev/null
}

every_thread_is() {  # every_thread_is SERVICE USER
  local pid status; pid=$(pid_of "$1")
  check "privileges of every thread of $1" \
    "user $2; Inh=0 Prm=20000 Eff=20000 Bnd=20000 Amb=0 NoNewPrivs:1 Seccomp:2 of systemd and of its own:yes" \
    "$(for status in /proc/"$pid"/task/*/status; do
         privileges_of "$status" || true  # an idle thread may have ended
       done | sort -u)"
}

# tells_its_state SERVICE DEVICE: at the place where prhelperctl asks, to root and to nobody else.
tells_its_state() {
  check "$1 tells of itself" "$(pid_of "$1")" \
    "$(prhelperctl status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["helper"]["pid"])')"
  check "    and of a device" yes "$(prhelperctl status --json | grep -q "\"$2\"" && echo yes)"
  check "    to others" no "$(setpriv --reuid=65534 --clear-groups prhelperctl status > /dev/null 2>&1 && echo yes || echo no)"
}

journal_of() { journalctl --quiet --output=cat --unit="$1.service"; }  # journal_of SERVICE
names_its_clients() { [ "$(journal_of "$1" | grep -c 'unit vm-script.service .* same I_T nexus as unit vm-script.service')" -ge 1 ]; }

# knows_its_clients SERVICE NODE: two that register through one nexus are named by their units.
knows_its_clients() {
  local first
  PR_PROBE_STAYS=1 "$BUILD/bin/tests/pr_probe" $socket "$2" rw ignore > /run/first & first=$!
  eventually test -s /run/first
  check "$1 with two clients on one nexus" $good "$(probe "$2" rw ignore)"
  check "    names them in the journal" yes "$(eventually names_its_clients "$1" && echo yes)"
  kill -KILL $first; wait $first || true; rm /run/first
  check "    CLEAR" $good "$(probe "$2" rw clear)"
}
