#!/usr/bin/env python3
"""The static executable where there is nothing else: a root directory of its own, without even /proc."""

import json
import os
import pathlib
import socket
import unittest

from empty_root import EmptyRoot
from name_server import serve_name
from namespace import Namespace, skip_unless_possible

NAME = "peer.tcpkit.test"


class EmptyContainer(unittest.TestCase):
    def setUp(self):
        self.root = self.enterContext(EmptyRoot())
        self.root.copy(os.environ["TCPKIT_BINARY"], "/tcpkit")
        self.namespace = self.enterContext(Namespace())

    def tcpkit(self, *words):
        return self.root.run("/tcpkit", *words, namespace=self.namespace)

    def probed(self, *words):
        """The JSON object of a probe that worked."""
        done = self.tcpkit("probe", "--json", "--only", "rcvbuf", *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return json.loads(done.stdout)

    def listen(self):
        """A port of 127.0.0.1 that takes connections."""
        with self.namespace.inside():
            listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener.getsockname()[1]

    def test_the_executable_is_the_only_file(self):
        self.assertEqual(self.root.files(), ["/tcpkit"])
        self.assertEqual(self.tcpkit("--version").returncode, 0)

    def test_the_executable_does_not_know_where_it_was_built(self):
        binary, source = pathlib.Path(os.environ["TCPKIT_BINARY"]), pathlib.Path(__file__).resolve().parents[2]
        for place in (binary.parents[1], source):
            self.assertFalse(os.fsencode(place) in binary.read_bytes(), f"{place} is in the executable")

    def test_probe_runs_with_a_peer_of_its_own(self):
        row = self.probed()["options"]["SO_RCVBUF"]
        self.assertGreater(row["value"], 0)

    def test_a_sysctl_that_cannot_be_read_is_not_made_up(self):
        done = self.tcpkit("probe", "--json", "--only", "net.ipv4.tcp_rmem")
        row = json.loads(done.stdout)["sysctls"]["net.ipv4.tcp_rmem"]
        self.assertIsNone(row["value"])

    def test_a_name_is_found_in_the_hosts_file(self):
        self.root.write("/etc/hosts", f"127.0.0.1 {NAME}\n")
        target = self.probed(f"{NAME}:{self.listen()}")["target"]
        self.assertEqual((target["host"], target["address"]), (NAME, "127.0.0.1"))

    def test_a_name_is_found_by_dns(self):
        serve_name(self.namespace, NAME, "127.0.0.1")
        self.root.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        target = self.probed(f"{NAME}:{self.listen()}")["target"]
        self.assertEqual((target["host"], target["address"]), (NAME, "127.0.0.1"))
        unknown = self.tcpkit("probe", "nobody.tcpkit.test:80")
        self.assertEqual(unknown.returncode, 3, unknown.stderr)

    def test_a_service_is_found_in_its_file(self):
        port = self.listen()
        self.root.write("/etc/services", f"tcpkit-test {port}/tcp\n")
        self.assertEqual(self.probed("127.0.0.1:tcpkit-test")["target"]["port"], port)

    def test_modules_of_the_host_are_not_asked(self):
        self.root.write("/etc/nsswitch.conf", "hosts: mymachines resolve [!UNAVAIL=return]\nservices: db\n")
        self.root.write("/etc/hosts", f"127.0.0.1 {NAME}\n")
        port = self.listen()
        self.root.write("/etc/services", f"tcpkit-test {port}/tcp\n")
        self.assertEqual(self.probed(f"{NAME}:tcpkit-test")["target"]["port"], port)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
