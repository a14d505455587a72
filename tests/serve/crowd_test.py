"""Ten thousand clients at once, each from an address of its own."""

import resource
import unittest

from busy_clients import BusyClients
from serve_case import Before, ServeCase, descriptors, is_sanitized, memory_kib, wait_until
from skip import skip

CROWD = 10_000
RESERVE = 200
KIB_EACH = 2


def sources(count):
    """Addresses in 127.0.0.0/8, which is the loopback of this host as a whole."""
    return [f"127.{10 + number // 65536}.{number // 256 % 256}.{number % 256}" for number in range(count)]


class Crowd(ServeCase):
    def test_all_are_echoed_and_then_forgotten(self):
        server = self.start("--max-connections", str(CROWD), "--backlog", "4096")
        self.assert_echoes(server, bytes(1 << 20))
        before = Before(server)
        with BusyClients(server, CROWD, sources(CROWD)) as clients:
            clients.run_until(lambda: len(clients.echoed) == CROWD)
            self.assertEqual(descriptors(server), before.descriptors + CROWD)
            if not is_sanitized(server):
                self.assertLess(memory_kib(server), before.memory_kib + KIB_EACH * CROWD)
        self.assertEqual(clients.wrong, 0)
        wait_until(lambda: descriptors(server) == before.descriptors)
        self.assert_echoes(server)
        self.assertEqual(server.stop(), 0)
        self.assertRegex(server.stdout.text(), rf"at once +{CROWD}\n")


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < CROWD + RESERVE:
        skip(f"the hard limit on descriptors (RLIMIT_NOFILE) is {hard}, and {CROWD + RESERVE} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    unittest.main(verbosity=2)
