"""Requests on a schedule: a stall is charged for every request it delayed, and no scheduled request is forgotten."""

import threading
import time
import unittest

from peer import Peer, echo, requests, silent
from send_case import SLACK_S, SendCase, note_ids
from serve_run import Server

STALL_S = 0.2
PERIOD_S = 1.0
RATE = 200
SECONDS = 3


class StoppingServer:
    """Echoes at once, but stands still for the last 200 ms of every second of its clock, which the first request starts."""

    def __init__(self):
        self._begin = None
        self._lock = threading.Lock()

    def _stall_left_s(self):
        with self._lock:
            if self._begin is None:
                self._begin = time.monotonic()
        phase = (time.monotonic() - self._begin) % PERIOD_S
        return PERIOD_S - phase if phase >= PERIOD_S - STALL_S else 0

    def talk(self, connection, _):
        for request in requests(connection):
            time.sleep(self._stall_left_s())
            connection.sendall(request)


class StalledServer(SendCase):
    def check(self, connections):
        with Peer(StoppingServer().talk) as peer:
            document = self.measure("--rate", str(RATE), "-d", f"{SECONDS}s", "-c", str(connections), peer.address)
        self.assertEqual((document["requests"], document["errors"]), (RATE * SECONDS, 0))
        intended = document["latency_intended_us"]
        # A fifth of all requests was due in a stall, and half of those with 100 ms or more of it to come.
        self.assertGreaterEqual(intended["p99"], 100_000)
        self.assertGreaterEqual(intended["p90"], 80_000)
        self.assertGreaterEqual(intended["max"], 180_000)
        return document

    def test_one_connection_waits_out_the_stall_and_still_all_requests_pay_for_it(self):
        document = self.check(1)
        # Three of 600 requests met a stall while they were under way: in the time from the send they are all there is.
        self.assertLess(document["latency_us"]["p90"], document["latency_intended_us"]["p90"] / 2)
        self.assertGreaterEqual(document["late"], SECONDS * 20)
        self.assertIn("late", note_ids(document))

    def test_ten_connections_are_all_caught_by_it(self):
        document = self.check(10)
        self.assertGreaterEqual(document["late"], SECONDS * 10)


class SlowServer(SendCase):
    """20 replies a second at most, on each connection."""

    @staticmethod
    def talk(connection, _):
        for request in requests(connection):
            time.sleep(0.05)
            connection.sendall(request)

    def check_all_counted(self, connections):
        with Peer(self.talk) as peer:
            sending = ["--rate", "1000", "-d", "500ms", "--timeout", "500ms", "-c", str(connections), peer.address]
            document = self.measure(*sending, status=1, within_s=1 + SLACK_S)
        self.assertEqual(document["requests"] + document["errors"], 500)
        self.check_failures(document, unfinished=document["errors"])
        self.assertGreater(document["requests"], 0)
        self.assertLessEqual(document["requests"], 20 * connections + connections)  # in duration and timeout
        self.assertGreaterEqual(document["late"], document["requests"] - connections - 1)
        self.assertLessEqual(document["duration_us"], 1_300_000)
        # The last one that was sent had been due long before.
        self.assertGreaterEqual(document["latency_intended_us"]["max"], 400_000)
        self.assertIn("late", note_ids(document))

    def test_one_connection(self):
        self.check_all_counted(1)

    def test_ten_connections(self):
        self.check_all_counted(10)

    def test_a_server_that_never_answers(self):
        """The one request under way times out; those that were due and never sent are no less failed."""
        with Peer(silent) as peer:
            document = self.measure("--rate", "100", "-d", "500ms", "--timeout", "200ms", "-c", "2", peer.address,
                                    status=1, within_s=1 + SLACK_S)
        self.assertEqual((document["requests"], document["errors"]), (0, 50))
        self.check_failures(document, timeout=2, unfinished=48)


class SteadyServer(SendCase):
    def check(self, connections, *words):
        with Server() as server:
            document = self.measure("--rate", str(RATE), "-d", "500ms", "-c", str(connections), *words,
                                    server.addresses[0])
        self.assertEqual((document["requests"], document["errors"]), (RATE // 2, 0))
        self.assertGreaterEqual(document["duration_us"], 490_000)  # the last one is due then
        return document

    def test_all_that_is_scheduled_is_sent_over_one_connection(self):
        self.assertEqual(self.check(1)["opened"], 1)

    def test_and_over_ten(self):
        self.assertEqual(self.check(10)["opened"], 10)

    def test_and_over_new_ones(self):
        self.assertGreaterEqual(self.check(2, "--mode", "crr")["opened"], RATE // 2)

    def test_and_in_two_writes(self):
        with Server("--reply-every", "64") as server:
            document = self.measure("--mode", "wwr", "-o", "nodelay", "--rate", "100", "-n", "30", server.addresses[0])
        self.assertEqual((document["requests"], document["errors"]), (30, 0))

    def test_the_count_of_requests_ends_a_schedule_early(self):
        with Peer(echo) as peer:
            document = self.measure("--rate", "1000", "-d", "30s", "-n", "100", peer.address, within_s=SLACK_S)
        self.assertEqual((document["requests"], document["errors"]), (100, 0))

    def test_without_a_duration_the_count_is_the_schedule(self):
        with Peer(echo) as peer:
            document = self.measure("--rate", "1000", "-n", "300", peer.address, within_s=SLACK_S)
        self.assertEqual((document["requests"], document["errors"]), (300, 0))
        self.assertGreaterEqual(document["duration_us"], 299_000)


if __name__ == "__main__":
    unittest.main()
