"""Where a server listens, and that every thread of it serves everything."""

import os
import socket
import threading
import unittest

from serve_case import ServeCase, wait_until
from serve_run import exchange


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class Addresses(ServeCase):
    def assert_echoes_at(self, host, port, data=b"here?"):
        with socket.create_connection((host, port), timeout=60) as connection:
            self.assertEqual(exchange(connection, data), data)

    def listening(self, server, count):
        """The addresses it announced, sorted."""
        wait_until(lambda: len(server.events("listening")) == count)
        return sorted(event["address"] for event in server.events("listening"))

    def test_port_0_is_a_free_port_that_is_announced(self):
        servers = [self.start() for _ in range(3)]
        self.assertEqual(len({server.port for server in servers}), 3)
        for server in servers:
            self.assertGreater(server.port, 0)
            self.assert_echoes(server)

    def test_several_addresses_share_a_free_port(self):
        server = self.start("--json", addresses=("127.0.0.1:0", "127.0.0.2:0"))
        self.assertEqual(self.listening(server, 2), [f"127.0.0.1:{server.port}", f"127.0.0.2:{server.port}"])
        self.assert_echoes_at("127.0.0.1", server.port)
        self.assert_echoes_at("127.0.0.2", server.port)

    @unittest.skipUnless(has_ipv6(), "this host has no IPv6 loopback")
    def test_an_address_of_ipv6(self):
        server = self.start("--json", addresses=("[::1]:0",))
        self.assert_echoes_at("::1", server.port)
        self.assertRegex(server.wait_for_event("closed")["peer"], r"^\[::1\]:\d+$")

    @unittest.skipUnless(has_ipv6(), "this host has no IPv6 loopback")
    def test_a_port_alone_is_the_loopback_of_both_families(self):
        server = self.start("--json", addresses=(":0",))
        self.assertEqual(self.listening(server, 2), [f"127.0.0.1:{server.port}", f"[::1]:{server.port}"])
        self.assert_echoes_at("127.0.0.1", server.port)
        self.assert_echoes_at("::1", server.port)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", server.port))

    @unittest.skipUnless(has_ipv6(), "this host has no IPv6 loopback")
    def test_a_star_is_every_address_of_both_families(self):
        server = self.start("--json", addresses=("*:0",))
        self.assertEqual(self.listening(server, 2), [f"0.0.0.0:{server.port}", f"[::]:{server.port}"])
        for host in "127.0.0.1", "127.1.2.3", "::1":
            self.assert_echoes_at(host, server.port)
        self.assertEqual(server.stderr.text().count("other hosts can connect"), 1)

    @unittest.skipUnless(has_ipv6(), "this host has no IPv6 loopback")
    def test_one_family_of_a_port_alone(self):
        server = self.start("--json", "-6", addresses=(":0",))
        self.assert_echoes_at("::1", server.port)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))


class Threads(ServeCase):
    CLIENTS = 100

    def test_four_threads_echo_everything_and_count_together(self):
        server = self.start("--json", "--threads", "4", "--backlog", "200")
        data = [os.urandom(50_000) for _ in range(self.CLIENTS)]
        echoed = [None] * self.CLIENTS

        def talk(number):
            with server.connect() as connection:
                echoed[number] = exchange(connection, data[number])

        clients = [threading.Thread(target=talk, args=[number]) for number in range(self.CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertTrue(echoed == data)
        self.assertEqual(server.stop(), 0)
        summary = server.wait_for_event("summary")
        self.assertEqual((summary["accepted"], summary["closed"]["client"]), (self.CLIENTS, self.CLIENTS))
        self.assertEqual((summary["bytes_received"], summary["bytes_sent"]), (self.CLIENTS * 50_000,) * 2)

    def test_every_thread_has_its_share(self):
        server = self.start("--threads", "4")
        for _ in range(self.CLIENTS):
            self.assert_echoes(server)
        wait_until(lambda: self.threads_that_worked(server) >= 4)

    def threads_that_worked(self, server):
        """Threads that slept for events more often than on their start."""
        folder = f"/proc/{server.pid}/task"
        worked = 0
        for task in os.listdir(folder):
            with open(f"{folder}/{task}/status", encoding="ascii") as status:
                switches = next(line for line in status if line.startswith("voluntary_ctxt_switches"))
            worked += int(switches.split()[1]) >= 5
        return worked


if __name__ == "__main__":
    unittest.main()
