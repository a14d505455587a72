"""Each sysctl is in a fresh network namespace what the scope of its row says.

usage: sysctl_namespace_test.py DUMP_SYSCTLS
"""
import shutil
import subprocess
import sys

import sysctl_dump
from skip import skip


def verdict(name, here, inside):
    """What is wrong with the row as seen in the namespace, or None."""
    if here.scope == "GlobalInitOnly":
        return None if inside.reason == sysctl_dump.ABSENT else f"{name}: expected to be absent, got {inside}"
    return None if inside.value is not None else f"{name} ({here.scope}): expected to be readable, got {inside}"


def main():
    unshare = shutil.which("unshare")
    if unshare is None:
        skip("there is no unshare(1)")
    attempt = subprocess.run([unshare, "-n", "true"], capture_output=True, text=True)
    if attempt.returncode != 0:
        skip(f"no new network namespace: {attempt.stderr.strip()}")

    outside = sysctl_dump.read([sys.argv[1]])
    inside = sysctl_dump.read([unshare, "-n", sys.argv[1]])
    there = {name: row for name, row in outside.items() if row.value is not None}
    scopes = {row.scope for row in there.values()}
    if "GlobalInitOnly" not in scopes:
        skip("this is not the initial network namespace: nothing can disappear in another one")

    failures = [wrong for name, row in there.items() if (wrong := verdict(name, row, inside[name]))]
    failures += [f"no row of scope {scope} is readable" for scope in {"Namespace", "Global"} - scopes]
    failures += [f"{name}: global, but {row.value!r} here and {inside[name].value!r} there"
                 for name, row in there.items()
                 if row.scope == "Global" and inside[name].value not in (None, row.value)]
    sysctl_dump.finish(failures, len(there))


if __name__ == "__main__":
    main()
