"""--max-connections and the limits of this host on descriptors."""

import pathlib
import re
import unittest

from host_run import Clients, assert_well, limited, round_trip, serve_limited, take
from probe_run import NOBODY, needs_root
from serve_run import Server


class MaxConnections(unittest.TestCase):
    def soft_limit(self, server):
        limits = pathlib.Path(f"/proc/{server.pid}/limits").read_text()
        return int(re.search(r"Max open files\s+(\d+)", limits).group(1))

    def check_raised(self, **options):
        """Beyond the soft limit, within the hard one: no word about it, and all are served at once."""
        with serve_limited(64, "--max-connections", "300", hard=4096, **options) as server, Clients(server) as clients:
            self.assertGreater(self.soft_limit(server), 300)
            for connection in clients.connect(300):
                self.assertEqual(round_trip(connection), b"?")
            clients.connect()[0].sendall(b"one too many")
            clients.leave(1)
            self.assertEqual(take(clients.all[-1], 12), b"one too many")
            assert_well(self, server, clients)
            self.assertNotIn("hard limit", server.stderr.text())

    def test_it_raises_the_soft_limit(self):
        self.check_raised()

    @needs_root
    def test_it_raises_the_soft_limit_without_privileges(self):
        self.check_raised(before=NOBODY)

    def check_hard(self, **options):
        with serve_limited(64, "--max-connections", "300", **options) as server, Clients(server) as clients:
            warning = server.stderr.wait_for("hard limit")
            self.assertIn("--max-connections 300", warning)
            self.assertIn("64", warning)
            clients.connect(100)
            for connection in clients.all[:40]:
                self.assertEqual(round_trip(connection), b"?")
            assert_well(self, server, clients)

    def test_beyond_the_hard_limit_it_warns_and_goes_on_with_what_fits(self):
        self.check_hard()

    @needs_root
    def test_beyond_the_hard_limit_without_privileges(self):
        self.check_hard(before=NOBODY)

    def test_the_default_leaves_the_limit_alone(self):
        with serve_limited(256, hard=4096) as server:
            self.assertEqual(self.soft_limit(server), 256)
            assert_well(self, server)
            self.assertNotIn("--max-connections", server.stderr.text())
            self.assertIn("the limit on descriptors (ulimit -n) is 256", server.stderr.text())

    def test_nobody_beyond_it_is_served_before_another_leaves(self):
        with Server("--json", "--max-connections", "3", before=limited(1024)) as server, Clients(server) as clients:
            for connection in clients.connect(3):
                self.assertEqual(round_trip(connection), b"?")
            late, = clients.connect()
            late.sendall(b"late")
            server.wait_for_event("paused")
            late.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                late.recv(1)
            clients.leave(1)
            late.settimeout(10)
            self.assertEqual(take(late, 4), b"late")
            assert_well(self, server, clients)


if __name__ == "__main__":
    unittest.main()
