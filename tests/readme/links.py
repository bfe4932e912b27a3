#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every relative link of the documentation leads somewhere: to a file of the repository and, where it names one, to a heading.

usage: links.py ROOT [FILE...]    prints those that do not; exit code 1 if there are any. FILEs need not exist
       links.py --self-test
"""
import pathlib
import re
import sys
import tempfile

LINK = re.compile(r"\]\(([^()\s]+)\)")
CODE = re.compile(r"`[^`]*`")
PAGES = ("*.md", "doc/*.md", "packaging/*.md", "bench/*.md")


def anchor(heading):
    """As GitHub makes it of a heading."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return "".join(c for c in words if c.isalnum() or c in " -_").replace(" ", "-")


def anchors(page):
    return {anchor(line.lstrip("#")) for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("#")}


def links(text):
    for line in text.splitlines():
        if not line.startswith("    "):  # a block of code
            # A link's words may be code.
            yield from LINK.findall(re.sub(CODE, "`", line))


def broken(root, awaited=()):
    pages = sorted(page for pattern in PAGES for page in root.glob(pattern))
    if not pages:
        return ["there are no pages"]
    found = []
    for page in pages:
        for link in links(page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists() and path not in awaited:
                found.append(f"{page.relative_to(root)}: {link}: there is no such file")
            elif heading and target.suffix == ".md" and heading not in anchors(target):
                found.append(f"{page.relative_to(root)}: {link}: there is no such heading")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        (root / "doc").mkdir()
        (root / "doc" / "a.md").write_text("# One `two`, three\n[up](../README.md#read-me) [`x`](a.md#one-two-three)\n")
        (root / "README.md").write_text("# Read me\n![p](doc/a.md) [w](https://nowhere.invalid/x)\n    [code](none)\n")
        assert broken(root) == [], broken(root)
        (root / "README.md").write_text("[a](doc/b.md) [b](doc/a.md#two) [`c`](#none)\n")
        assert len(broken(root)) == 4, broken(root)  # and a.md's heading is gone
        assert len(broken(root, ["doc/b.md"])) == 3, broken(root, ["doc/b.md"])


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    found = broken(pathlib.Path(sys.argv[1]), sys.argv[2:])
    if found:
        print("\n".join(found))
        sys.exit(1)


main()
