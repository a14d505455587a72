"""Addresses that are somebody else's, or need a privilege: an error that names the reason, or a port that is shared."""

import os
import pathlib
import socket
import unittest

from host_run import Clients, assert_well, eventually, round_trip
from probe_run import NOBODY, needs_root, started
from serve_run import Server, serve
from tcpkit_run import BINARY

CLIENTS = 64  # the kernel throws a coin for each


class InUse(unittest.TestCase):
    def assert_refused(self, result, address, pid):
        self.assertEqual((result.returncode, result.stdout), (8, ""), result.stderr)
        self.assertIn(f"listen on {address}: Address already in use", result.stderr)
        self.assertIn(f"held by pid {pid} (", result.stderr)
        self.assertLessEqual(result.stderr.count("\n"), 2)

    def test_another_program_that_does_not_share_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            address = "{}:{}".format(*holder.getsockname())
            self.assert_refused(serve(address), address, os.getpid())

    def test_reuseport_off_does_not_share_with_a_server_that_would(self):
        with Server() as server:
            address = server.addresses[0]
            self.assert_refused(serve("-o", "reuseport=off", address), address, server.pid)
            assert_well(self, server)

    def test_a_server_that_does_not_share_keeps_its_port(self):
        with Server("-o", "reuseport=off") as server:
            self.assert_refused(serve(server.addresses[0]), server.addresses[0], server.pid)
            assert_well(self, server)

    def test_the_other_addresses_are_not_listened_on_either(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            result = serve("127.0.0.1:0", "127.0.0.1:{}".format(holder.getsockname()[1]))
        self.assertEqual((result.returncode, result.stdout), (8, ""), result.stderr)

    def test_threads_need_a_port_that_can_be_shared(self):
        result = serve("-o", "reuseport=off", "--threads", "2", "127.0.0.1:0")
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)


class Shared(unittest.TestCase):
    def test_it_is_said_and_both_get_connections(self):
        with Server("-v") as first, Server("-v", addresses=first.addresses) as second, Clients(first) as clients:
            self.assertTrue(second.stderr.wait_for(rf"shared with pid {first.pid} \("))
            for connection in clients.connect(CLIENTS):
                self.assertEqual(round_trip(connection), b"?")
            self.assertTrue(eventually(lambda: self.arrivals(first) + self.arrivals(second) == CLIENTS))
            self.assertGreater(self.arrivals(first), 0)
            self.assertGreater(self.arrivals(second), 0)
            assert_well(self, second, clients)
            assert_well(self, first)
            self.assertNotIn("shared", first.stderr.text())

    def arrivals(self, server):
        return server.stdout.text().count("connected from ")

    def test_threads_do_not_share_with_others_but_themselves(self):
        with Server("--threads", "4") as server:
            assert_well(self, server)
            self.assertNotIn("shared", server.stderr.text())


class NotOurs(unittest.TestCase):
    def test_an_address_of_another_host(self):
        result = serve("192.0.2.1:0")
        self.assertEqual((result.returncode, result.stdout), (8, ""), result.stderr)
        self.assertIn("listen on 192.0.2.1:0: Cannot assign requested address", result.stderr)

    @needs_root
    def test_a_privileged_port(self):
        if int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 7:
            self.skipTest("every port is unprivileged here")
        result = started([*NOBODY, BINARY, "serve", "127.0.0.1:7"])
        self.assertEqual((result.returncode, result.stdout), (6, ""), result.stderr)
        self.assertIn("listen on 127.0.0.1:7: Permission denied", result.stderr)
        self.assertIn("ip_unprivileged_port_start", result.stderr)


if __name__ == "__main__":
    unittest.main()
