"""How a server ends: nobody new, time for those who are there, and a second signal for who cannot wait."""

import errno
import signal
import socket
import time
import unittest

from busy_clients import BusyClients
from serve_case import ServeCase, read_exactly, read_to_end, wait_until
from serve_run import exchange

BUSY_S = 10  # how late a loaded machine may be
CROWD = 1000


class Draining(ServeCase):
    def refuses(self, server):
        with socket.socket() as connection:
            return connection.connect_ex(server.address) == errno.ECONNREFUSED

    def drain(self, server, number=signal.SIGTERM):
        server.signal(number)
        return server.wait_for_event("draining")

    def test_nobody_new_is_let_in_and_who_is_there_may_finish(self):
        for number in signal.SIGTERM, signal.SIGINT:
            server = self.start("--json", "--grace", "1h")
            connection = self.connect(server)
            self.assert_echoes(server)
            server.wait_for_event("closed")
            self.assertEqual(self.drain(server, number)["open"], 1)
            wait_until(lambda: self.refuses(server))
            self.assertEqual(exchange(connection, b"x" * 1_000_000), b"x" * 1_000_000)
            self.assertEqual(server.wait(), 0)
            self.assertEqual(server.wait_for_event("summary")["closed"]["client"], 2)

    def test_several_threads_drain(self):
        server = self.start("--json", "--grace", "1h", "--threads", "4")
        connections = [self.connect(server) for _ in range(20)]
        for connection in connections:
            connection.sendall(b"here")
            self.assertEqual(read_exactly(connection, 4), b"here")
        self.assertEqual(self.drain(server)["open"], 20)
        wait_until(lambda: self.refuses(server))
        for connection in connections:
            self.assertEqual(exchange(connection, b"bye"), b"bye")
        self.assertEqual(server.wait(), 0)
        self.assertEqual(server.wait_for_event("summary")["closed"]["client"], 20)

    def test_who_stays_beyond_the_grace_is_ended_and_counted(self):
        server = self.start("--json", "--grace", "300ms")
        staying = [self.connect(server) for _ in range(5)]
        self.assert_echoes(server)
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)
        self.assertLess(time.monotonic() - begin, BUSY_S)
        for connection in staying:
            self.assertEqual(read_to_end(connection), b"")
        summary = server.wait_for_event("summary")
        self.assertEqual((summary["closed"]["drained"], summary["closed"]["client"]), (5, 1))

    def test_without_grace_nobody_stays(self):
        server = self.start("--json", "--grace", "0")
        self.connect(server)
        self.assert_echoes(server)
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begin, BUSY_S)
        self.assertEqual(server.wait_for_event("summary")["closed"]["drained"], 1)

    def test_a_client_that_takes_nothing_does_not_hold_the_end_up(self):
        server = self.start("--json", "--grace", "300ms")
        connection = self.connect(server)
        connection.setblocking(False)
        with self.assertRaises(BlockingIOError):
            while True:
                connection.send(bytes(1 << 16))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.wait_for_event("summary")["closed"]["drained"], 1)

    def test_a_second_signal_ends_it_at_once(self):
        server = self.start("--json", "--grace", "1h", "--threads", "2")
        self.connect(server)
        self.assert_echoes(server)
        self.drain(server)
        begin = time.monotonic()
        self.assertEqual(server.stop(), 128 + signal.SIGTERM)
        self.assertLess(time.monotonic() - begin, BUSY_S)

    def test_a_signal_ends_a_server_without_clients_at_once(self):
        begin = time.monotonic()
        self.assertEqual(self.start("--grace", "1h").stop(), 0)
        self.assertLess(time.monotonic() - begin, BUSY_S)

    def test_a_signal_ends_a_server_that_is_full(self):
        server = self.start("--json", "--max-connections", "1", "--grace", "200ms")
        self.connect(server)
        self.connect(server)  # waits in the backlog
        server.wait_for_event("paused")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.wait_for_event("summary")["accepted"], 1)


class BusyServer(ServeCase):
    """Ended while a crowd talks to it."""

    def end_while_busy(self, *words):
        server = self.start("--json", "--max-connections", str(CROWD + 10), "--backlog", "2000", *words)
        with BusyClients(server, CROWD) as clients:
            clients.run_until(lambda: len(clients.echoed) == CROWD)
            before = clients.rounds
            server.signal()
            clients.run_until(lambda: not clients.clients)
            self.assertGreater(clients.rounds, before + CROWD)  # they were served to the end
        self.assertEqual(clients.wrong, 0)
        self.assertEqual(server.wait(), 0)
        return server.wait_for_event("summary")

    def test_with_a_thousand_busy_connections_the_grace_is_kept(self):
        summary = self.end_while_busy("--grace", "500ms")
        self.assertEqual((summary["accepted"], summary["peak_connections"]), (CROWD, CROWD))
        self.assertEqual(summary["closed"]["drained"], CROWD)
        self.assertEqual(summary["bytes_received"], summary["bytes_sent"])

    def test_with_a_thousand_busy_connections_and_several_threads_too(self):
        summary = self.end_while_busy("--grace", "500ms", "--threads", "4")
        self.assertEqual(summary["accepted"], CROWD)
        self.assertEqual(summary["closed"]["drained"], CROWD)


if __name__ == "__main__":
    unittest.main()
