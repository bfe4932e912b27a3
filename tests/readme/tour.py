#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The README's tour is what it says: each command of the section "A tour" is run, in one shell in an empty directory, and
prints what stands below it.

usage: tour.py README BIN_DIR    prints what differs; exit code 1 if anything does
       tour.py --self-test

In an indented block a line that begins with "$ " is a command (one that ends with a backslash goes on), and the lines up to the
next one are its output, standard error included. "…" stands for anything within a line, and alone in a line for any lines.
A command that goes on in the background ("&") is awaited until it has printed that.
"""
import contextlib
import ctypes
import itertools
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

SECTION = "## A tour"
PATIENCE = 120  # seconds for all of it; a bound for a machine under load
MARK = "@@ the tour @@"
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def section(text, title):
    begin = text.index(f"\n{title}\n")
    end = text.find("\n## ", begin + 1)
    return text[begin:end if end >= 0 else len(text)]


def steps(text):
    """(command, expected lines) in their order."""
    found = []
    continued = False
    for line in text.splitlines():
        if not line.startswith("    "):
            continued = False
            if found and line.strip():
                found[-1][2] = False  # prose ends an output
            elif found and found[-1][2]:
                found[-1][1].append("")
            continue
        line = line[4:]
        if continued:
            found[-1][0] += "\n" + line
        elif line.startswith("$ "):
            found.append([line[2:], [], True])
        elif found and found[-1][2]:
            found[-1][1].append(line)
        continued = (continued or line.startswith("$ ")) and line.endswith("\\")
    return [(command, expected) for command, expected, _ in found]


def matches(expected, printed):
    """Line by line; "…" alone stands for any number of lines."""
    if not expected:
        return not printed
    if expected[0].strip() == "…":
        return any(matches(expected[1:], printed[skip:]) for skip in range(len(printed) + 1))
    if not printed:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].rstrip().split("…"))
    return re.fullmatch(pattern, printed[0].rstrip()) is not None and matches(expected[1:], printed[1:])


def in_shell(number, command, expected):
    if command.endswith("&") and expected:
        return f"{{ {command}\n}} > .{number} 2>&1; read -r _; cat .{number}\n"
    return f"{{ {command}\n}} 2>&1 < /dev/null\n"


def await_output(path, expected):
    while not path.exists() or not matches(expected, path.read_text(encoding="utf-8").splitlines()):
        time.sleep(0.05)


def children():
    return [int(pid) for pid in pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()]


def end_children():
    """Those among them that have left the shell's session (--daemon), since this process adopts them."""
    while left := children():
        for child in left:
            os.kill(child, signal.SIGTERM)
        for child in left:
            os.waitpid(child, 0)


def run(tour, directory, bin_dir):
    """What each printed."""
    script = "".join(f"{in_shell(number, *step)}echo; echo '{MARK}'\n" for number, step in enumerate(tour))
    environment = {**os.environ, "PATH": f"{bin_dir}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    shell = subprocess.Popen(["bash", "-c", script], cwd=directory, env=environment, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True, start_new_session=True)
    printed = []
    try:
        for number, (command, expected) in enumerate(tour):
            printed.append([])
            if command.endswith("&") and expected:
                await_output(pathlib.Path(directory, f".{number}"), expected)
                print(file=shell.stdin, flush=True)
            for line in shell.stdout:  # not to its end: what runs in the background keeps it open
                if line.rstrip("\n") == MARK:
                    break
                printed[-1].append(line.rstrip("\n"))
            else:
                raise RuntimeError("the shell ended early")
            if printed[-1] and printed[-1][-1] == "":
                printed[-1].pop()  # our own, so that the mark begins a line
        return printed
    except TimeoutError:
        with contextlib.suppress(FileNotFoundError):
            printed[-1] = pathlib.Path(directory, f".{number}").read_text(encoding="utf-8").splitlines()
        return printed  # which tells where
    finally:
        os.killpg(shell.pid, signal.SIGTERM)  # the session is ours alone
        shell.wait()
        end_children()


def differences(text, bin_dir):
    tour = steps(section(text, SECTION))
    if len(tour) < 2:
        return ["the tour has no commands"]
    for _, expected in tour:
        while expected and not expected[-1].strip():
            expected.pop()
    with tempfile.TemporaryDirectory() as directory:
        printed = run(tour, directory, bin_dir)
    found = []
    for (command, expected), lines in itertools.zip_longest(tour, printed, fillvalue=["(it was never run)"]):
        while lines and not lines[-1].strip():
            lines.pop()
        if not matches(expected, lines):
            found += [f"$ {command}", "  README:", *("    " + line for line in expected), "  printed:",
                      *("    " + line for line in lines)]
    return found


def self_test():
    text = ("# x\n\n## A tour\n\nWords.\n\n    $ echo one; echo two\n    one\n    t…\n    $ printf '%s\\n' a b c\n    …\n"
            "    c\n\nMore.\n\n    $ sleep 60 &\n    $ echo \\\n      three >&2; echo; echo end\n    three\n\n    end\n"
            "    $ { sleep 0.2; echo four; sleep 60; } &\n    four\n    $ setsid sleep 60 &\n\n## End\n\n    $ false\n")
    assert [command for command, _ in steps(section(text, SECTION))][2] == "sleep 60 &"
    assert differences(text, "/bin") == [], differences(text, "/bin")
    assert differences(text.replace("\n    three\n", "\n    four\n"), "/bin") != []
    assert differences(text.replace("\n    c\n", "\n    d\n"), "/bin") != []
    assert differences(text.replace("\n    one\n", "\n"), "/bin") != []
    signal.alarm(3)
    assert differences(text.replace("\n    four\n", "\n    five\n"), "/bin") != []
    assert children() == []


def give_up(*_):
    raise TimeoutError(f"not within {PATIENCE} s")


def main():
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    readme, bin_dir = sys.argv[1:]
    found = differences(pathlib.Path(readme).read_text(encoding="utf-8"), pathlib.Path(bin_dir).resolve())
    if found:
        print("\n".join(found))
        sys.exit(1)


main()
