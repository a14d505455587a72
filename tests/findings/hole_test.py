"""Large packets vanish on the path and nobody says so: what the sender is told, and that probing mends it."""

import unittest

from dead_case import DeadCase, backoff, inspected
from finding_case import set_advised_sysctl
from lab_case import LabCase, read_exactly, round_trip, wait_until
from path_lab import skip_unless_possible

LONGEST, MTU = 1200, 1500
HEADERS = 40 + 12  # IPv4, TCP and its timestamps
LEAST_BACKOFF = 3


class BlackHole(DeadCase, LabCase):
    def stuck(self, lab):
        """A connection on which small messages have passed, and no packet of a longer one. What was taken of that."""
        near, far = self.connect(lab)
        for _ in range(5):
            round_trip(near, far)
        near.setblocking(False)
        taken = near.send(bytes(100_000))
        wait_until(lambda: backoff(near) >= LEAST_BACKOFF, "retransmissions in vain")
        return near, far, taken

    def test_it_is_found_and_probing_as_advised_brings_the_data_through(self):
        lab = self.path(mtu=MTU, drop_larger=LONGEST)
        near, far, taken = self.stuck(lab)
        evidence = self.found(inspected(lab.near, near), "F28", "warning")["evidence"]
        self.assertGreaterEqual(evidence["backoff"], LEAST_BACKOFF)
        self.assertEqual((evidence["pmtu_bytes"], evidence["snd_mss_bytes"]), (MTU, MTU - HEADERS))
        self.assertEqual(evidence["net_ipv4_tcp_mtu_probing"], 0)
        self.assertGreater(lab.counters()["near_to_far"]["dropped"]["larger"], LEAST_BACKOFF)

        far.sendall(b"!")
        wait_until(lambda: self.received(near), "a byte from the peer, which is alive")
        finding = self.found(inspected(lab.near, near), "F28", "error")
        far.setblocking(False)
        self.assertRaises(BlockingIOError, far.recv, 1)

        set_advised_sysctl(finding["remedy"], lab.near)
        far.settimeout(60)
        self.assertEqual(len(read_exactly(far, taken)), taken)
        mended = inspected(lab.near, near)
        self.assert_gone(mended, "F28")
        self.assertLessEqual(mended["tcp_info"]["snd_mss_bytes"] + HEADERS, LONGEST)

    def received(self, connection):
        try:
            return connection.recv(1)
        except BlockingIOError:
            return b""


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
