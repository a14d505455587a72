"""Every sysctl the library reads equals the text of its file, read here without the library.

usage: sysctl_files_test.py DUMP_SYSCTLS
"""
import os
import pathlib
import sys

import sysctl_dump

ROOT = pathlib.Path("/proc/sys")
SECRET = {"net.ipv4.tcp_fastopen_key"}


def raw(name):
    """The words of the file, one blank between them, or the reason the library owes for it."""
    try:
        return " ".join((ROOT / name.replace(".", "/")).read_text().split()), None
    except (FileNotFoundError, NotADirectoryError):
        return None, sysctl_dump.ABSENT
    except OSError as error:
        return None, f"unreadable: {os.strerror(error.errno)}"


def main():
    names = set(sysctl_dump.read([sys.argv[1]])) - SECRET
    before = {name: raw(name) for name in names}
    rows = sysctl_dump.read([sys.argv[1]])
    after = {name: raw(name) for name in names}

    failures = []
    checked = 0
    for name, row in rows.items():
        if name in SECRET:
            if (row.value, row.reason) != (None, "not read: a secret"):
                failures.append(f"{name} is a secret and must not be read")
            continue
        if before[name] != after[name]:
            print(f"{name} changed meanwhile, not compared")
            continue
        checked += 1
        if (row.value, row.reason) != before[name]:
            failures.append(f"{name}: the library says {row.value!r} {row.reason!r}, the file {before[name]!r}")

    there = {f"net.ipv4.{path.name}" for path in (ROOT / "net/ipv4").glob("tcp_*")}
    for name in sorted(there - set(rows)):
        print(f"note: this kernel has {name}, which has no row yet")
    sysctl_dump.finish(failures, checked)


if __name__ == "__main__":
    main()
