"""Clients that send or take next to nothing cost the others nothing."""

import select
import socket
import threading
import time
import unittest

from serve_case import (HEAP_SLACK_KIB, Before, ServeCase, SteadyCase, descriptors, read_exactly, reset, wait_until)
from serve_run import exchange

GREEDY_CLIENTS = 200
KEPT_KIB = 256  # of a client that does not read: what one read of the server took from it
KERNEL_BYTES = "64K"  # small buffers, so that 200 clients are full soon


def push(connections, enough):
    """Sends on all of them without ever reading, until none has taken a byte for a while; how many bytes they took."""
    chunk = bytes(1 << 16)
    taken = 0
    poll = select.epoll()
    for connection in connections:
        connection.setblocking(False)
        poll.register(connection, select.EPOLLOUT)
    by_descriptor = {connection.fileno(): connection for connection in connections}
    while ready := poll.poll(enough):
        for descriptor, _ in ready:
            taken += by_descriptor[descriptor].send(chunk)
    poll.close()
    return taken


class SlowClients(SteadyCase):
    def test_a_silent_client_is_kept_and_disturbs_nobody(self):
        silent = self.connect(self.server)
        for _ in range(100):
            self.assert_echoes(self.server)
        silent.sendall(b"at last")
        self.assertEqual(read_exactly(silent, 7), b"at last")

    def test_a_byte_every_so_often_comes_back_at_once(self):
        connection = self.connect(self.server)
        for byte in b"hello":
            connection.sendall(bytes([byte]))
            self.assertEqual(connection.recv(10), bytes([byte]))
            time.sleep(0.05)

    def test_a_client_that_reads_late_gets_all_of_it(self):
        connection = self.connect(self.server)
        data = bytes(range(256)) * 40_000
        sender = threading.Thread(target=connection.sendall, args=[data])
        sender.start()
        self.assert_echoes(self.server)
        sender.join(0.3)
        received = read_exactly(connection, len(data))
        sender.join()
        self.assertTrue(received == data)


class GreedyClients(ServeCase):
    """Clients that send without end and never read: the server stops to read from them."""

    def crowd(self, server):
        """Connections that hold little in the kernel."""
        greedy = []
        for _ in range(GREEDY_CLIENTS):
            connection = socket.socket()
            self.addCleanup(connection.close)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
            connection.connect(server.address)
            greedy.append(connection)
        return greedy

    def fill_and_empty(self, server, before):
        """Clients that never read come and go."""
        greedy = self.crowd(server)
        taken = push(greedy, enough=0.3)
        self.assertGreater(taken, GREEDY_CLIENTS * (1 << 17))
        self.assert_memory_within(server, before.memory_kib + GREEDY_CLIENTS * KEPT_KIB + HEAP_SLACK_KIB)
        self.assert_echoes(server)
        for connection in greedy:
            reset(connection)
        self.assert_echoes(server)
        wait_until(lambda: descriptors(server) <= before.descriptors)

    def test_memory_is_bounded_while_nobody_reads(self):
        server = self.start("-o", f"sndbuf={KERNEL_BYTES}", "-o", f"rcvbuf={KERNEL_BYTES}")
        self.assert_echoes(server, bytes(1 << 20))
        before = Before(server)
        for _ in range(3):
            self.fill_and_empty(server, before)
        # An allocator may keep what one crowd needed for the next one, but the crowds must not add up.
        self.assert_memory_within(server, before.memory_kib + GREEDY_CLIENTS * KEPT_KIB // 2)

    def test_memory_is_bounded_while_requests_are_cut_anywhere(self):
        server = self.start("--reply-every", "1000")
        with server.connect() as connection:
            exchange(connection, bytes(1_000_000))
        before = Before(server)
        connection = self.connect(server)
        connection.sendall(b"-")  # from here on each read ends within a request
        data = bytes(1000 * 64)
        for _ in range(500):
            connection.sendall(data)
            self.assertEqual(len(read_exactly(connection, len(data))), len(data))
        self.assert_memory_within(server, before.memory_kib + 2 * KEPT_KIB + 1024)

    def test_after_the_greedy_clients_start_to_read_they_get_everything(self):
        server = self.start("-o", f"sndbuf={KERNEL_BYTES}")
        connection = self.connect(server)
        taken = push([connection], enough=0.3)
        connection.settimeout(60)
        connection.shutdown(socket.SHUT_WR)
        received = 0
        while chunk := connection.recv(1 << 20):
            received += len(chunk)
        self.assertEqual(received, taken)


class MemoryOverTime(ServeCase):
    def test_thousands_of_connections_leave_nothing_behind(self):
        server = self.start()
        for _ in range(500):
            self.assert_echoes(server)
        before = Before(server)
        for _ in range(2000):
            self.assert_echoes(server)
        wait_until(lambda: Before(server).descriptors <= before.descriptors)
        self.assert_memory_within(server, before.memory_kib + 256)


if __name__ == "__main__":
    unittest.main()
