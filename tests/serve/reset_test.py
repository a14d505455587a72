"""Clients that go without a word, at any moment of their lives."""

import random
import select
import socket
import unittest

from serve_case import Before, ServeCase, SteadyCase, Stopped, read_exactly, reset, wait_until


class Resets(SteadyCase):
    def test_a_reset_in_the_middle_of_a_stream_is_survived(self):
        for size in 1, 1000, 1 << 20, 4 << 20:
            connection = self.connect(self.server)
            connection.setblocking(False)
            sent = 0
            while sent < size and select.select([], [connection], [], 0.1)[1]:
                sent += connection.send(bytes(min(size - sent, 1 << 16)))
            reset(connection)

    def test_a_reset_between_two_messages_is_survived(self):
        for _ in range(200):
            connection = self.connect(self.server)
            connection.sendall(b"hello")
            self.assertEqual(read_exactly(connection, 5), b"hello")
            reset(connection)

    def test_a_reset_before_the_server_accepts_is_survived(self):
        with Stopped(self.server):
            for _ in range(50):
                reset(self.connect(self.server))

    def test_a_reset_with_bytes_before_the_server_accepts_is_survived(self):
        with Stopped(self.server):
            for _ in range(50):
                connection = self.connect(self.server)
                connection.sendall(b"never mind")
                reset(connection)

    def test_a_reset_before_the_first_read_is_survived(self):
        connections = [self.connect(self.server) for _ in range(50)]
        wait_until(lambda: Before(self.server).descriptors == self.before.descriptors + 50)
        with Stopped(self.server):
            for connection in connections:
                connection.sendall(b"never mind")
                reset(connection)

    def test_clients_that_close_with_the_answer_unread_are_survived(self):
        for _ in range(50):
            connection = self.connect(self.server)
            connection.sendall(bytes(100_000))
            connection.close()

    def test_resets_at_any_moment_are_survived(self):
        chance = random.Random(864)
        for _ in range(500):
            connection = self.connect(self.server)
            connection.settimeout(0.001)
            for _ in range(chance.randrange(4)):
                try:
                    connection.send(bytes(chance.randrange(1, 200_000)))
                    connection.recv(chance.randrange(1, 100_000))
                except TimeoutError:
                    pass
            reset(connection)


class WhatIsSaid(ServeCase):
    def test_a_reset_is_told_as_one(self):
        server = self.start("--json")
        connection = self.connect(server)
        connection.sendall(b"hello")
        self.assertEqual(read_exactly(connection, 5), b"hello")
        reset(connection)
        self.assert_one_end(server, "reset", bytes_received=5, bytes_sent=5)

    def test_an_orderly_end_is_told_as_the_clients(self):
        server = self.start("--json")
        with server.connect() as connection:
            connection.sendall(b"hello")
            self.assertEqual(read_exactly(connection, 5), b"hello")
        self.assert_one_end(server, "client", bytes_received=5, bytes_sent=5)

    def test_a_connection_that_was_reset_before_it_was_accepted_is_counted_and_nothing_is_refused(self):
        server = self.start("--json")
        with Stopped(server):
            for _ in range(3):
                reset(self.connect(server))
        self.assert_echoes(server)
        self.assertEqual(server.stop(), 0)
        summary = server.wait_for_event("summary")
        self.assertEqual(summary["accepted"], sum(summary["closed"].values()), summary)
        self.assertEqual(summary["closed"]["failed"], 0, summary)
        self.assertNotRegex(server.stderr.text(), "(?i)refused|failed|invalid")


if __name__ == "__main__":
    unittest.main()
