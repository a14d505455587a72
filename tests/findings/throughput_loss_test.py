"""Retransmissions are found, and whether they were needed."""

import unittest

from finding_case import FindingCase
from path_lab import skip_unless_possible

# What is in flight fits into the queue of the path, so that nothing but the accidents asked for happens to it.
SMALL_WINDOW = ["-o", "rcvbuf=64K"]


class Retransmissions(FindingCase):
    def test_loss_is_named_and_slows_down_until_it_ends(self):
        lab = self.path(delay="5ms", rate="40M", loss="2%/0%")
        lossy = self.upload(lab, server=SMALL_WINDOW)
        lost = lab.counters()["near_to_far"]["dropped"]["loss"]
        finding = self.found(lossy, "F25", "warning")
        evidence = finding["evidence"]
        self.assertGreaterEqual(evidence["bytes_retrans_bytes"], 1448 * lost // 2)
        self.assertIn("segments were lost", finding["why"])
        self.assertLess(evidence["dsack_dups"], lost // 2)

        lab.change("loss 0%")
        mended = self.upload(lab, server=SMALL_WINDOW)
        self.assert_gone(mended, "F25")
        self.assertGreater(mended["sent_bytes_per_s"], 1.5 * lossy["sent_bytes_per_s"])

    def test_segments_that_were_overtaken_are_sent_again_for_nothing(self):
        lab = self.path(delay="5ms", rate="40M", reorder="3%/0%", reorder_by="60ms")
        reordered = self.upload(lab, server=SMALL_WINDOW)
        self.assertEqual(sum(lab.counters()["near_to_far"]["dropped"].values()), 0)
        finding = self.found(reordered, "F25", "warning")
        self.assertGreater(finding["evidence"]["dsack_dups"], 10)
        self.assertIn("for nothing", finding["why"])
        self.assertIn("reorders", finding["remedy"])

        lab.change("reorder 0%")
        self.assert_gone(self.upload(lab, server=SMALL_WINDOW), "F25")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
