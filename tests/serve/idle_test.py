"""Who is cut for silence and who is not: no byte moved either way for so long."""

import select
import socket
import time
import unittest

from serve_case import ServeCase, Stopped, read_exactly, read_to_end

BUSY_S = 3  # how late a loaded machine may be
CROWD = 600  # more than a loop takes events of at once


def push(connection):
    """Sends without ever reading, until nothing more is taken."""
    connection.setblocking(False)
    while select.select([], [connection], [], 0.1)[1]:
        connection.send(bytes(1 << 16))


class Idle(ServeCase):
    """A server whose patience is half a second."""

    TIMEOUT_S = 0.5

    def setUp(self):
        self.server = self.start("--json", "--idle-timeout", "500ms", "-o", "sndbuf=16K")

    def connect_small(self):
        """A connection of which the client's kernel keeps little, so that its reads are seen by the server's soon."""
        connection = socket.socket()
        self.addCleanup(connection.close)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        connection.settimeout(60)
        connection.connect(self.server.address)
        return connection

    def closed(self, connection):
        """How the server saw the end of it."""
        host, port = connection.getsockname()
        return self.server.wait_for_event("closed", lambda event: event["peer"] == f"{host}:{port}")

    def assert_cut_after(self, event, least_s, most_s=None):
        self.assertEqual(event["reason"], "idle")
        self.assertGreaterEqual(event["duration_us"], least_s * 1e6)
        self.assertLessEqual(event["duration_us"], (most_s or least_s) * 1e6 + BUSY_S * 1e6)

    def test_a_silent_client_is_cut_and_told_so_by_an_end(self):
        connection = self.connect(self.server)
        self.assertEqual(read_to_end(connection), b"")
        self.assert_cut_after(self.closed(connection), self.TIMEOUT_S)

    def test_a_client_that_trickles_is_kept(self):
        connection = self.connect(self.server)
        until = time.monotonic() + 3 * self.TIMEOUT_S
        while time.monotonic() < until:
            connection.sendall(b".")
            self.assertEqual(connection.recv(1), b".")
            time.sleep(self.TIMEOUT_S / 5)
        self.assertEqual(read_to_end(connection), b"")
        self.assert_cut_after(self.closed(connection), 3 * self.TIMEOUT_S)

    def test_a_client_that_never_reads_is_cut_that_long_after_its_last_byte_of_progress(self):
        connection = self.connect_small()
        push(connection)
        event = self.closed(connection)
        self.assert_cut_after(event, self.TIMEOUT_S)
        self.assertLess(event["bytes_sent"], event["bytes_received"])
        connection.settimeout(60)
        self.assert_reset(connection)

    def test_a_client_that_reads_slowly_is_kept(self):
        timeout_s = 2  # a busy machine may let this client wait as well
        self.server = self.start("--json", "--idle-timeout", f"{timeout_s}s", "-o", "sndbuf=16K")
        connection = self.connect_small()
        push(connection)
        connection.settimeout(60)
        until = time.monotonic() + 2 * timeout_s
        taken = 0
        while time.monotonic() < until:
            taken += len(connection.recv(2000))
            time.sleep(0.02)
        self.assertEqual([event for event in self.server.events("closed") if event["reason"] == "idle"], [])
        connection.shutdown(socket.SHUT_WR)
        taken += len(read_to_end(connection))
        event = self.closed(connection)
        self.assertEqual((event["reason"], event["bytes_sent"]), ("client", taken))

    def test_a_source_that_nobody_reads_is_cut(self):
        server = self.server = self.start("--json", "--idle-timeout", "500ms", "--mode", "source", "-o", "sndbuf=16K")
        connection = self.connect_small()
        self.assert_cut_after(self.closed(connection), self.TIMEOUT_S)
        self.assertEqual(server.events("closed")[0]["bytes_received"], 0)

    def test_without_a_timeout_silence_has_no_end(self):
        patient = self.start("--json", "--idle-timeout", "0")
        kept = self.connect(patient)
        for _ in range(2):
            self.assertEqual(read_to_end(self.connect(self.server)), b"")
        self.assertEqual(patient.events("closed"), [])
        kept.sendall(b"still here")
        self.assertEqual(read_exactly(kept, 10), b"still here")


class StoppedServer(ServeCase):
    def test_a_client_that_spoke_while_the_server_stood_still_is_answered(self):
        self.stop_while_they_speak(1, patience_s=1)

    def test_a_crowd_that_spoke_while_the_server_stood_still_is_answered(self):
        self.stop_while_they_speak(CROWD, patience_s=5)  # it takes a slow server seconds to greet them

    def test_a_client_that_speaks_in_time_is_answered_though_the_server_stands_still_for_a_moment(self):
        server = self.start("--idle-timeout", "2s")
        connections = [self.connect(server) for _ in range(5)]
        begin = time.monotonic()
        for connection in connections:
            connection.sendall(b"a")
            self.assertEqual(connection.recv(1), b"a")
        time.sleep(1.8)
        with Stopped(server):
            for connection in connections:
                connection.sendall(b"b")
            if time.monotonic() > begin + 1.95:
                self.skipTest("this machine is too busy to speak in time")
            time.sleep(begin + 2.05 - time.monotonic())
        for connection in connections:
            self.assertEqual(connection.recv(1), b"b")

    def stop_while_they_speak(self, count, patience_s):
        server = self.start("--json", "--idle-timeout", f"{patience_s}s", "--backlog", "1000")
        connections = [self.connect(server) for _ in range(count)]
        for connection in connections:
            connection.sendall(b"a")
            self.assertEqual(connection.recv(1), b"a")
        with Stopped(server):
            for connection in connections:
                connection.sendall(b"b")
            time.sleep(patience_s + 0.3)
        for connection in connections:
            self.assertEqual(connection.recv(1), b"b")


if __name__ == "__main__":
    unittest.main()
