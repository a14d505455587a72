#!/usr/bin/env python3
"""What the static executable does before it connects, beside a C program that does nothing else. Counts have no noise;
times are for tests/bench/startup.py."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from echo_programs import Missing, compiled
from namespace import Namespace, skip_unless_possible
from skip import skip

MORE_SYSTEM_CALLS = 20  # 12 are made: three descriptors are looked at, a terminal asked for, memory taken
MORE_PAGE_FAULTS = 60  # 35 are taken by --version


class StartUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.floor = compiled("connect_floor.c", folder.name, libraries=["-static"])
        cls.trace = pathlib.Path(folder.name) / "trace"

    def calls_until_connected(self, *command):
        """To a port where nobody listens: that a connection was asked for is what counts."""
        with Namespace() as namespace:
            namespace.run(["strace", "-o", self.trace, *command])
        lines = self.trace.read_text().splitlines()
        return next(number for number, line in enumerate(lines) if line.startswith("connect("))

    def test_it_makes_few_system_calls_before_it_connects(self):
        ours = self.calls_until_connected(os.environ["TCPKIT_BINARY"], "probe", "127.0.0.1:9")
        floor = self.calls_until_connected(self.floor, "9")
        self.assertLessEqual(ours - floor, MORE_SYSTEM_CALLS)

    def page_faults(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        return usage.ru_minflt

    def test_it_touches_little_memory_to_start(self):
        ours = self.page_faults(os.environ["TCPKIT_BINARY"], "--version")
        self.assertLessEqual(ours - self.page_faults(self.floor, "9"), MORE_PAGE_FAULTS)


if __name__ == "__main__":
    skip_unless_possible()
    if not shutil.which("strace"):
        skip("there is no strace")
    try:
        unittest.main()
    except Missing as missing:
        skip(str(missing))
