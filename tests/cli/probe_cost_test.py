"""What a probe asks of the kernel, counted: a diagnosis must not read a host's every knob to show a few.

Counts have no noise, so they are a gate; times are not (tests/bench)."""

import collections
import re
import subprocess
import tempfile
import unittest

from probe_run import needs_strace, not_sanitized
from tcpkit_run import BINARY, PATIENCE_S

SYSCTL = re.compile(r'openat\(.*"/proc/sys/(.*)", ')


def calls_of(*words):
    """(system calls by name, sysctls opened) of one run."""
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-f", "-o", trace.name, BINARY, "probe", *words], timeout=PATIENCE_S, check=True,
                       stdout=subprocess.DEVNULL)
        lines = trace.read().splitlines()
    names = collections.Counter(name for line in lines for name in re.findall(r"^\d+ +(\w+)\(", line))
    return names, collections.Counter(name for line in lines for name in SYSCTL.findall(line))


@needs_strace
@not_sanitized
class Cost(unittest.TestCase):
    def test_text_reads_few_sysctls(self):
        _, sysctls = calls_of()
        self.assertGreaterEqual(len(sysctls), 5)
        self.assertLessEqual(len(sysctls), 32)

    def test_a_plain_probe_asks_each_option_once(self):
        calls, _ = calls_of()
        self.assertLessEqual(calls["getsockopt"], 140)
        self.assertLessEqual(calls["setsockopt"], 8)

    def test_no_sysctl_is_read_twice(self):
        for words in ((), ("--json",), ("-o", "rcvbuf=16M", "--all")):
            with self.subTest(words=words):
                _, sysctls = calls_of(*words)
                self.assertEqual({name for name, count in sysctls.items() if count > 1}, set())

    def test_json_reads_them_all(self):
        _, sysctls = calls_of("--json")
        self.assertGreater(len(sysctls), 150)


if __name__ == "__main__":
    unittest.main()
