"""A network that goes away and comes back, between two namespaces of the test's own."""

import unittest

import namespace
from host_run import CLOSED_FOR_GOOD, assert_well, eventually, round_trip, take
from serve_run import Server

DEVICE = "va"


class InterfaceDown(unittest.TestCase):
    def setUp(self):
        self.pair = namespace.Pair()
        self.addCleanup(self.pair.close)
        self.connections = []
        self.addCleanup(self.leave)

    def serve(self, *words):
        with self.pair.here.inside():
            return Server("--json", *words, addresses=(f"{self.pair.HERE}:0",))

    def connect(self, server):
        with self.pair.there.inside():
            connection = server.connect()
        self.connections.append(connection)
        return connection

    def leave(self):
        for connection in self.connections:
            connection.close()

    def assert_well(self, server):
        self.leave()
        assert_well(self, server)

    def take_down(self):
        self.pair.here.ip("link", "set", DEVICE, "down")

    def take_up(self):
        self.pair.here.ip("link", "set", DEVICE, "up")

    def test_a_connection_outlives_it(self):
        with self.serve() as server:
            connection = self.connect(server)
            self.assertEqual(round_trip(connection), b"?")
            self.take_down()
            connection.sendall(b"lost on its way")
            self.assertIsNone(server.process.poll())
            self.take_up()
            self.assertEqual(take(connection, 15), b"lost on its way")
            self.assertEqual(round_trip(self.connect(server)), b"?")
            self.assert_well(server)

    def test_answers_that_were_on_their_way_arrive_later(self):
        data = bytes(range(256)) * 8192
        with self.serve("--mode", "echo") as server:
            connection = self.connect(server)
            sent = self.fill(connection, data)
            self.take_down()
            self.assertIsNone(server.process.poll())
            self.take_up()
            connection.settimeout(60)
            self.assertTrue(take(connection, sent) == data[:sent])
            self.assert_well(server)

    def fill(self, connection, data):
        """As much as goes in without anything being taken out."""
        connection.settimeout(0.2)
        sent = 0
        try:
            while sent < len(data):
                sent += connection.send(data[sent:sent + 65536])
        except TimeoutError:
            pass
        return sent

    def test_a_limit_to_waiting_ends_it_with_an_error_on_both_sides(self):
        with self.serve("-o", "user-timeout=500ms") as server:
            connection = self.connect(server)
            sent = self.fill(connection, bytes(1 << 24))  # the server has answers to send
            self.take_down()
            closed = server.wait_for_event("closed")
            self.assertEqual(closed["reason"], "reset")
            # The last thing the network said, where it said anything (net/ipv4/tcp_timer.c, tcp_write_err).
            self.assertIn(closed["error"], ("Connection timed out", "Network is unreachable"))
            self.take_up()
            with self.assertRaises(CLOSED_FOR_GOOD):
                while take(connection, sent):
                    pass
                self.fail("it looked like the end of everything sent")
            self.assertEqual(round_trip(self.connect(server)), b"?")
            self.assert_well(server)

    def test_an_address_that_is_taken_away_and_given_back(self):
        with self.serve() as server:
            connection = self.connect(server)
            self.pair.here.ip("addr", "del", f"{self.pair.HERE}/24", "dev", DEVICE)
            connection.sendall(b"nobody there")
            self.pair.here.ip("addr", "add", f"{self.pair.HERE}/24", "dev", DEVICE)
            try:
                self.assertEqual(take(connection, 12), b"nobody there")
            except CLOSED_FOR_GOOD:
                pass  # said, so not lost
            self.assertTrue(eventually(lambda: self.is_served(server)))
            self.assert_well(server)

    def is_served(self, server):
        try:
            return round_trip(self.connect(server)) == b"?"
        except OSError:
            return False


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
