"""What explicit socket buffers cost on a long path, and what leaving them to the kernel brings."""

import unittest

from finding_case import FindingCase, left_out
from path_lab import skip_unless_possible

PATH_BYTES_PER_S = 40_000_000 / 8
LONG_PATH = {"delay": "25ms", "rate": "40M"}


class ReceiveBuffer(FindingCase):
    def test_a_pinned_one_holds_the_rate_below_what_is_expected_until_it_is_left_out(self):
        lab = self.path(**LONG_PATH)
        words = ["-o", "rcvbuf=64K", "--bandwidth", "40M"]
        pinned = self.download(lab, *words)
        finding = self.found(pinned, "F01", "warning")
        evidence = finding["evidence"]
        self.assertEqual(evidence["rcvbuf_bytes"], 2 * 65536)
        self.assertGreaterEqual(evidence["needed_rcvbuf_bytes"], 2 * 0.050 * PATH_BYTES_PER_S)
        self.assertLess(evidence["ceiling_bytes_per_s"], 0.5 * PATH_BYTES_PER_S)
        self.assertLess(pinned["received_bytes_per_s"], 1.05 * evidence["ceiling_bytes_per_s"])

        mended = self.download(lab, *left_out(finding["remedy"], words))
        self.assert_gone(mended, "F01")
        self.assertGreater(mended["received_bytes_per_s"], 0.8 * PATH_BYTES_PER_S)

    def test_a_full_one_is_noticed_when_nothing_is_expected(self):
        finding = self.found(self.download(self.path(**LONG_PATH), "-o", "rcvbuf=32K"), "F01", "warning")
        self.assertIn("so it was full", finding["why"])


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
