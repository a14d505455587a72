#!/usr/bin/env python3
"""README.md shows what tcpkit prints, line by line. --update runs its commands and writes what they print.

A block that starts with "$ " is a command and its output, both streams. Rows are compared one by one, wrapped lines
joined; of JSON, each value with its path. The tables below name all that may differ."""

import fcntl
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
HOST = pathlib.Path(__file__).with_name("readme_host.json")  # what the host was like that README's outputs are of
BINARY = pathlib.Path(os.environ.get("TCPKIT_BINARY", ROOT / "build/dev/bin/tcpkit"))
PATIENCE_S = 60

# From run to run: what of a row, and the word that stands for it.
VARIES = (
    (r"(127\.0\.0\.1|\[::1\]):\d{4,5}\b", r"\1:PORT"),
    (r"^(target\.port)  \d+", r"\1  PORT"),
    (r"^(\S+_us)  \d+", r"\1  TIME"),
    (r"^(connect|round-trip time|rtt)  [\d.]+ (us|ms|s)\b", r"\1  TIME"),
    (r"^(dead peer, data sent)  (\d+ \w+ ?)+\b", r"\1  TIME"),  # starts from the measured round-trip time
    # The kernel keeps what it learned of a route, and starts with another window and buffer (net.ipv4.tcp_no_metrics_save).
    (r"^(sndbuf)  \d+ \([\d.]+ \w+\)(?=  autotuned)", r"\1  SIZE"),
    (r"^(connected from .*, sndbuf) \d+", r"\1 SIZE"),
    (r"^(connected from .*, quickack) (on|off)$", r"\1 STATE"),  # the end of the client's stream ends it
    (r"^(closed .*, )[\d.]+ (us|ms|s)(?=, )", r"\1TIME"),
    (r"^(time)  [\d.]+ (us|ms|s)\b", r"\1  TIME"),
    (r"[\d.]+ [KMGT]?bit/s", "RATE"),                            # window / round-trip time
    (r"^tcpkit\[\d+\]/\d+", "tcpkit[PID]/FD"),
    # A connection that is watched.
    (r"^\d\d:\d\d:\d\d  ", "CLOCK  "),
    (r"(?<=, in )[\d.]+ (us|ms)$", "TIME"),
    (r"(?<=^CLOCK  rtt )[\d.]+ (us|ms)", "TIME"),
    (r"(?<=  echo )[\d.]+ (us|ms)$", "TIME"),
    # A measurement.
    (r"^(rate)  \S+/s", r"\1  RATE"),
    (r"\d+ bytes/s, \d+ bytes in all", "RATE"),
    (r"^(min|mean|p[\d.]+|max)  [\d.]+ (ns|us|ms|s)\b", r"\1  TIME"),
    (r"^(writes|congestion window|retransmissions)  \d+", r"\1  NUMBER"),
    (r"^(held back by)  .*", r"\1  REASON"),
    (r"^(client)  .*", r"\1  SHARE"),
    (r"^\d+ of \d+ requests \([\d.]+ %\) took about \d+ ms", "REQUESTS took TIME"),
    # Findings.
    (r"\d+ rules checked(, \d+ could not be \(--all shows why\))?", "NUMBER rules checked"),
    (r"(?<=Requests take )[\d.]+ ms(?=, at)", "TIME"),
    (r"(?<=at a round trip of )[\d.]+ (ns|us|ms)", "TIME"),
    (r"(?<=median )\d+ us \([\d.]+ ms\), rtt \d+ us( \([\d.]+ ms\))?", "TIME, rtt TIME"),
    (r"(?<=it takes )(\d+ \w+ ?)+(?=until the)", "TIME "),
    (r"(?<=dead_peer_in_flight )\d+ ms \([^)]*\)", "TIME"),
    (r"^(Distribution) [\d.]+ \w+ - .*", r"\1  CHART"),
)

# A note that a measurement has only where the host had something else to do.
HOST_WAS_BUSY = re.compile(r"^  this process did not run .*?\bis\s+not\s+the\s+server's\n", re.MULTILINE | re.DOTALL)

# From host to host: the rows, and what their value and remark follow from. Where that is as it was on README's host,
# they are compared as well; where it is not, only that the row is there. (A message may not be: another host may have
# nothing to complain about.) A sysctl's own row needs no entry.
BUFFERS = ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.core.rmem_max", "net.core.wmem_max", "loopback MTU", "Linux",
           "net.ipv4.tcp_moderate_rcvbuf", "net.ipv4.tcp_window_scaling", "net.ipv4.tcp_timestamps",
           "net.ipv4.tcp_congestion_control")  # bbr wants a larger send buffer
FOLLOWS = (
    (r"mss|mss offered|window scale, (peer|ours)|(receive|send) window", BUFFERS),
    (r"rcvbuf|sndbuf|buf-lock|options\.SO_RCVBUF\.(value|origin|note)|tcpkit: rcvbuf", BUFFERS),
    (r"connected from", BUFFERS + ("net.ipv4.tcp_pingpong_thresh",)),
    (r"listening on", ("net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog")),
    (r"tcpkit\[PID\]/FD", ("net.core.somaxconn", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl",
                          "net.ipv4.tcp_keepalive_probes")),
    (r"timestamps", ("net.ipv4.tcp_timestamps",)),
    (r"sack", ("net.ipv4.tcp_sack",)),
    (r"ecn", ("net.ipv4.tcp_ecn",)),
    (r"keepidle", ("net.ipv4.tcp_keepalive_time",)),
    (r"keepintvl", ("net.ipv4.tcp_keepalive_intvl",)),
    (r"keepcnt", ("net.ipv4.tcp_keepalive_probes",)),
    (r"quickack", ("net.ipv4.tcp_pingpong_thresh", "Linux")),
    (r"congestion", ("net.ipv4.tcp_congestion_control",)),
    (r"user-timeout", ("net.ipv4.tcp_retries2", "net.ipv4.tcp_rto_max_ms")),
    (r"notsent-lowat", ("net.ipv4.tcp_notsent_lowat",)),
    (r"connect gives up",
     ("net.ipv4.tcp_syn_retries", "net.ipv4.tcp_syn_linear_timeouts", "net.ipv4.tcp_rto_max_ms")),
    (r"dead peer, data sent", ("net.ipv4.tcp_retries2", "net.ipv4.tcp_rto_max_ms")),
    (r"sysctls", ("net.ipv4.tcp_retries2", "net.ipv4.tcp_syn_retries", "net.ipv4.tcp_keepalive_time",
                  "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes")),
)

FINDINGS_FOLLOW = {"net.ipv4.tcp_retries2", "net.ipv4.tcp_rto_max_ms", "net.ipv4.tcp_keepalive_time",
                   "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"}


def text_of(path):
    try:
        return " ".join(pathlib.Path(path).read_text().split())
    except OSError:
        return None


def loopback_mtu():
    siocgifmtu = 0x8921  # linux/sockios.h; /sys may show another network namespace
    with socket.socket() as any_socket:
        answer = fcntl.ioctl(any_socket, siocgifmtu, struct.pack("16si12x", b"lo", 0))
    return struct.unpack("16si12x", answer)[1]


def facts_of_this_host():
    facts = {"Linux": ".".join(os.uname().release.split(".")[:2]), "loopback MTU": loopback_mtu()}
    names = {name for _, names in FOLLOWS for name in names} - set(facts)
    return {**facts, **{name: text_of("/proc/sys/" + name.replace(".", "/")) for name in sorted(names)}}


def label_of(row):
    """A message's first two words count, "tcpkit: rcvbuf", and so do an event's; of a row all that is before its value."""
    return re.match(r"tcpkit: [\w-]+(?=: )|(connected from|listening on)\b|.*?(?=  |$)", row)[0]


def excused(label, differing):
    """Whether the row may have another value here, given the facts in which the two hosts differ."""
    return label in differing or any(re.fullmatch(rows, label) and differing & set(names) for rows, names in FOLLOWS)


def normal(row, differing):
    for what, word in VARIES:
        row = re.sub(what, word, row)
    label = label_of(row)
    if not excused(label, differing):
        return row
    return None if label.startswith("tcpkit: ") else f"{label}  OF THIS HOST"


def flattened(path, value):
    """JSON as rows: "options.SO_RCVBUF.value  131072"."""
    if value and isinstance(value, (dict, list)):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return [row for key, part in parts for row in flattened(f"{path}.{key}".lstrip("."), part)]
    return [f"{path}  {json.dumps(value)}"]


def unfolded(text):
    """Text as rows: a line that is indented further than a label belongs to the one above."""
    return re.sub(r"\n {3,}", " ", text).splitlines()


def is_of_chart(line):
    """A row of a distribution: "  39 us -   47 us  ###   1807   9.2 %"."""
    return re.match(r" {3,}[\d.]+ \w+ - +[\d.]+ \w+  ", line)


def rows_of(output):
    output = HOST_WAS_BUSY.sub("", output)
    before, brace, rest = output.partition("{\n")
    if not brace or before:
        return [re.sub(r" {2,}", "  ", line.strip()) for line in unfolded(output)]
    document, end = json.JSONDecoder().raw_decode(brace + rest)
    return flattened("", document) + unfolded((brace + rest)[end:].strip())


def without_findings(rows):
    """They end an output, and another host has others."""
    return rows[:rows.index("Findings")] if "Findings" in rows else rows


def normal_rows(output, differing):
    rows = rows_of(output)
    if differing & FINDINGS_FOLLOW:
        rows = without_findings(rows)
    rows = [normal(row, differing) for row in rows]
    return [row for row in rows if row is not None]


class Block:
    """A command that README shows, and its output there."""

    PATTERN = re.compile(r"^```\n\$ (.*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)

    def __init__(self, found):
        self.command, self.shown = found.groups()

    def run(self):
        environment = {**os.environ, "PATH": f"{BINARY.parent}:{os.environ['PATH']}", "LC_ALL": "C", "COLUMNS": "80"}
        done = subprocess.run(["/bin/sh", "-c", self.command], env=environment, timeout=PATIENCE_S, text=True,
                              check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout


def blocks():
    return [Block(found) for found in Block.PATTERN.finditer(README.read_text())]


def update():
    """Writes README's outputs anew, and what this host is like."""
    def shown(found):
        block = Block(found)
        return f"```\n$ {block.command}\n{block.run()}```"
    README.write_text(Block.PATTERN.sub(shown, README.read_text()))
    HOST.write_text(json.dumps(facts_of_this_host(), indent=2) + "\n")


class Readme(unittest.TestCase):
    maxDiff = None

    def test_shows_what_tcpkit_prints(self):
        here, there = facts_of_this_host(), json.loads(HOST.read_text())
        self.assertEqual(set(here), set(there), "run readme_test.py --update")
        differing = {name for name in here if here[name] != there[name]}
        for block in blocks():
            with self.subTest(command=block.command):
                self.assertEqual(normal_rows(block.run(), differing), normal_rows(block.shown, differing),
                                 "\nIf it is to be so: tests/golden/readme_test.py --update writes it to README.md")

    def test_every_fenced_block_is_a_run(self):
        self.assertEqual(README.read_text().count("```"), 2 * len(blocks()))
        self.assertGreaterEqual(len(blocks()), 5)


class Comparison(unittest.TestCase):
    """It notices a change in the outputs as README shows them, on README's host and on others."""

    def equal(self, one, other, differing=frozenset()):
        return normal_rows(one, differing) == normal_rows(other, differing)

    def test_a_row_more_less_or_renamed(self):
        everything = frozenset(facts_of_this_host()) - FINDINGS_FOLLOW
        for block in blocks():
            lines = block.shown.splitlines(keepends=True)
            for number in range(len(lines)):
                if not lines[number].strip() or block.shown.startswith("{") or is_of_chart(lines[number]):
                    continue
                for changed in ([], [lines[number]] * 2, [lines[number].replace(lines[number].split()[0], "other")]):
                    with self.subTest(command=block.command, line=lines[number], changed=changed):
                        other = "".join(lines[:number] + changed + lines[number + 1:])
                        no_row = lines[number].startswith(("   ", "tcpkit: "))
                        self.assertFalse(self.equal(block.shown, other, frozenset() if no_row else everything))

    def test_a_key_more_less_or_renamed(self):
        everything = frozenset(facts_of_this_host())
        shown = '{\n  "a": {\n    "value": 1,\n    "reason": null\n  },\n  "b": []\n}\n'
        self.assertTrue(self.equal(shown, shown, everything))
        for other in (shown.replace('"value"', '"number"'), shown.replace('    "value": 1,\n', ""),
                      shown.replace('"b": []', '"b": [],\n  "c": 1'), shown.replace("null", '""')):
            self.assertFalse(self.equal(shown, other, everything))

    def test_what_varies_from_run_to_run(self):
        for one, other in (("  local  127.0.0.1:40000\n", "  local  127.0.0.1:50000\n"),
                           ("  connect  96 us  x\n", "  connect  1.2 ms  x\n"),
                           ('{\n  "rtt_us": 7\n}\n', '{\n  "rtt_us": 31\n}\n'),
                           ("  send window  64 KiB  1.2 Gbit/s\n", "  send window  64 KiB  34.5 Gbit/s\n")):
            self.assertTrue(self.equal(one, other))
        for one, other in (("tcpkit: connect to 127.0.0.1:1: x\n", "tcpkit: connect to 127.0.0.1:2: x\n"),
                           ("  keepidle  7200 s\n", "  keepidle  30 s\n"), ("exit status 4\n", "exit status 5\n"),
                           ("  send window  64 KiB  x\n", "  send window  32 KiB  x\n")):
            self.assertFalse(self.equal(one, other))

    def test_what_follows_from_a_sysctl_differs_only_where_that_does(self):
        one, other = "  keepidle  7200 s (2 h)  sysctl x\n", "  keepidle  30 s  sysctl x\n"
        self.assertTrue(self.equal(one, other, {"net.ipv4.tcp_keepalive_time"}))
        self.assertFalse(self.equal(one, other, {"net.ipv4.tcp_keepalive_intvl"}))

    def test_a_busy_host_is_no_difference(self):
        note = "  this process did not run once, for 22 ms in all, 22 ms at the longest\n" \
               "  (stopped): latency of that time is not\n  the server's\n"
        self.assertTrue(self.equal("Notes\n  one\n" + note, "Notes\n  one\n"))
        self.assertFalse(self.equal("Notes\n  one\n" + note, "Notes\n"))

    def test_a_wrapped_remark_is_one_row(self):
        self.assertTrue(self.equal("  sack  on   so\n            it is\n", "  sack  on  so it is\n"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        sys.exit(update())
    unittest.main()
