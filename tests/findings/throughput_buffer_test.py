"""What explicit socket buffers cost on a long path, and what leaving them to the kernel brings."""

import unittest

from finding_case import LONG_PATH, LONG_PATH_BYTES_PER_S, LONG_PATH_RTT_S, FindingCase, left_out
from path_lab import skip_unless_possible


class ReceiveBuffer(FindingCase):
    def test_a_pinned_one_holds_the_rate_below_what_is_expected_until_it_is_left_out(self):
        lab = self.path(**LONG_PATH)
        words = ["-o", "rcvbuf=64K", "--bandwidth", "40M"]
        pinned = self.download(lab, *words)
        finding = self.found(pinned, "F01", "warning")
        evidence = finding["evidence"]
        self.assertEqual(evidence["rcvbuf_bytes"], 2 * 65536)
        self.assertGreaterEqual(evidence["needed_rcvbuf_bytes"], 2 * LONG_PATH_RTT_S * LONG_PATH_BYTES_PER_S)
        self.assertLess(evidence["ceiling_bytes_per_s"], 0.5 * LONG_PATH_BYTES_PER_S)
        self.assertLess(pinned["received_bytes_per_s"], evidence["window_bytes"] / LONG_PATH_RTT_S)

        self.assert_gone(self.fill(self.download, lab, *left_out(finding["remedy"], words)), "F01")

    def test_a_full_one_is_noticed_when_nothing_is_expected(self):
        finding = self.found(self.download(self.path(**LONG_PATH), "-o", "rcvbuf=32K"), "F01", "warning")
        self.assertIn("so it was full", finding["why"])


class SendBuffer(FindingCase):
    def test_a_pinned_one_holds_the_rate_down_until_it_is_left_out(self):
        lab = self.path(**LONG_PATH)
        # Without nodelay Nagle's algorithm keeps a last short segment, which the kernel fills up without a look at the
        # limit (net/ipv4/tcp.c, tcp_sendmsg_locked()): by chance, the buffer then holds many times its size.
        words = ["-o", "sndbuf=16K", "-o", "nodelay"]
        pinned = self.upload(lab, *words)
        finding = self.found(pinned, "F06", "warning")
        evidence = finding["evidence"]
        self.assertEqual(evidence["sndbuf_bytes"], 2 * 16384)
        self.assertTrue(evidence["writes_met_full_buffer"])
        self.assertIn("was set explicitly", finding["why"])
        self.assertLess(pinned["sent_bytes_per_s"], 0.4 * LONG_PATH_BYTES_PER_S)

        self.assert_gone(self.fill(self.upload, lab, *left_out(finding["remedy"], words)), "F06")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
