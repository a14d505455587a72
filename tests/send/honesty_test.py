"""Percentiles against servers of which it is known how long they take; stalls that there are, and those that cannot be
seen."""

import itertools
import random
import socket
import threading
import time
import unittest

from peer import Peer, requests
from send_case import SendCase, finding, note_ids, note_text, shows_stall
from serve_run import Server

BUCKET = 1.01  # less than 1 % of error is promised
US = 1_000_000
REQUESTS = 1000
CONNECTIONS = 4
PERCENTILES = (50, 89, 90, 90.5, 95, 98.5, 99, 99.5, 99.9, 100)


def delays_s():
    """90 % of 2 ms, 9 % of 20 ms, 1 % of 100 ms. The first of each connection are among the slow ones: of them the server
    does not know when they were sent."""
    rest = [0.100] * (10 - CONNECTIONS) + [0.020] * 90 + [0.002] * 900
    random.Random(4).shuffle(rest)
    return [0.100] * CONNECTIONS + rest


class Delayer:
    """Echoes after the delays, and knows for each request what it cannot have been faster and slower than: no reply comes
    before the server sends it, no request begins before the reply to the one before it was sent, and none follows before
    the reply has come. That holds on the busiest of hosts."""

    def __init__(self):
        self._delays = iter(delays_s())
        self._lock = threading.Lock()
        self.begin = time.monotonic()
        self.least_s = []
        self.most_s = []

    def talk(self, connection, _):
        before = self.begin
        pending = []  # of the request whose follower has not come yet
        for request in itertools.chain(requests(connection), [None]):
            came = time.monotonic()
            if pending:
                self._know(*pending, came)
            if request is None:
                return
            with self._lock:
                delay_s = next(self._delays)
            time.sleep(delay_s)
            sends = time.monotonic()
            connection.sendall(request)
            pending = [came, sends, before]
            before = sends

    def _know(self, came, sent, before, next_came):
        with self._lock:
            self.least_s.append(sent - came)
            self.most_s.append(next_came - before)


def nearest_rank(values, percent):
    """Of percentages with a tenth at most; whole numbers, because rounding must not decide."""
    rank = -(-len(values) * round(percent * 10) // 1000)
    return sorted(values)[rank - 1]


def key(percent):
    return "p" + f"{percent:g}".replace(".", "_")


class KnownDelays(SendCase):
    def check(self, *words):
        server = Delayer()
        with Peer(server.talk) as peer:
            document = self.measure("-n", str(REQUESTS), "-c", str(CONNECTIONS), "--percentiles",
                                    ",".join(f"{percent:g}" for percent in PERCENTILES), *words, peer.address)
        self.assertEqual((document["requests"], document["errors"]), (REQUESTS, 0))
        self.assertEqual(len(server.least_s), REQUESTS)
        return server, document["latency_us"]

    def assert_between(self, us, least_s, most_s, name):
        self.assertGreaterEqual(us + 1, least_s * US, name)
        self.assertLessEqual(us, most_s * US * BUCKET + 1, name)

    def test_every_percentile_is_what_the_server_did(self):
        server, latency = self.check()
        for percent in PERCENTILES:
            bounds = nearest_rank(server.least_s, percent), nearest_rank(server.most_s, percent)
            name = "max" if percent == 100 else key(percent)
            self.assert_between(latency[name], *bounds, name)
        self.assert_between(latency["min"], min(server.least_s), min(server.most_s), "min")
        mean = sum(server.least_s) / REQUESTS, sum(server.most_s) / REQUESTS
        self.assert_between(latency["mean"], *mean, "mean")

    def test_each_mode_has_its_share(self):
        """Within half a percent, on a host that is not too busy to keep the modes apart."""
        server, latency = self.check()
        for percent, mode_s in ((50, 0.002), (89, 0.002), (90.5, 0.020), (98.5, 0.020), (99.5, 0.100), (99.9, 0.100)):
            self.assertGreaterEqual(latency[key(percent)], mode_s * US - 1, key(percent))
            if nearest_rank(server.most_s, percent) < 5 * mode_s:
                self.assertLess(latency[key(percent)], 5 * mode_s * US, key(percent))

    def test_the_schedule_adds_nothing_where_the_server_keeps_up(self):
        with Server() as server:
            document = self.measure("-n", "100", "--rate", "500", server.addresses[0])
        for name, value in document["latency_us"].items():
            self.assertGreaterEqual(document["latency_intended_us"][name], value, name)


class Stall(SendCase):
    """Nagle's algorithm against delayed acknowledgments, tcp(7): the kernel's own, not a sleep of the server."""

    def measure_writes(self, server_words, *words):
        with Server(*server_words) as server:
            return self.measure("--mode", "wwr", "-n", "20", *words, server.addresses[0])

    def test_a_peer_that_waits_for_whole_requests_shows_it(self):
        document = self.measure_writes(("--reply-every", "64", "-o", "quickack=off"))
        self.assertIn("-o nodelay", finding(document, "F08")["remedy"])
        self.assertNotIn("delayed-ack", note_ids(document))  # it is told once
        self.assertGreaterEqual(document["latency_us"]["p50"], 35_000)  # net/ipv4: TCP_DELACK_MIN is 40 ms in jiffies

    def test_nodelay_ends_it(self):
        document = self.measure_writes(("--reply-every", "64", "-o", "quickack=off"), "-o", "nodelay")
        self.assertFalse(shows_stall(document))
        self.assertNotIn("no-stall", note_ids(document))
        self.assertLess(document["latency_us"]["p50"], 30_000)

    def test_a_peer_that_acknowledges_at_once_shows_none(self):
        document = self.measure_writes(("--reply-every", "64", "-o", "quickack=always"))
        self.assertFalse(shows_stall(document))

    def test_a_plain_echo_cannot_show_it(self):
        document = self.measure_writes(())
        self.assertFalse(shows_stall(document))
        self.assertIn("--reply-every 64", note_text(document, "no-stall"))

    def test_it_is_said_in_text(self):
        with Server("--reply-every", "64", "-o", "quickack=off") as server:
            sending = self.run_send("--mode", "wwr", "-n", "10", server.addresses[0])
        self.assertIn("the mark of a delayed ACK", sending.stdout.text())

    def test_requests_in_one_write_do_not_stall(self):
        with Server("--reply-every", "64", "-o", "quickack=off") as server:
            document = self.measure("--mode", "rr", "-n", "20", server.addresses[0])
        self.assertFalse(shows_stall(document))


def slow_reader(connection, _):
    """Takes less than any host could send: what waits for it closes its window."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    while connection.recv(8192):
        time.sleep(0.005)


class Limiter(SendCase):
    def test_a_slow_reader_is_told_from_a_slow_path(self):
        with Peer(slow_reader) as peer:
            document = self.measure("--mode", "stream", "-d", "500ms", peer.address)
        path = document["path"]
        self.assertEqual(path["limiter"], "peer window", path)
        self.assertGreater(path["rwnd_limited_us"], path["busy_us"] / 2)
        self.assertLess(document["bytes_sent"], 3_000_000)  # what was taken, with a window of it; not what was written

    def test_a_send_buffer_of_a_segment(self):
        """The kernel's own clock does not tell it: the buffer is full only after that segment has left."""
        with Server("--mode", "discard") as server:
            document = self.measure("--mode", "stream", "-d", "500ms", "-o", "sndbuf=8K", server.addresses[0])
        self.assertEqual(document["path"]["limiter"], "send buffer", document["path"])

    def test_who_waits_for_replies_is_held_back_by_itself(self):
        with Server() as server:
            document = self.measure("--mode", "rr", "-d", "200ms", server.addresses[0])
        self.assertEqual(document["path"]["limiter"], "application")


class Processor(SendCase):
    def test_one_thread_takes_no_more_than_one_processor(self):
        """However short the run, and where there is always more to send."""
        with Server() as server:
            for _ in range(10):
                self.measure("--mode", "rr", "-n", "20", server.addresses[0])
            document = self.measure("--mode", "stream", "-d", "300ms", server.addresses[0])
        self.assertGreater(document["client"]["cpu_user_us"] + document["client"]["cpu_system_us"], 0)


if __name__ == "__main__":
    unittest.main()
