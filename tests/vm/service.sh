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

serves_another() { has_become "$1.service" active && [ "$(pid_of "$1")" != "$2" ]; }  # serves_another SERVICE PID

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
# Before Linux 6.5 a client has no name (doc/security.md, "Who a client is").
client='pid [0-9]*, uid 0'
if [ "$(printf '%s\n' 6.5 "$(uname -r)" | sort -V | head -n 1)" = 6.5 ]; then client='unit vm-script.service'; fi
names_its_clients() { [ "$(journal_of "$1" | grep -c "$client.* same I_T nexus as $client")" -ge 1 ]; }

# knows_its_clients SERVICE NODE: two that register through one nexus are told apart, by their units where these are known.
knows_its_clients() {
  local first
  PR_PROBE_STAYS=1 "$BUILD/bin/tests/pr_probe" $socket "$2" rw ignore > /run/first & first=$!
  eventually test -s /run/first
  check "$1 with two clients on one nexus" $good "$(probe "$2" rw ignore)"
  check "    tells of them in the journal, as $client" yes "$(eventually names_its_clients "$1" && echo yes)"
  kill -KILL $first; wait $first || true; rm /run/first
  check "    CLEAR" $good "$(probe "$2" rw clear)"
}

# chain_keys NODE NUMBER: REGISTER after REGISTER until /run/enough, each with the key of the one before. One that was
# executed twice, or lost although it was acknowledged, has the next one refused. As QEMU does, it repeats five times
# what was not taken. /run/chain-NUMBER: how many were executed, how many not taken, the key; and what went wrong.
chain_keys() {
  local key=0 next executed=0 refused=0 attempts=0 seen wrong=
  while [ ! -e /run/enough ] && [ -z "$wrong" ]; do
    next=$(printf '%x' $(($2 << 16 | executed + 1)))
    seen=$(probe "$1" rw register "$key" "$next" 2>&1) || true
    case $seen in
      "$good") key=$next; executed=$((executed + 1)); attempts=0 ;;
      'not taken' | *'no helper answers') refused=$((refused + 1)); attempts=$((attempts + 1)) ;;
      *) wrong=${seen:-nothing} ;;
    esac
    [ $attempts -lt 5 ] || wrong='gave up'
    echo "$executed $refused $key $wrong" > "/run/chain-$2.new"; mv "/run/chain-$2.new" "/run/chain-$2"
  done
}

of_chain() { cut -d' ' -f"$2" "/run/chain-$1"; }  # of_chain NUMBER FIELD
goes_on() { [ "$(of_chain "$1" 1)" -ge "$2" ] || [ -n "$(of_chain "$1" 4-)" ]; }  # goes_on NUMBER EXECUTED

# restart_under_load SERVICE TIMES NODE...: a client on each node, all of them of one disk by nexuses of their own.
restart_under_load() {
  local service=$1 times=$2 client before; shift 2
  local -a clients=() goals
  rm -f /run/enough /run/chain-*
  for ((client = 1; client <= $#; client++)); do
    echo '0 0 0 ' > /run/chain-$client
    chain_keys "${!client}" $client & clients+=($!)
  done
  for ((; times > 0; times--)); do
    for ((client = 1; client <= $#; client++)); do goals[client]=$(($(of_chain $client 1) + 2)); done
    for ((client = 1; client <= $#; client++)); do eventually goes_on $client "${goals[client]}"; done
    before=$(pid_of "$service"); systemctl restart "$service.service"
    check "another instance of $service" yes "$(eventually serves_another "$service" "$before" && echo yes)"
  done
  for ((client = 1; client <= $#; client++)); do
    eventually goes_on $client $(($(of_chain $client 1) + 1))
  done
  touch /run/enough; wait "${clients[@]}"
  for ((client = 1; client <= $#; client++)); do
    check "client $client: $(of_chain $client 1) executed, $(of_chain $client 2) not taken and repeated" '' "$(of_chain $client 4-)"
  done
  check "the keys that the disk knows" \
    "$(for ((client = 1; client <= $#; client++)); do echo "0x$(of_chain $client 3)"; done | sort | paste -sd' ')" \
    "$(sg_persist -n --in --read-keys "$1" | grep -o '0x[0-9a-f]*$' | sort | paste -sd' ')"
}
