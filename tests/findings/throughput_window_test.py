"""What a receive window costs on a long path, and that its remedies help."""

import unittest

from finding_case import ATTEMPTS, LONG_PATH, LONG_PATH_RTT_S, FindingCase
from path_lab import skip_unless_possible


class PeerWindow(FindingCase):
    def upload_into_small_buffer(self, lab):
        """The rate, its F05, and the rate as a share of window / round trip."""
        for _ in range(ATTEMPTS):
            report = self.upload(lab, server=["-o", "rcvbuf=32K"])
            finding = self.found(report, "F05", "warning")
            # The smoothed round trip: on a busy machine few are as short as the least one, on which the ceiling stands.
            bound = finding["evidence"]["snd_wnd_bytes"] * 1_000_000 / report["path"]["rtt_us"]
            share = report["sent_bytes_per_s"] / bound
            if abs(share - 1) <= 0.15:
                break
        return report["sent_bytes_per_s"], finding, share

    def test_the_window_and_the_round_trip_are_the_rate(self):
        lab = self.path(**LONG_PATH)
        rate, finding, share = self.upload_into_small_buffer(lab)
        self.assertAlmostEqual(share, 1, delta=0.15)
        evidence = finding["evidence"]
        self.assertLess(rate, evidence["snd_wnd_bytes"] / LONG_PATH_RTT_S)
        self.assertGreater(evidence["rwnd_limited_percent"], 60)
        self.assertGreaterEqual(evidence["rtt_us"], LONG_PATH_RTT_S * 1_000_000)
        window_per_round_trip = evidence["snd_wnd_bytes"] * 1_000_000 / evidence["rtt_us"]
        self.assertAlmostEqual(evidence["ceiling_bytes_per_s"], window_per_round_trip, delta=1)
        self.assertIn("on the peer: do not set a small SO_RCVBUF", finding["remedy"])

        mended = self.fill(self.upload, lab)
        self.assert_gone(mended, "F05", but_for="note")  # a window that grows by autotuning is full for a while


class WindowScale(FindingCase):
    def test_without_a_scale_64_kib_are_on_their_way_until_the_peer_agrees_to_it(self):
        lab = self.path(**LONG_PATH)
        lab.far.set_sysctl("net.ipv4.tcp_window_scaling", 0)
        limited = self.upload(lab)
        finding = self.found(limited, "F04", "warning")
        self.assertEqual(finding["evidence"]["greatest_window_bytes"], 65535)
        self.assertLess(limited["sent_bytes_per_s"], 65535 / LONG_PATH_RTT_S)
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
