"""Limits on descriptors, and ten thousand connections."""

import resource
import unittest

from peer import Peer, echo
from probe_run import not_sanitized
from send_case import SLACK_S, SendCase
from serve_run import Server

CROWD = 10_000
CROWD_S = 30  # patience: it takes about one


def limited(count):
    return ("prlimit", f"--nofile={count}")


class Descriptors(SendCase):
    def test_too_few_for_the_connections_asked_for(self):
        """Told before any is opened: the port is one where nobody listens."""
        for mode in ("rr", "crr", "idle", "stream"):
            with self.subTest(mode):
                words = ("--mode", mode, "-c", "1000", "127.0.0.1:1")
                sending = self.run_send(*words, status=8, within_s=SLACK_S, before=limited(200))
                self.assertEqual(sending.stdout.text(), "")
                line, = sending.stderr.all()
                self.assertRegex(line, r"\Atcpkit: open 1000 connections: .*the hard limit \(ulimit -Hn, .*\) is 200")
                document = self.measure(*words, status=8, within_s=SLACK_S, before=limited(200))
                self.assertEqual(document["error"]["code"], "EMFILE")

    @not_sanitized
    def test_a_limit_that_is_just_enough(self):
        with Peer(echo) as peer:
            document = self.measure("--mode", "rr", "-n", "100", "-c", "20", peer.address, before=limited(40))
        self.assertEqual((document["requests"], document["opened"]), (100, 20))

    def test_a_soft_limit_is_raised(self):
        with Server("--max-connections", "400") as server:
            document = self.measure("--mode", "rr", "-n", "400", "-c", "300", server.addresses[0],
                                    before=("prlimit", "--nofile=64:4096"))
        self.assertEqual((document["requests"], document["opened"]), (400, 300))


@not_sanitized
class Crowd(SendCase):
    """Ten thousand connections at once."""

    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < CROWD + 100:
            raise unittest.SkipTest(f"{CROWD} connections need more descriptors than the hard limit of {hard}")
        cls.server = Server("--max-connections", "20000", "--backlog", "4096", "--threads", "2")
        cls.addClassCleanup(cls.server.close)

    def test_requests_over_all_of_them(self):
        words = ("--mode", "rr", "-n", str(3 * CROWD), "-c", str(CROWD), "--timeout", "20s")
        document = self.measure(*words, self.server.addresses[0], within_s=CROWD_S)
        self.assertEqual((document["requests"], document["errors"]), (3 * CROWD, 0))
        self.assertEqual((document["opened"], document["peak_connections"]), (CROWD, CROWD))
        self.assertEqual(document["bytes_sent"], 3 * CROWD * 64)
        self.assertEqual(document["bytes_received"], 3 * CROWD * 64)

    def test_idle_ones_are_held(self):
        words = ("--mode", "idle", "-d", "300ms", "-c", str(CROWD), "--timeout", "20s")
        document = self.measure(*words, self.server.addresses[0], within_s=CROWD_S)
        self.assertEqual((document["opened"], document["peak_connections"], document["errors"]), (CROWD, CROWD, 0))
        self.assertIsNone(document["latency_us"]["p50"])


if __name__ == "__main__":
    unittest.main()
