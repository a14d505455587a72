"""What measuring costs, counted: system calls of a request.

Counts have no noise, so they are a gate; times are not (tests/bench/send_bench.py)."""

import tempfile
import unittest

from echo_programs import EchoServer, Missing, compiled
from probe_run import needs_strace, not_sanitized
from send_programs import calls_per_request
from tcpkit_run import BINARY


@not_sanitized
class Cost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        try:
            server = compiled("echo_floor.c", cls.folder)
        except Missing as why:
            raise unittest.SkipTest(str(why)) from why
        cls.server = cls.enterClassContext(EchoServer([server]))

    def calls(self, *words):
        """Of a request with 64 bytes."""
        command = [BINARY, "send", f"127.0.0.1:{self.server.port}", *words, "-n"]
        return calls_per_request(lambda requests: [*command, requests], self.folder)

    @needs_strace
    def test_a_lone_request_takes_three_system_calls(self):
        self.assertLessEqual(self.calls("-c", "1"), 3.05)

    @needs_strace
    def test_requests_that_come_together_share_a_wait(self):
        self.assertLessEqual(self.calls("-c", "64"), 2.10)


if __name__ == "__main__":
    unittest.main()
