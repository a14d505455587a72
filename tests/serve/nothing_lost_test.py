"""Every byte that the server acknowledged was echoed, or its client saw an error, whoever ends the connection."""

import fcntl
import os
import random
import select
import socket
import struct
import termios
import threading
import unittest

from serve_case import LONG, ServeCase, wait_until
from tcpkit_run import PATIENCE_S

CLIENTS = 400 if LONG else 60
MOST_BYTES = 1 << 20
SEED = 862


def unacknowledged(connection):
    """Bytes in the kernel's send queue, SIOCOUTQ of tcp(7)."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]


class Client(threading.Thread):
    """Sends in chunks of any size and reads in chunks of any size, until the server ends, or an error."""

    def __init__(self, server, seed, ends_itself=True):
        super().__init__(daemon=True)
        self.chance = random.Random(seed)
        self.data = self.chance.randbytes(self.chance.choice([0, 1, 100, 10_000, MOST_BYTES]))
        self.ends_itself = ends_itself
        self.connection = server.connect()
        self.sent, self.received, self.error, self.acknowledged = 0, bytearray(), None, 0
        self.left_off = self.chance.random() < 0.2 and ends_itself  # resets, or ends with answers unread
        self.start()

    def run(self):
        try:
            self.connection.setblocking(False)
            self.end_if_done()
            while self.turn():
                pass
            if not self.left_off:
                wait_until(lambda: self.failed() or unacknowledged(self.connection) == 0)
                self.failed()
        except OSError as error:
            self.error = error
        self.acknowledged = self.sent
        if self.left_off:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", self.sent % 2, 0))
        self.connection.close()

    def turn(self):
        """Whatever is possible now; False at the end of the stream."""
        wants_to_send = self.sent < len(self.data)
        readable, writable, _ = select.select([self.connection], [self.connection] * wants_to_send, [], PATIENCE_S)
        if not readable and not writable:
            raise TimeoutError("nothing moves")
        if writable:
            self.send()
        if self.left_off and len(self.received) > len(self.data) // 2:
            return False
        return self.read() if readable else True

    def send(self):
        size = self.chance.choice([1, 10, 1000, 100_000])
        self.sent += self.connection.send(self.data[self.sent:self.sent + size])
        self.end_if_done()

    def end_if_done(self):
        if self.sent == len(self.data) and self.ends_itself:
            self.connection.shutdown(socket.SHUT_WR)

    def read(self):
        chunk = self.connection.recv(self.chance.choice([1, 100, 1 << 16]))
        self.received += chunk
        return bool(chunk)

    def failed(self):
        """Whether the connection was reset after its end."""
        number = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self.error = OSError(number, os.strerror(number))
        return self.error is not None


class NothingLost(ServeCase):
    def crowd(self, server, **options):
        clients = [Client(server, SEED + number, **options) for number in range(CLIENTS)]
        for client in clients:
            self.addCleanup(client.join, PATIENCE_S)
        return clients

    def assert_nothing_lost(self, clients):
        for client in clients:
            client.join(PATIENCE_S)
            self.assertFalse(client.is_alive(), "a client still waits")
            self.assertNotIsInstance(client.error, TimeoutError)
            received = bytes(client.received)
            self.assertTrue(client.data.startswith(received), "other bytes came back than were sent")
            if client.error is None and not client.left_off:
                self.assertEqual(len(received), client.acknowledged)

    def assert_all_echoed(self, clients):
        self.assert_nothing_lost(clients)
        for client in clients:
            if not client.left_off:
                self.assertIsNone(client.error)
                self.assertEqual(len(client.received), len(client.data))

    def test_all_is_echoed_to_clients_that_end_by_themselves(self):
        self.assert_all_echoed(self.crowd(self.start()))

    def test_all_is_echoed_by_several_threads(self):
        self.assert_all_echoed(self.crowd(self.start("--threads", "3")))

    def test_all_is_echoed_through_small_buffers(self):
        self.assert_all_echoed(self.crowd(self.start("-o", "sndbuf=8K", "-o", "rcvbuf=8K")))

    def test_nothing_is_lost_when_lifetimes_end(self):
        self.assert_nothing_lost(self.crowd(self.start("--max-lifetime", "100ms"), ends_itself=False))

    def test_nothing_is_lost_at_a_limit_of_bytes(self):
        server = self.start("--max-bytes", "70000", "--idle-timeout", "500ms")
        self.assert_nothing_lost(self.crowd(server, ends_itself=False))

    def test_nothing_is_lost_when_the_server_is_ended(self):
        server = self.start("--grace", "50ms")
        clients = self.crowd(server, ends_itself=False)
        server.signal()
        self.assert_nothing_lost(clients)
        self.assertEqual(server.wait(), 0)

    def test_nothing_is_lost_when_the_server_is_killed(self):
        server = self.start()
        clients = self.crowd(server, ends_itself=False)
        server.process.kill()
        self.assert_nothing_lost(clients)


if __name__ == "__main__":
    unittest.main()
