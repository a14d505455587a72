"""A time of day that jumps by years: what is measured in seconds stays what it was."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from host_run import Clients, assert_well, round_trip, told
from probe_run import not_sanitized, timed
from serve_run import Server, serve
from tcpkit_run import validated

SOURCE = pathlib.Path(__file__).with_name("realtime_jumps.c")
COMPILER = shutil.which("cc")
SLACK_S = 2  # for a busy machine


@not_sanitized  # their run time wants to be the first library
@unittest.skipUnless(COMPILER, "needs a C compiler")
class JumpingClock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        library = f"{folder.name}/realtime_jumps.so"
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True, timeout=60)
        os.chmod(folder.name, 0o755)
        cls.env = {"LD_PRELOAD": library}

    def test_the_clock_does_jump(self):
        looks = "import time; print(time.time()); print(time.time())"
        done = subprocess.run(["/usr/bin/env", "python3", "-c", looks], env={**os.environ, **self.env}, check=True,
                              capture_output=True, text=True, timeout=60)
        first, second = map(float, done.stdout.split())
        self.assertGreater(abs(first - second), 19 * 365 * 86400)

    def test_nobody_is_cut(self):
        with Server("--json", "--idle-timeout", "10s", env=self.env) as server, Clients(server) as clients:
            until = time.monotonic() + 2
            for connection in clients.connect(20):
                self.assertEqual(round_trip(connection), b"?")
            while time.monotonic() < until:
                self.assertEqual(round_trip(clients.all[0]), b"?")
            self.assertEqual(told(server, "closed"), [])
            for connection in clients.all:
                self.assertEqual(round_trip(connection), b"?")
            assert_well(self, server, clients)

    def test_an_idle_timeout_takes_its_time(self):
        with Server("--json", "--idle-timeout", "2s", env=self.env) as server, Clients(server) as clients:
            clients.connect()
            closed = server.wait_for_event("closed")
            self.assertEqual(closed["reason"], "idle")
            self.assertGreaterEqual(closed["duration_us"], 1_990_000)
            self.assertLess(closed["duration_us"], (2 * 9 / 8 + SLACK_S) * 1_000_000)
            assert_well(self, server, clients)

    def test_a_server_that_ends_by_itself_takes_its_time(self):
        with timed() as block:
            result = serve("--json", "--for", "2s", "127.0.0.1:0", env=self.env)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreaterEqual(block.seconds, 1.99)
        self.assertLess(block.seconds, 2 + SLACK_S)
        summary = validated(result.stdout.splitlines()[-1])
        self.assertEqual(summary["event"], "summary")
        self.assertLess(summary["duration_us"], (2 + SLACK_S) * 1_000_000)


if __name__ == "__main__":
    unittest.main()
