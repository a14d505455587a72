"""A server that has used up its descriptors waits for one without doing anything, and goes on by itself."""

import time
import unittest

from host_run import Clients, assert_well, cpu_share, eventually, limit_descriptors, open_descriptors, round_trip
from host_run import serve_limited, take, told
from probe_run import not_sanitized
from serve_run import Server

WAITING = 5  # few enough to be served at once when all others have left


def told_per_second(events, seconds):
    """Whether that many lines are within one a second, the first at once."""
    return len(events) <= seconds + 1


@not_sanitized
class FewDescriptors(unittest.TestCase):
    """Limits that are there from the start: the server takes fewer connections and keeps a reserve."""

    def check(self, limit):
        with serve_limited(limit, "--json") as server, Clients(server) as clients:
            silent = clients.connect(limit)  # some of them wait in the backlog
            server.wait_for_event("paused")
            self.assertLess(cpu_share(server.pid, 2), 0.05)
            self.assertLessEqual(len(told(server, "paused")), 2)
            self.assertLessEqual(len(open_descriptors(server.pid)), limit)
            for connection in silent:
                connection.sendall(b"late")
            clients.leave(limit - WAITING)
            for connection in clients.all:
                self.assertEqual(take(connection, 4), b"late")
            server.wait_for_event("resumed")
            assert_well(self, server, clients)

    def test_24_are_enough_for_some_and_the_others_wait_their_turn(self):
        self.check(24)

    def test_64_are_enough_for_more(self):
        self.check(64)

    def test_coming_and_going_at_the_limit_is_told_once_a_second(self):
        with serve_limited(24, "--json") as server, Clients(server) as clients:
            clients.connect(24)
            server.wait_for_event("paused")
            begin = time.monotonic()
            for _ in range(300):  # the first one leaves, and one that waited comes in
                clients.connect()
                clients.leave(1)
            clients.leave(len(clients.all) - 1)
            self.assertEqual(round_trip(clients.all[0]), b"?")
            self.assertTrue(told_per_second(told(server, "paused"), time.monotonic() - begin + 1))
            assert_well(self, server, clients)


@not_sanitized
class NoDescriptorLeft(unittest.TestCase):
    """The limit falls under the server's feet: accept(2) fails with EMFILE, and the connection stays where it is."""

    def test_it_pauses_without_work_and_goes_on_when_the_limit_rises(self):
        with Server("--json") as server, Clients(server) as clients:
            self.assertEqual(round_trip(*clients.connect()), b"?")
            before = limit_descriptors(server.pid, max(open_descriptors(server.pid)) + 1)
            late = clients.connect(5)
            paused = server.wait_for_event("paused")
            self.assertIn("Too many open files", str(paused))
            begin = time.monotonic()
            self.assertLess(cpu_share(server.pid, 3), 0.05)
            self.assertTrue(told_per_second(told(server, "paused"), time.monotonic() - begin + 1))
            self.assertEqual(round_trip(clients.all[0], b"on it goes"), b"on it goes")
            limit_descriptors(server.pid, before)
            for connection in late:
                self.assertEqual(round_trip(connection), b"?")
            server.wait_for_event("resumed")
            assert_well(self, server, clients)

    def test_it_goes_on_when_clients_leave(self):
        with Server("--json") as server, Clients(server) as clients:
            for connection in clients.connect(5):
                self.assertEqual(round_trip(connection), b"?")
            limit_descriptors(server.pid, max(open_descriptors(server.pid)) + 1)
            late = clients.connect(5)
            server.wait_for_event("paused")
            clients.leave(5)
            for connection in late:
                self.assertEqual(round_trip(connection), b"?")
            assert_well(self, server, clients)

    def test_it_ends_as_asked_meanwhile(self):
        with Server("--json") as server, Clients(server) as clients:
            for connection in clients.connect(2):
                self.assertEqual(round_trip(connection), b"?")
            limit_descriptors(server.pid, max(open_descriptors(server.pid)) + 1)
            clients.connect(2)
            server.wait_for_event("paused")
            clients.leave(2)
            self.assertTrue(eventually(lambda: len(told(server, "closed")) == 2))
            assert_well(self, server, clients)


if __name__ == "__main__":
    unittest.main()
