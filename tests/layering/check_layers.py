#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Includes point strictly downward, and a pure file includes no system header (doc/architecture.md, "Layers").

usage: check_layers.py SRC_DIR    prints what is wrong, one line each; exit code 1 if anything is
       check_layers.py --self-test
"""
import pathlib
import re
import sys
import tempfile

LAYERS = [
    {"base"},
    {"scsi", "observe", "os"},
    {"wire", "device"},
    {"multipath", "emul", "client"},
    {"server", "monitor", "diagnose", "report"},
    {"daemon", "ctl", "emulator"},
]
LEVEL = {folder: level for level, folders in enumerate(LAYERS) for folder in folders}

# Folders and files that are functions on bytes: no I/O, so no header of the operating system.
PURE_FOLDERS = {"scsi", "wire"}
PURE_FILES = {
    "emul": {
        "aptpl_image", "aptpl_state", "initiator_name", "logical_unit", "logical_unit_identity", "nexus", "preempting",
        "registering", "registrations", "reserving", "unit_attentions",
    },
    "diagnose": {"validation_fault", "validation_report", "validation_steps", "validation_verdict"},
    "device": {"sg_result", "reservation_device"},
    "multipath": {"engine", "map_record", "multipathd_protocol", "path_manager", "paths"},
}
# <cerrno> is in the language's standard, and names codes without asking the system for anything.
STANDARD = {
    "algorithm", "array", "bit", "cerrno", "charconv", "chrono", "compare", "concepts", "cstddef", "cstdint", "cstring",
    "deque", "functional", "iterator", "limits", "list", "map", "memory", "numeric", "optional", "ranges", "set", "span",
    "string", "string_view", "tuple", "type_traits", "unordered_map", "utility", "variant", "vector",
}
LIBRARIES = ("tl/expected.hpp", "fmt/")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def is_pure(folder, stem):
    return folder in PURE_FOLDERS or stem in PURE_FILES.get(folder, ())


def problems(source_dir):
    found = []
    for path in sorted(source_dir.rglob("*")):
        if path.suffix not in (".h", ".cc", ".in"):
            continue
        relative = path.relative_to(source_dir)
        folder = relative.parts[0]
        if folder not in LEVEL:
            found.append(f"{relative}: folder '{folder}' has no layer")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, target = match.groups()
            where = f"{relative}:{number}: includes {target}"
            if quote == "<":
                if is_pure(folder, path.stem) and target not in STANDARD and not target.startswith(LIBRARIES):
                    found.append(f"{where}, but {folder}/{path.stem} is pure")
                continue
            other = target.split("/")[0]
            if other not in LEVEL:
                found.append(f"{where}, which is in no layer")
            elif other != folder and LEVEL[other] >= LEVEL[folder]:
                found.append(f"{where}, which is not below {folder}")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for folder in ("base", "scsi", "os", "server"):
            (root / folder).mkdir()
        (root / "base/good.h").write_text("#include <string>\n")
        (root / "server/good.cc").write_text('#include "os/a.h"\n#include <unistd.h>\n')
        assert problems(root) == [], problems(root)
        (root / "base/up.h").write_text('#include "scsi/cdb.h"\n')
        (root / "os/side.cc").write_text('#include "scsi/cdb.h"\n')
        (root / "scsi/impure.cc").write_text("#include <vector>\n#include <unistd.h>\n")
        seen = problems(root)
        assert len(seen) == 3, seen
        assert any("base/up.h:1" in line for line in seen), seen
        assert any("os/side.cc:1" in line for line in seen), seen
        assert any("scsi/impure.cc:2" in line and "pure" in line for line in seen), seen


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(found) if found else "every include points downward")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
