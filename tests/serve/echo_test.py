"""Everything that a client sends comes back, however it sends it, and before the end of the connection."""

import os
import socket
import ssl
import threading
import unittest

from serve_case import LONG, SteadyCase, read_exactly, read_to_end
from serve_run import exchange

MEGABYTE = 1 << 20
ONE_BYTE_WRITES = 1_000_000 if LONG else 100_000


def client_hello():
    """What a TLS client says first."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Echo(SteadyCase):
    def setUp(self):
        super().setUp()
        self.connection = self.connect(self.server)

    def assert_echoed(self, data):
        self.assertEqual(exchange(self.connection, data), data)

    def test_a_half_closed_client_gets_everything_before_the_end(self):
        data = os.urandom(3 * MEGABYTE)
        sender = threading.Thread(target=self.connection.sendall, args=[data])
        sender.start()
        received = read_exactly(self.connection, MEGABYTE)
        sender.join()
        self.connection.shutdown(socket.SHUT_WR)
        self.assertEqual(received + read_to_end(self.connection), data)

    def test_the_end_in_the_same_segment_as_the_last_bytes_takes_none_of_them(self):
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self.connection.sendall(b"last words")
        self.connection.shutdown(socket.SHUT_WR)
        self.assertEqual(read_to_end(self.connection), b"last words")

    def test_a_client_that_begins_with_its_end_gets_an_end(self):
        self.connection.shutdown(socket.SHUT_WR)
        self.assertEqual(read_to_end(self.connection), b"")

    def test_a_megabyte_in_one_write_comes_back(self):
        self.assert_echoed(os.urandom(MEGABYTE))

    def test_twenty_megabytes_go_both_ways_at_once(self):
        self.assert_echoed(os.urandom(20 * MEGABYTE))

    def test_writes_of_one_byte_each_come_back(self):
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = os.urandom(ONE_BYTE_WRITES)
        received = []
        reader = threading.Thread(target=lambda: received.append(read_to_end(self.connection)))
        reader.start()
        for at in range(len(data)):
            self.connection.send(data[at:at + 1])
        self.connection.shutdown(socket.SHUT_WR)
        reader.join()
        self.assertEqual(received, [data])

    def test_urgent_bytes_come_back_in_their_place(self):
        for before, urgent, after in (b"a", b"!", b"b"), (b"", b"!", b"b"), (b"ab", b"!", b""), (b"", b"?!", b""):
            self.connection.sendall(before)
            self.connection.send(urgent, socket.MSG_OOB)
            self.connection.sendall(after)
            wanted = before + urgent + after
            self.assertEqual(read_exactly(self.connection, len(wanted)), wanted)
        self.assert_echoed(b"the rest")

    def test_many_urgent_bytes_come_back_in_their_place(self):
        data = os.urandom(2000)
        for at, byte in enumerate(data):
            self.connection.send(bytes([byte]), socket.MSG_OOB if at % 3 == 0 else 0)
        self.connection.shutdown(socket.SHUT_WR)
        self.assertEqual(read_to_end(self.connection), data)

    def test_a_request_of_http_comes_back(self):
        self.assert_echoed(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    def test_the_hello_of_tls_comes_back(self):
        hello = client_hello()
        self.assertEqual(hello[:2], b"\x16\x03")
        self.assert_echoed(hello)

    def test_a_real_tls_client_is_told_that_this_is_no_tls(self):
        context = ssl.create_default_context()
        with self.assertRaises(ssl.SSLError):
            context.wrap_socket(self.connection, server_hostname="localhost")

    def test_every_byte_value_comes_back(self):
        self.assert_echoed(bytes(range(256)) * 100 + os.urandom(10_000))


if __name__ == "__main__":
    unittest.main()
