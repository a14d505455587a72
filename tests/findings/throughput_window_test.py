"""What a receive window costs on a long path, and that its remedies help."""

import unittest

from finding_case import FindingCase
from path_lab import skip_unless_possible

PATH_BYTES_PER_S = 40_000_000 / 8
LONG_PATH = {"delay": "25ms", "rate": "40M"}
ATTEMPTS = 3  # a busy machine makes the round trip longer than the shortest, by which the ceiling is told


class PeerWindow(FindingCase):
    def upload_near_ceiling(self, lab):
        """A transfer to a small receive buffer, and its F05."""
        for _ in range(ATTEMPTS):
            report = self.upload(lab, server=["-o", "rcvbuf=32K"])
            finding = self.found(report, "F05", "warning")
            if report["sent_bytes_per_s"] >= 0.85 * finding["evidence"]["ceiling_bytes_per_s"]:
                break
        return report, finding

    def test_the_window_and_the_round_trip_are_the_rate(self):
        lab = self.path(**LONG_PATH)
        report, finding = self.upload_near_ceiling(lab)
        evidence = finding["evidence"]
        self.assertGreater(evidence["rwnd_limited_percent"], 60)
        self.assertGreaterEqual(evidence["rtt_us"], 50_000)
        window_per_round_trip = evidence["snd_wnd_bytes"] * 1_000_000 / evidence["rtt_us"]
        self.assertAlmostEqual(evidence["ceiling_bytes_per_s"], window_per_round_trip, delta=1)
        self.assertAlmostEqual(report["sent_bytes_per_s"] / window_per_round_trip, 1, delta=0.15)
        self.assertIn("on the peer: do not set a small SO_RCVBUF", finding["remedy"])

        mended = self.upload(lab)
        self.assert_gone(mended, "F05")
        self.assertGreater(mended["sent_bytes_per_s"], 0.8 * PATH_BYTES_PER_S)


class WindowScale(FindingCase):
    def test_without_a_scale_64_kib_are_on_their_way_until_the_peer_agrees_to_it(self):
        lab = self.path(**LONG_PATH)
        lab.far.set_sysctl("net.ipv4.tcp_window_scaling", 0)
        limited = self.upload(lab)
        finding = self.found(limited, "F04", "warning")
        self.assertEqual(finding["evidence"]["greatest_window_bytes"], 65535)
        self.assertLess(limited["sent_bytes_per_s"], 1.05 * finding["evidence"]["ceiling_bytes_per_s"])
        self.assertIn("net.ipv4.tcp_window_scaling=0 at the peer", finding["remedy"])

        lab.far.set_sysctl("net.ipv4.tcp_window_scaling", 1)
        mended = self.upload(lab)
        self.assert_gone(mended, "F04")
        self.assertGreater(mended["sent_bytes_per_s"], 2.5 * limited["sent_bytes_per_s"])

    def test_on_a_short_path_the_missing_scale_is_a_note(self):
        lab = self.path(delay="1ms", rate="40M")
        lab.far.set_sysctl("net.ipv4.tcp_window_scaling", 0)
        self.found(self.upload(lab, "--bandwidth", "40M"), "F04", "note")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
