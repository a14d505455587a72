"""What tcpkit finds on a kernel, as a table that people read and diff: one line for each name."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "golden"
ABSENT = "absent"

# Settings at their ends, where kernels cut and round. The value read back is in the table.
ASKED = ("rcvbuf=1", "rcvbuf=1G", "sndbuf=1", "sndbuf=1G", "rcvlowat=1G", "window-clamp=1", "defer-accept=5s",
         "notsent-lowat=1G", "keepidle=32767s", "rto-max-ms=1s", "rto-min-us=5ms", "buf-lock=rcvbuf", "txrehash=off")
_NOT_THE_KERNELS = {  # of the connection, or of the machine's memory
    "IP_PROTOCOL", "SO_COOKIE", "SO_NETNS_COOKIE", "SO_PEERNAME", "net.ipv4.tcp_mem", "net.ipv4.udp_mem"}
_HEAD = """# What tcpkit finds on Debian's kernel {version}, with {memory} MiB of memory.
# tests/kernels/suite.py {version} compares; with --update it writes this file.
"""


def _is_absent(row):
    reason = row["reason"] or ""
    return reason.startswith("absent") or reason == "not known to this kernel"


def _value(name, row):
    if _is_absent(row):
        return ABSENT
    if row["reason"]:
        return row["reason"]
    if name in _NOT_THE_KERNELS or row.get("origin") in ("autotuned", "negotiated"):
        return "there"
    return json.dumps(row["value"], separators=(",", ":"))


def _section(title, rows):
    return [title, *(f"  {name:<47} {value}" for name, value in sorted(rows.items())), ""]


def _options(machine):
    """Of an IPv6 connection what only that has, the rest of one over IPv4."""
    over_4 = machine.tcpkit_json("probe", "--json")["options"]
    with machine.server("[::1]:7000"):
        over_6 = machine.tcpkit_json("probe", "--json", "[::1]:7000")["options"]
    return {name: _value(name, over_6[name] if name.startswith("IPV6_") else row) for name, row in over_4.items()}


def _kept(machine, asked):
    done = machine.tcpkit("probe", "--json", "-o", asked)
    if done.status == 7:
        return ABSENT
    rows = json.loads(done.stdout)["options"].values()
    return next(row["value"] for row in rows if row["name"] == asked.split("=")[0])


def table(machine, version, memory_mib):
    """Its text."""
    document = machine.tcpkit_json("probe", "--json")
    sysctls = {name: _value(name, row) for name, row in document["sysctls"].items()}
    fields = {name: ABSENT if value is None else "there" for name, value in document["tcp_info"].items()}
    lines = [*_section("options", _options(machine)), *_section("kept", {asked: _kept(machine, asked) for asked in ASKED}),
             *_section("sysctls", sysctls), *_section("tcp_info", fields)]
    return _HEAD.format(version=version, memory=memory_mib) + "\n".join(lines)


def read(version):
    """The table kept for a kernel: section, then name, then value."""
    sections = {}
    for line in (FOLDER / f"{version}.txt").read_text().splitlines():
        if line.startswith("  "):
            name, value = line.split(maxsplit=1)
            sections[title][name] = value  # noqa: F821  # a title comes first
        elif line and not line.startswith("#"):
            title = line
            sections[title] = {}
    return sections
