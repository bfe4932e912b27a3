# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# doctor_checks.sh: sourced in the test VM after mpath_checks.sh. What doctor and show say of the map, and lines of
# doctor's applied as they are.
# shellcheck disable=SC2154,SC2034  # mpatha: multipath.sh's; socket: checks.sh's; what is set here is for others too

log=/run/helper.log audit=/run/audit control=/run/control report=/run/report.json
export PATH=$BUILD/bin:$PATH  # the lines name prhelperctl as it is installed

helper_starts() {  # helper_starts [OPTION...]
  start_helper "$socket" --control=$control --audit=$audit --audit-reads=on "$@" 2>> $log
  eventually prhelperctl status --control=$control > /dev/null
}
helper_restarts() { stop_helper || true; helper_starts "$@"; }
# The helper's own command line, as a fix has it.
helper_starts_as() {
  stop_helper || true
  eval "exec $1" 2>> $log & helper_pid=$!
  eventually prhelperctl status --control=$control > /dev/null
}

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
# doctor [DEVICE]: leaves its report, prints its exit code.
doctor() {
  local code=0
  prhelperctl doctor --json --socket="$socket" --control=$control "$@" > $report || code=$?
  echo $code
}
# Of the report: a member of the first finding of a check that is worst, "a.b" for one of a member.
finding() {  # finding CHECK MEMBER
  python3 - "$report" "$@" << 'END'
import json, sys
report, check, member = sys.argv[1:]
order = ["wrong", "warning", "not checked", "ok"]
found = [one for one in json.load(open(report))["findings"] if one["check"] == check]
value = min(found, key=lambda one: order.index(one["verdict"])) if found else {}
for part in member.split("."):
    value = (value or {}).get(part)
print("" if value is None else value)
END
}
not_well() {  # the checks that are neither ok nor not checked
  python3 -c 'import json, sys
print(" ".join(one["check"] + "=" + one["verdict"] for one in json.load(open(sys.argv[1]))["findings"]
               if one["verdict"] in ("wrong", "warning")) or "all well")' $report
}
is_well() { check "$1: doctor" "0 all well" "$(doctor "$mpatha") $(not_well)"; }
names() {  # names TITLE CHECK WORDS: the one thing that is wrong
  check "$1: doctor" "36 $2=wrong" "$(doctor "$mpatha") $(not_well)"
  check "    says" "$3" "$(finding "$2" words | grep -o -- "$3" | sed -n 1p)"
}
lines_of() { finding "$1" fix.lines; }
into_multipath_conf() {  # as the finding's "where" has it: at the end, then reconfigure
  echo "    adds: $(lines_of "$1" | tr -s '\n ' ' ')"
  lines_of "$1" >> /etc/multipath.conf; multipathd_reconfigure
}
run_lines() { echo "    runs: $(lines_of "$1")"; bash -c "$(lines_of "$1")" > /dev/null; }  # run_lines CHECK

show() { prhelperctl show --socket="$socket" --control=$control "$@"; }
row() { show "$mpatha" | grep -E "^  $(basename "$1") " | tr -s ' ' | cut -d' ' -f2,6,7; }  # row DEVICE: name, key, holder
row_is() { check "$1" "$(basename "$2") $3" "$(row "$2")"; }
dangers() { show "$mpatha" | grep -cE '^(DANGER|Warning|Not told):' || true; }
