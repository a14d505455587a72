"""What else than an echo a client may be given: nothing, characters, answers to whole requests, one answer."""

import itertools
import os
import select
import socket
import threading
import unittest

from serve_case import ServeCase, read_exactly, read_to_end
from serve_run import exchange

PRINTABLE = bytes(range(ord(" "), ord("~") + 1))
LINE = 72


def characters(count):
    """The first so many of RFC 864: lines of 72 of the printable characters, each line beginning one further on."""
    lines = itertools.cycle((PRINTABLE * 2)[at:at + LINE] + b"\r\n" for at in range(len(PRINTABLE)))
    return b"".join(itertools.islice(lines, count // (LINE + 2) + 1))[:count]


class Discard(ServeCase):
    def test_everything_is_taken_and_nothing_comes_back(self):
        server = self.start("--json", "--mode", "discard")
        with server.connect() as connection:
            self.assertEqual(exchange(connection, bytes(20 << 20)), b"")
        self.assert_one_end(server, "client", bytes_received=20 << 20, bytes_sent=0)

    def test_everything_is_taken_where_traffic_is_shown(self):
        server = self.start("--mode", "discard", "-vv")
        with server.connect() as connection:
            self.assertEqual(exchange(connection, b"shown"), b"")
        self.assertIsNotNone(server.stdout.wait_for(r'received 5 bytes from .*: "shown"'))

    def test_a_limit_of_bytes_ends_it(self):
        server = self.start("--json", "--mode", "discard", "--max-bytes", "1000")
        with server.connect() as connection:
            self.assertEqual(exchange(connection, bytes(1000), end=False), b"")
        self.assert_one_end(server, "served", bytes_received=1000, bytes_sent=0)


class Source(ServeCase):
    def test_a_limit_of_bytes_is_kept_to_the_byte_and_then_comes_the_end(self):
        for count in 1, 73, 74, 75, 7030, 7031, 1_000_000, 3_000_001:
            server = self.start("--json", "--mode", "source", "--max-bytes", str(count))
            with server.connect() as connection:
                self.assertTrue(read_to_end(connection) == characters(count), f"{count} bytes")
            self.assert_one_end(server, "served", bytes_received=0, bytes_sent=count)

    def test_a_client_that_only_reads_any_more_gets_all(self):
        server = self.start("--json", "--mode", "source", "--max-bytes", "3M")
        with server.connect() as connection:
            connection.shutdown(socket.SHUT_WR)
            self.assertTrue(read_to_end(connection) == characters(3 << 20))
        self.assert_one_end(server, "served", bytes_sent=3 << 20)

    def test_the_client_ends_it(self):
        for half_close_first in False, True:
            server = self.start("--json", "--mode", "source")
            with server.connect() as connection:
                self.assertTrue(read_exactly(connection, 10_000_000) == characters(10_000_000))
                if half_close_first:
                    connection.shutdown(socket.SHUT_WR)
            self.assert_one_end(server, "client", bytes_received=0)

    def test_a_lifetime_ends_it(self):
        server = self.start("--json", "--mode", "source", "--max-lifetime", "300ms")
        with server.connect() as connection:
            received = read_to_end(connection)
        self.assertTrue(received == characters(len(received)))
        self.assert_one_end(server, "lifetime")

    def test_what_the_client_sends_is_dropped(self):
        server = self.start("--json", "--mode", "source", "--max-bytes", "5M")
        with server.connect() as connection:
            sender = threading.Thread(target=connection.sendall, args=[bytes(1 << 20)])
            sender.start()
            received = read_exactly(connection, 5 << 20)
            sender.join()
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(read_to_end(connection), b"")
        self.assertTrue(received == characters(5 << 20))
        self.assert_one_end(server, "served", bytes_received=1 << 20, bytes_sent=5 << 20)

    def test_a_client_that_reads_slowly_gets_the_characters_in_order(self):
        server = self.start("--mode", "source", "--max-bytes", "300K", "-o", "sndbuf=8K")
        with self.connect(server) as connection:
            received = b"".join(iter(lambda: connection.recv(777), b""))
        self.assertTrue(received == characters(300 << 10))


class ReplyEvery(ServeCase):
    def assert_nothing_has_come(self, server, connection):
        """The server has one thread: once it answers another client it has dealt with what this one sent before."""
        self.assert_echoes(server, bytes(100))
        self.assert_nothing_to_read(connection)

    def assert_nothing_to_read(self, connection):
        self.assertEqual(select.select([connection], [], [], 0)[0], [])

    def test_nothing_comes_before_a_request_is_whole(self):
        server = self.start("--reply-every", "100")
        connection = self.connect(server)
        request = os.urandom(100)
        connection.sendall(request[:60])
        self.assert_nothing_has_come(server, connection)
        connection.sendall(request[60:99])
        self.assert_nothing_has_come(server, connection)
        connection.sendall(request[99:])
        self.assertEqual(read_exactly(connection, 100), request)

    def test_requests_sent_in_one_go_are_all_answered(self):
        connection = self.connect(self.start("--reply-every", "10"))
        data = os.urandom(100_000)
        self.assertEqual(exchange(connection, data), data)

    def test_requests_cut_anywhere_are_answered_when_they_are_whole(self):
        server = self.start("--reply-every", "10")
        connection = self.connect(server)
        data = os.urandom(40)
        connection.sendall(data[:25])
        self.assertEqual(read_exactly(connection, 20), data[:20])
        self.assert_nothing_to_read(connection)
        connection.sendall(data[25:])
        self.assertEqual(read_exactly(connection, 20), data[20:])

    def test_requests_larger_than_any_buffer_are_answered(self):
        connection = self.connect(self.start("--reply-every", "3M"))
        data = os.urandom(6 << 20)
        self.assertEqual(exchange(connection, data), data)

    def test_a_client_that_ends_within_a_request_gets_back_what_it_sent_of_it(self):
        connection = self.connect(self.start("--reply-every", "10"))
        connection.sendall(b"0123456789")
        self.assertEqual(read_exactly(connection, 10), b"0123456789")
        connection.sendall(b"01234")
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(read_to_end(connection), b"01234")


class OneShot(ServeCase):
    def answer(self, data, *words, end=False):
        """What comes back before an end without an error."""
        server = self.start("--json", "--one-shot", *words)
        with server.connect() as connection:
            answer = exchange(connection, data, end)
            self.assertEqual(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        return answer

    def test_the_first_hundred_bytes_come_back_and_then_the_end(self):
        data = os.urandom(4096)
        for count in 1, 99, 100, 101, 4096:
            self.assertEqual(self.answer(data[:count]), data[:min(count, 100)])

    def test_the_size_can_be_chosen(self):
        data = os.urandom(4096)
        self.assertEqual(self.answer(data, "--read-size", "10"), data[:10])
        self.assertEqual(self.answer(data, "--read-size", "4K"), data)
        self.assertEqual(self.answer(data[:5], "--read-size", "10"), data[:5])

    def test_a_client_that_says_nothing_gets_nothing(self):
        self.assertEqual(self.answer(b"", end=True), b"")

    def test_each_connection_gets_its_own_answer(self):
        server = self.start("--one-shot")
        for number in range(50):
            with server.connect() as connection:
                self.assertEqual(exchange(connection, b"%d" % number, end=False), b"%d" % number)


if __name__ == "__main__":
    unittest.main()
