"""Runs dump_sysctls and takes its lines apart; imported by the tests beside it."""
import subprocess
import sys
from typing import NamedTuple

ABSENT = "absent: no such file in this network namespace"


class Row(NamedTuple):
    scope: str
    value: "str | None"
    reason: "str | None"


def read(command):
    """{name: Row} from the lines NAME, SCOPE, =VALUE or !REASON."""
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = {}
    for line in output.splitlines():
        name, scope, result = line.split("\t", 2)
        if result[0] not in "=!":
            sys.exit(f"not a line of dump_sysctls: {line!r}")
        rows[name] = Row(scope, result[1:] if result[0] == "=" else None, result[1:] if result[0] == "!" else None)
    return rows


def finish(failures, checked):
    for failure in failures:
        print(failure)
    print(f"{checked} checked, {len(failures)} failed")
    sys.exit(1 if failures or checked == 0 else 0)
