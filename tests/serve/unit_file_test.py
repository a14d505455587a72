"""The unit files that are installed: what a service manager reads in them, and how little they allow."""

import configparser
import pathlib
import shlex
import socket
import unittest

from serve_run import serve

UNITS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "systemd"
HARDENED = ("DynamicUser", "LockPersonality", "MemoryDenyWriteExecute", "NoNewPrivileges", "PrivateDevices", "PrivateTmp",
            "PrivateUsers", "ProtectClock", "ProtectControlGroups", "ProtectHome", "ProtectHostname",
            "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "RemoveIPC", "RestrictNamespaces",
            "RestrictRealtime", "RestrictSUIDSGID")


def unit(name):
    """Its sections; a key that stands several times has its values joined by blanks."""
    class Repeated(dict):
        def __setitem__(self, key, value):
            if isinstance(value, list) and key in self:
                value = self[key] + value
            super().__setitem__(key, value)

    parser = configparser.RawConfigParser(dict_type=Repeated, strict=False, delimiters="=", comment_prefixes="#",
                                          interpolation=None)
    parser.optionxform = str
    parser.read_string((UNITS / name).read_text())
    return {section: {key: value.replace("\n", " ").strip() for key, value in parser[section].items()}
            for section in parser.sections()}


class UnitFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = unit("tcpkit-serve.service")
        cls.socket = unit("tcpkit-serve.socket")

    def test_every_line_is_a_section_a_key_or_a_comment(self):
        for path in sorted(UNITS.iterdir()):
            for line in path.read_text().splitlines():
                self.assertRegex(line, r"^(#.*|\[(Unit|Service|Socket|Install)\]|[A-Z][A-Za-z]+=.*|)$", path.name)
                self.assertLessEqual(len(line), 120)

    def test_the_service_and_its_socket_name_each_other(self):
        self.assertEqual(self.service["Unit"]["Requires"], "tcpkit-serve.socket")
        self.assertEqual(self.service["Install"]["Also"], "tcpkit-serve.socket")
        self.assertNotIn("Service", self.socket["Socket"])  # it is the service of the same name
        self.assertNotIn("Accept", self.socket["Socket"])

    def test_the_command_is_one_that_serve_understands(self):
        program, *words = shlex.split(self.service["Service"]["ExecStart"])
        self.assertEqual((program, words[0]), ("tcpkit", "serve"))
        done = serve(*words[1:], "127.0.0.1:0", "--for", "1ms")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_it_says_when_it_is_ready_and_has_time_to_drain(self):
        self.assertEqual(self.service["Service"]["Type"], "notify")
        self.assertEqual(self.service["Service"]["TimeoutStopSec"], "30s")

    def test_the_socket_is_for_this_host_alone(self):
        host, port = self.socket["Socket"]["ListenStream"].split(":")
        self.assertTrue(socket.inet_aton(host).startswith(b"\x7f"))
        self.assertEqual(port, "8888")

    def test_it_may_do_no_more_than_it_needs(self):
        service = self.service["Service"]
        self.assertEqual([key for key in HARDENED if service.get(key) != "yes"], [])
        self.assertEqual((service["ProtectSystem"], service["CapabilityBoundingSet"]), ("strict", ""))
        self.assertEqual(service["SystemCallFilter"].split()[0], "@system-service")
        self.assertEqual(sorted(service["RestrictAddressFamilies"].split()),
                         ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"])


if __name__ == "__main__":
    unittest.main()
