"""What serving costs, counted: system calls of a request, memory of a connection, stalls.

Counts have no noise, so they are a gate; times are not (tests/bench/serve_bench.py)."""

import tempfile
import unittest

from echo_programs import EchoServer, Missing, allow_descriptors, calls_per_request, compiled, idle_bytes, load
from probe_run import needs_strace, not_sanitized
from tcpkit_run import BINARY

SERVE = [BINARY, "serve", "127.0.0.1:0", "--max-connections", "12000", "-q"]
IDLE_CONNECTIONS = 10000
# A request that comes in pieces is answered in pieces, and only a second short one is held back by Nagle's algorithm.
IN_PIECES = ("-o", "rcvbuf=20000")


@not_sanitized
class Cost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        try:
            cls.client = compiled("echo_load.c", cls.folder)
        except Missing as why:
            raise unittest.SkipTest(str(why)) from why

    @needs_strace
    def test_a_lone_request_takes_three_system_calls(self):
        self.assertLessEqual(calls_per_request(SERVE, self.client, 1, self.folder), 3.05)

    @needs_strace
    def test_requests_that_come_together_share_a_wait(self):
        self.assertLessEqual(calls_per_request(SERVE, self.client, 64, self.folder), 2.10)

    def test_an_idle_connection_keeps_no_buffer(self):
        try:
            allow_descriptors(IDLE_CONNECTIONS + 100)
        except Missing as why:
            self.skipTest(str(why))
        self.assertLessEqual(idle_bytes(SERVE, self.client, IDLE_CONNECTIONS), 1500)

    def stalled_share(self, *words):
        """Of 64 KiB echoes, one after the other, those that waited for a delayed ACK (40 ms)."""
        with EchoServer([*SERVE, *words]) as server:
            result = load(self.client, server, 1, 65536, 2)
        self.assertGreater(result["requests"], 20)
        return result["stalls"] / result["requests"]

    def test_long_answers_wait_for_no_delayed_ack(self):
        for words in ((), IN_PIECES):
            with self.subTest(words=words):
                self.assertLessEqual(self.stalled_share(*words), 0.01)

    def test_what_nagle_would_do_is_seen(self):
        self.assertGreater(self.stalled_share(*IN_PIECES, "-o", "nodelay=off"), 0.5)


if __name__ == "__main__":
    unittest.main()
