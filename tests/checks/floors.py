#!/usr/bin/env python3
"""Reads every #include and holds the floors of the house. --self-test shows that each rule can fail."""

import collections
import pathlib
import re
import sys

import source
import tree

# floor: the floors it stands on. "public X" allows only lib/include/tcpkit/X, not lib/src/X.
FLOORS = {
    "base": [],
    "os": ["base"],
    "sock": ["base", "os"],
    "diag": ["base", "os", "sock"],
    "net": ["base", "os", "sock"],
    "proc": ["base", "os", "sock"],
    "report": ["public base", "base", "public sock", "public diag"],
}

PUBLIC = "lib/include/tcpkit/"
INTERNAL = "lib/src/"

# what is included: the places that may, each a directory or one file.
RESTRICTED = [
    (r"asio(/.*|\.hpp)", ["lib/src/net/", "tests/net/", "tests/bench/"]),
    (r"nlohmann/.*", ["lib/src/report/json.cpp", "tests/"]),
    (r"CLI/.*", ["tools/tcpkit/parser.cpp"]),
    (r"catch2/.*", ["tests/support/"]),
    (r"fmt/.*", ["lib/src/", "tools/", "tests/"]),
    (r"linux/(inet_diag|sock_diag|unix_diag|genetlink)\.h", ["lib/src/proc/netlink.cpp"]),
    (r"linux/netlink\.h", ["lib/src/proc/netlink.cpp", "lib/src/proc/netlink_socket.cpp"]),
    (r"linux/rtnetlink\.h", ["lib/src/proc/egress.cpp"]),
    (r"linux/tcp\.h", []),  # Debian 12's is 48 bytes behind the kernel's and clashes with <netinet/tcp.h>
    (r"iostream|print|syncstream", ["tools/", "tests/"]),
]

# Anything else in angle brackets must be one of these; public headers get the standard library only.
STANDARD = r"[a-z][a-z0-9_]*"
SYSTEM = r"((sys|linux|netinet|arpa|net|asm)/)?[a-z][a-z0-9_]*\.h"

# words no file of the library may use: it neither prints, nor ends the process, nor reads the environment.
LIBRARY_WORDS = {
    "prints": r"\bstd::(cout|cerr|clog)\b|\b(v?f?printf|v?dprintf|puts|fputs|putchar|perror)\s*\(|\b(fmt|std)::print(ln)?\s*\(",
    "ends the process": r"(?<![\w.>])(?:std::|::)?(_exit|_Exit|exit|quick_exit|abort)\s*\(",
    "reads the environment": r"\b(secure_)?getenv\s*\(|\benviron\b",
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<(?P<angle>[^>\n]+)>|"(?P<quote>[^"\n]+)")', re.MULTILINE)

Include = collections.namedtuple("Include", "name quoted line")


def includes(text):
    text = source.without_comments(text)
    for match in INCLUDE.finditer(text):
        yield Include(match["angle"] or match["quote"], bool(match["quote"]), source.line_of(text, match.start()))


def floor_of(path):
    """Which floor a file is on, or None outside the library."""
    for home in (PUBLIC, INTERNAL):
        if path.startswith(home):
            rest = path[len(home):].split("/")
            return rest[0] if len(rest) > 1 else ""
    return None


def target_of(path, include):
    """The library file meant, as ("public" or "internal", floor), or None for anything else."""
    parts = include.name.split("/")
    if parts[0] == "tcpkit":
        return "public", parts[1] if len(parts) > 2 else ""
    if not include.quoted:
        return None
    if len(parts) > 1 and parts[0] in FLOORS and not path.startswith("tests/"):
        return "internal", parts[0]
    return ("internal", floor_of(path)) if path.startswith(INTERNAL) and len(parts) == 1 else None


def check_floor(path, include):
    floor = floor_of(path)
    target = target_of(path, include)
    if ".." in include.name.split("/"):
        return "a path with .. hides which floor it is on"
    if floor is None:
        if path.startswith("tools/") and target and target[0] == "internal":
            return "tools see public headers only"
        return None
    if floor not in FLOORS:
        return f"{path} is on no known floor"
    if target is None:
        return f"{include.name} is on no known floor" if include.quoted else None
    kind, other = target
    if path.startswith(PUBLIC) and kind == "internal":
        return "a public header includes an internal one"
    stands_on = FLOORS[floor]
    if other == floor or other in stands_on or (kind == "public" and f"public {other}" in stands_on):
        return None
    return f"{floor} does not stand on {kind} {other or 'umbrella'} headers"


def allowed(path, places):
    return any(path.startswith(place) if place.endswith("/") else path == place for place in places)


def check_library(path, include):
    """Third-party and system headers."""
    if include.quoted or include.name.startswith("tcpkit/"):
        return None
    if path.startswith(PUBLIC):
        return None if re.fullmatch(STANDARD, include.name) else "public headers include only std and tcpkit headers"
    for pattern, places in RESTRICTED:
        if re.fullmatch(pattern, include.name):
            return None if allowed(path, places) else f"allowed only in {', '.join(places) or 'no file'}"
    return None if re.fullmatch(f"{STANDARD}|{SYSTEM}", include.name) else "a library nobody agreed on"


def check_words(path, text):
    if not path.startswith("lib/"):
        return
    code = source.code_only(text)
    for what, pattern in LIBRARY_WORDS.items():
        for match in re.finditer(pattern, code):
            yield f"{path}:{source.line_of(code, match.start())}: {match.group().strip()}: the library never {what}"


def check_file(path, text):
    for include in includes(text):
        for check in (check_floor, check_library):
            broken = check(path, include)
            if broken:
                yield f"{path}:{include.line}: includes {include.name}: {broken}"
    yield from check_words(path, text)


def check_tree(root):
    """Every broken rule under root, as lines of text."""
    problems = []
    for name in tree.files(root, (".cpp", ".hpp", ".in", ".h", ".ipp")):
        path = name.as_posix()
        if path.startswith(("lib/", "tools/", "tests/")):
            problems += check_file(path, (root / name).read_text())
    return problems


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        import floors_test
        floors_test.run()
    tree.finish(check_tree(pathlib.Path(tree.ROOT)))
