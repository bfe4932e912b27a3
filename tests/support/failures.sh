# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# failures.sh: sourced. What is worth reading of a long log of ctest: it is printed once more at the end, where a report that keeps
# the end alone still has it.

# failures_in FILE: of each test that failed its name, and the lines about what failed; where there are none (a crash, a
# limit of time), the last lines that it wrote.
failures_in() {
  awk '
    function end_of_test() {
      if (failed && !shown) for (i = (count > 8 ? count - 8 : 0); i < count; ++i) print last[i % 8]
      failed = shown = count = rest = 0
    }
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / || /^ *Start +[0-9]+: / || /tests passed, / {
      end_of_test()
      if (/\*\*\*/) { print; failed = 1 }
      next
    }
    { last[count++ % 8] = $0 }
    /: Failure$|ERROR: [A-Za-z]*Sanitizer|WARNING: ThreadSanitizer|uncaught target signal|^([0-9]+: )?FAILED/ { rest = 8 }
    rest > 0 { --rest; if (shown++ < 60) print }
    END { end_of_test() }
  ' "$1"
}
