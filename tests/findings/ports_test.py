"""Local ports that are all in TIME_WAIT: the next connection fails, unless they may be used again."""

import time
import unittest

from dead_case import DeadCase
from path_lab import skip_unless_possible

PORTS = 40
REUSE_AFTER_S = 1  # net.ipv4.tcp_tw_reuse_delay; before there was that, a second, too


class TimeWait(DeadCase):
    def connect_each(self, lab, requests, *words):
        """As many connections, one after the other, which this end closes."""
        with self.serving(lab):
            return self.attempt(lab, "--mode", "crr", "-n", str(requests), *words)

    def narrow_path(self):
        lab = self.path()
        lab.near.set_sysctl("net.ipv4.ip_local_port_range", f"40000 {40000 + PORTS - 1}")
        lab.near.set_sysctl("net.ipv4.tcp_tw_reuse", 2)  # the default: not towards other hosts
        return lab

    def assert_used_up(self, lab):
        """A warning at first; then an error, and nothing can be connected any more. Returns the finding."""
        early = self.connect_each(lab, PORTS * 85 // 100)
        self.assertEqual(early["errors"], 0)
        evidence = self.found(early, "F34", "warning")["evidence"]
        self.assertEqual((evidence["ports"], evidence["net_ipv4_tcp_tw_reuse"]), (PORTS, 2))
        self.assertGreater(evidence["time_wait_to_peer"], PORTS * 80 // 100)
        self.assertLessEqual(evidence["time_wait_to_peer"], PORTS * 95 // 100)

        late = self.connect_each(lab, PORTS)
        self.assertEqual(late["failures"]["connect"], late["errors"])
        self.assertGreaterEqual(late["errors"], PORTS * 80 // 100)
        self.assertEqual(late["first_failure"]["code"], "EADDRNOTAVAIL")
        return self.found(late, "F34", "error")

    def test_they_run_out_until_they_may_be_used_again(self):
        lab = self.narrow_path()
        self.assertIn("net.ipv4.tcp_tw_reuse=1", self.assert_used_up(lab)["remedy"])
        lab.near.set_sysctl("net.ipv4.tcp_tw_reuse", 1)
        time.sleep(2 * REUSE_AFTER_S)  # what is tested is that the time has passed
        mended = self.connect_each(lab, 2 * PORTS, "--rate", "20")
        self.assertEqual((mended["requests"], mended["errors"]), (2 * PORTS, 0))
        self.found(mended, "F34", "note")

    def test_connections_that_are_kept_open_need_none(self):
        lab = self.narrow_path()
        with self.serving(lab):
            report = self.attempt(lab, "--mode", "rr", "-n", str(10 * PORTS))
        self.assertEqual((report["requests"], report["errors"]), (10 * PORTS, 0))
        self.assert_gone(report, "F34")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
