"""What bounds a server: connections at once, lifetimes, bytes, how many connections, how long."""

import select
import threading
import time
import unittest

from serve_case import LONG, ServeCase, read_exactly
from serve_run import exchange, serve

BUSY_S = 3  # how late a loaded machine may be


class Connections(ServeCase):
    def test_who_comes_at_the_limit_waits_and_is_served_when_another_has_gone(self):
        server = self.start("--json", "--max-connections", "2")
        first, second = (self.connect(server) for _ in range(2))
        third = self.connect(server)
        third.sendall(b"waiting")
        self.assertEqual(server.wait_for_event("paused")["reason"], "max-connections")
        second.sendall(b"still served")
        self.assertEqual(read_exactly(second, 12), b"still served")
        self.assertEqual(select.select([third], [], [], 0.1)[0], [])
        self.assertEqual(server.events("resumed"), [])
        first.close()
        server.wait_for_event("resumed")
        self.assertEqual(read_exactly(third, 7), b"waiting")

    def test_a_crowd_beyond_the_limit_is_served_in_turns(self):
        server = self.start("--json", "--max-connections", "4")
        crowd = [self.connect(server) for _ in range(40)]
        server.wait_for_event("paused")
        for connection in crowd:
            connection.sendall(b"in turn")
        for connection in crowd:
            self.assertEqual(read_exactly(connection, 7), b"in turn")
            connection.close()
        server.stop()
        summary = server.wait_for_event("summary")
        self.assertEqual((summary["accepted"], summary["peak_connections"]), (40, 4))
        self.assertGreater(summary["pauses"], 0)

    def test_several_threads_share_the_limit(self):
        server = self.start("--json", "--max-connections", "4", "--threads", "3")
        echoed = []
        clients = [threading.Thread(target=self.come_and_go, args=[server, echoed]) for _ in range(40)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertEqual(sorted(echoed), [True] * 40)
        server.stop()
        self.assertLessEqual(server.wait_for_event("summary")["peak_connections"], 4)

    def come_and_go(self, server, echoed):
        data = b"in turn" * 100
        with server.connect() as connection:
            echoed.append(exchange(connection, data) == data)


class Lifetime(ServeCase):
    def test_a_busy_connection_ends_too(self):
        server = self.start("--json", "--max-lifetime", "400ms")
        connection = self.connect(server)
        with self.assertRaises((OSError, EOFError)):
            while True:
                connection.sendall(b"busy")
                if not read_exactly(connection, 4):
                    raise EOFError
        event = server.wait_for_event("closed")
        self.assertEqual(event["reason"], "lifetime")
        self.assertGreaterEqual(event["duration_us"], 400_000)
        self.assertLessEqual(event["duration_us"], 400_000 + BUSY_S * 1e6)


class Bytes(ServeCase):
    def test_so_many_bytes_come_back_and_then_the_end(self):
        server = self.start("--json", "--max-bytes", "1000")
        with server.connect() as connection:
            self.assertEqual(exchange(connection, b"x" * 1000, end=False), b"x" * 1000)
        self.assert_one_end(server, "served", bytes_received=1000, bytes_sent=1000)

    def test_a_client_that_sends_more_gets_no_more(self):
        server = self.start("--json", "--max-bytes", "1000")
        connection = self.connect(server)
        connection.sendall(b"x" * 5000)
        self.assertEqual(read_exactly(connection, 1000), b"x" * 1000)
        self.assert_reset(connection)
        self.assert_one_end(server, "served", bytes_received=1000, bytes_sent=1000)

    def test_a_client_that_goes_on_sending_is_stopped(self):
        server = self.start("--json", "--max-bytes", "1000", "--mode", "discard")
        connection = self.connect(server)
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            while True:
                connection.sendall(bytes(1 << 16))
        self.assert_one_end(server, "served", bytes_sent=0)

    def test_it_holds_for_each_connection(self):
        server = self.start("--max-bytes", "10")
        for _ in range(20):
            with server.connect() as connection:
                self.assertEqual(exchange(connection, b"0123456789", end=False), b"0123456789")


class EndsByItself(ServeCase):
    def test_after_so_many_connections(self):
        server = self.start("--json", "--accept", "3")
        for _ in range(2):
            self.assert_echoes(server)
        with server.connect() as last:
            last.sendall(b"last")
            self.assertEqual(read_exactly(last, 4), b"last")
            self.assertIsNone(server.process.poll())
        self.assertEqual(server.wait(), 0)
        summary = server.wait_for_event("summary")
        self.assertEqual((summary["accepted"], summary["closed"]["client"]), (3, 3))

    def test_with_several_threads_exactly_as_many_are_served(self):
        for _ in range(1000 if LONG else 60):
            with self.start("--json", "--accept", "3", "--threads", "4") as server:
                self.come_at_once(server, 3)
                self.assertEqual(server.wait(), 0)
                self.assertEqual(server.wait_for_event("summary")["closed"]["client"], 3)

    def come_at_once(self, server, count):
        echoed = []
        clients = [threading.Thread(target=lambda: self.echo(server, echoed)) for _ in range(count)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertEqual(echoed, [b"hello"] * count)

    def echo(self, server, echoed):
        try:
            with server.connect() as connection:
                echoed.append(exchange(connection, b"hello"))
        except OSError as error:
            echoed.append(error)

    def test_after_so_long(self):
        begin = time.monotonic()
        done = serve("--for", "300ms", "127.0.0.1:0")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)
        self.assertLess(time.monotonic() - begin, 0.3 + 2 * BUSY_S)

    def test_after_so_long_it_lets_connections_end(self):
        server = self.start("--json", "--for", "200ms", "--grace", "30s")
        connection = self.connect(server)
        server.wait_for_event("draining")
        connection.sendall(b"one more")
        self.assertEqual(read_exactly(connection, 8), b"one more")
        connection.close()
        self.assertEqual(server.wait(), 0)
        self.assertEqual(server.wait_for_event("summary")["closed"]["client"], 1)


if __name__ == "__main__":
    unittest.main()
