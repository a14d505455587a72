#!/usr/bin/env python3
"""Each exported declaration has its contract: a /// comment right above it. --self-test shows that it finds those without."""

import re
import sys

import tree

INCLUDE = "lib/include"
EXPORTED = re.compile(r"\bTCPKIT_API\b")
BETWEEN = re.compile(r"\s*(template\s*<|\[\[nodiscard\]\]\s*$)")  # may stand between comment and declaration

SAMPLE = """\
#define TCPKIT_API visible
/// Said.
TCPKIT_API int good();
TCPKIT_API int bad();

/// Said, and two lines long,
/// of a template.
template <class T>
TCPKIT_API T fine();
/// Of something else.

TCPKIT_API int apart();
class TCPKIT_API Bare {};
"""


def problems_in(path, text):
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not EXPORTED.search(line) or line.lstrip().startswith("#"):
            continue
        above = number - 1
        while above > 0 and BETWEEN.match(lines[above]):
            above -= 1
        if not lines[above].lstrip().startswith("///"):
            yield f"{path}:{number + 1}: exported without a contract: {line.strip()}"


def check_tree():
    for name in tree.files(suffixes=(".hpp",)):
        if name.as_posix().startswith(INCLUDE):
            yield from problems_in(name.as_posix(), (tree.ROOT / name).read_text())


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        found = [problem.split(":")[1] for problem in problems_in("", SAMPLE)]
        tree.finish([] if found == ["4", "12", "13"] else [f"found in lines {found} of the sample"])
    tree.finish(check_tree())
