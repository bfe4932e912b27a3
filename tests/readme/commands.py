#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The README's commands outside of its tour are right. What can be run here is run: the installation into a directory of its own,
the daemon with a /run of its own, systemctl on the installed units. The options for QEMU are those of the guest of tests/vm. A
command that nothing here proves is reported.

usage: commands.py README BUILD_DIR    exit code 1 if anything is wrong, 77 where there is no root and no namespace to be had
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds for each command
ALONE = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec"]
PROGRAMS = r"(script/\w+|cmake|ctest|qemu-pr-helper|qemu-system-x86_64|prhelperctl|prhelper-emulator|systemctl)"


def without_tour(text):
    return re.sub(r"\n## A tour\n.*?(?=\n## )", "\n", text, flags=re.S)


def commands(text):
    """Lines of blocks, and spans with more than a program's name; joined where a backslash goes on, and taken apart at &&."""
    text = re.sub(r" *\\\n *", " ", text)
    found = []
    for line in text.splitlines():
        if line.startswith("    "):
            whole = re.findall(rf"^    ({PROGRAMS}\b.*)", line)
        else:
            whole = re.findall(rf"`({PROGRAMS}\b[^`]*)`", line)
        for command in (part for command, *_ in whole for part in command.split("&&")):
            command = re.sub(r"\s+#.*|\s*&$", "", command).strip()
            if " " in command or command.startswith("script/"):
                found.append(command)
    return found


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=PATIENCE, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: {done.stdout}")
    return done.stdout


class Proofs:
    def __init__(self, build, place):
        self.build, self.place = build, place
        self.environment = {**os.environ, "PATH": f"{place}/usr/bin:{os.environ['PATH']}", "DESTDIR": str(place)}
        self.installed = False
        self.daemon = None

    def of(self, command):
        """Runs what proves it, or raises AssertionError."""
        for pattern, proof in (
                (r"script/(\w+)( .*)?", self.script),
                (r"cmake --preset (\w+)", lambda name: self.preset(name, None)),
                (r"cmake --build (\w+)", lambda directory: self.preset("release", directory)),
                (r"cmake --install (build) --prefix (/usr)", self.install),
                (r"(qemu-pr-helper -T help)", self.shell),
                (r"qemu-pr-helper -T '\*' …", lambda: self.with_daemon(f"{self.daemon} -T '*'", "ping")),
                (r"(qemu-pr-helper -k .*)", self.starts),
                (r"prhelperctl --socket=/run/pr.sock (ping)", lambda verb: self.with_daemon(self.daemon, verb)),
                (r"qemu-system-x86_64 … (.*)", self.guest),
                (r"systemctl enable --now (\S+)", self.enable)):
            if known := re.fullmatch(pattern, command):
                proof(*known.groups())
                return
        raise AssertionError("nothing here proves it")

    def script(self, name, _):
        """ctest runs demo; this runs in test, which bootstrap has prepared."""
        assert os.access(ROOT / "script" / name, os.X_OK), "there is no such script"
        run("bash", "-n", ROOT / "script" / name)

    def preset(self, name, directory):
        assert f'"{name}"' in run("cmake", "--list-presets=configure", cwd=ROOT), "there is no such preset"
        assert directory in (None, "build"), "that is not where the preset builds"

    def install(self, _, prefix):
        run("cmake", "--install", self.build, "--prefix", prefix, env=self.environment)
        for program in ("qemu-pr-helper", "prhelperctl", "prhelper-emulator"):
            run(self.place / prefix.lstrip("/") / "bin" / program, "--version")
        self.installed = True

    def shell(self, command):
        assert self.installed, "it has to be installed before"
        assert run("bash", "-c", command, env=self.environment), "it prints nothing"

    def starts(self, command):
        self.daemon = command
        self.with_daemon(command, "ping")

    def with_daemon(self, command, verb):
        assert self.installed and self.daemon, "it has to be installed and run before"
        run(*ALONE, f"mount -t tmpfs run /run; {command} & until [ -S /run/pr.sock ]; do kill -0 $!; sleep 0.1; done; "
                    f"prhelperctl --socket=/run/pr.sock {verb}", env=self.environment)

    def guest(self, words):
        """Those of the guest that tests/vm starts: asked of the script itself, with a QEMU that only notes them down, and with the
        devices that its monitor is to add."""
        fake, noted, added = self.place / "qemu-system-x86_64", self.place / "arguments", self.place / "devices"
        fake.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {noted}.new; mv {noted}.new {noted}\n")
        fake.chmod(0o755)
        run("bash", "-ec", f". {ROOT}/tests/vm/guest_machine.sh; . {ROOT}/tests/vm/guest_session.sh; open_monitor() {{ monitor=(); }}; "
                           f"qmp() {{ [ $1 != device_add ] || echo \"{{$3}}\" >> {added}; }}; "
                           f"in_guest() {{ until [ -e {noted} ]; do sleep 0.1; done; }}; "
                           "BUILD=/b witness=/dev/sdc; start_guest /dev/sdb",
            env={**os.environ, "PATH": f"{self.place}:{os.environ['PATH']}"})
        tested = noted.read_text().splitlines()
        for device in map(json.loads, added.read_text().splitlines()):
            tested += ["-device", ",".join([device.pop("driver"), *(f"{name}={value}" for name, value in device.items())])]
        pairs = [(option, self.properties(value)) for option, value in zip(tested, tested[1:])]
        words = words.split()
        for option, value in zip(words[::2], words[1::2]):
            wanted = self.properties(value)
            assert any(option == each and wanted <= there for each, there in pairs), \
                f"the guest of tests/vm has no {option} {value}"

    @staticmethod
    def properties(value):
        """Without what is only a name or a place."""
        return {re.sub(r"^(path|drive|id)=.*", r"\1", each) for each in value.split(",")}

    def configuration(self, text):
        """What libvirt is told: a program and a socket that the installation has, in XML that is well-formed."""
        program, = re.findall(r'`pr_helper = "(/\S+)"`', text)
        assert os.access(self.place / program.lstrip("/"), os.X_OK), f"{program} is not installed"
        named = [ElementTree.fromstring(xml) for xml in re.findall(r"<(?:disk|reservations)\b.*?</(?:disk|reservations)>",
                                                                   re.sub(r"<reservations[^>]*/>", "", text), flags=re.S)]
        sockets = [source.get("path") for xml in named for source in xml.iter("source") if source.get("type") == "unix"]
        assert len(named) == 2 and len(sockets) == 1, named
        for unit in ("qemu-pr-helper.socket", "qemu-pr-helper-single-path.socket"):
            assert f"ListenStream={sockets[0]}\n" in (self.place / "usr/lib/systemd/system" / unit).read_text(), unit

    def enable(self, unit):
        assert self.installed, "it has to be installed before"
        assert "Created symlink" in run("systemctl", f"--root={self.place}", "enable", unit), f"{unit} cannot be enabled"


def main():
    if os.environ.get("CI") != "true" and subprocess.run([*ALONE, "true"], check=False).returncode != 0:
        sys.exit(77)
    text = without_tour(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    found, wrong = commands(text), 0
    assert len(found) > 8, found
    with tempfile.TemporaryDirectory() as place:
        proofs = Proofs(pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(place))
        checks = [(command, proofs.of, command) for command in found]
        for title, check, what in [*checks, ("what libvirt is told", proofs.configuration, text)]:
            try:
                check(what)
                print(f"ok      {title}")
            except (AssertionError, ElementTree.ParseError, subprocess.TimeoutExpired) as error:
                print(f"FAILED  {title}: {error}")
                wrong += 1
    sys.exit(1 if wrong else 0)


main()
