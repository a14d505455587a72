#!/usr/bin/env python3
"""No file names a directory that only somebody's machine has. --self-test shows that the rule can fail."""

import re
import sys

import tree

# The first directory of an absolute path must be one that every Linux has.
EVERYWHERE = "bin boot dev etc lib proc run sbin sys tmp usr var".split()
ABSOLUTE = re.compile(r"""(?<![^\s"'`(=<,:]):?(?:-[IL])?/([a-z]+)/[\w.]""")
FIXED_SCRATCH = re.compile(r"/tmp/[\w.-]+/")  # a test takes its directory from mkdtemp

BROKEN = ["cd /data/me", 'open("/home/me/notes")', "-I/opt/x/include", "`/root/tcpkit`", "/tmp/scratch/file"]
SOUND = ["/proc/sys/net", "https://a.org/b/c", "and/or/not", "lib/src/net/", "s/a/b/", "/tmp/out.json", "GET / HTTP"]


def problems_in(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for found in ABSOLUTE.finditer(line):
            if found[1] not in EVERYWHERE:
                yield f"{path}:{number}: /{found[1]}/... is a directory of one machine"
        if FIXED_SCRATCH.search(line):
            yield f"{path}:{number}: a scratch directory with a fixed name"


def check_tree():
    for name in tree.files():
        if name.as_posix() != "tests/checks/paths.py":
            yield from problems_in(name.as_posix(), (tree.ROOT / name).read_text(errors="replace"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        tree.finish([f"not found: {line}" for line in BROKEN if not list(problems_in("", line))] +
                    [f"found in vain: {line}" for line in SOUND if list(problems_in("", line))])
    tree.finish(check_tree())
