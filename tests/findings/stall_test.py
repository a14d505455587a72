"""The stall of a request in two writes, and the three things that end it."""

import unittest

from dead_case import DeadCase, with_advice
from path_lab import skip_unless_possible

WITHOUT_QUICK_ACKS = ["--reply-every", "64", "-o", "quickack=off"]
REQUESTS = 50
# A delayed acknowledgment takes 40 ms or more (TCP_DELACK_MIN); without it there are two round trips of 2 ms.
STALL_US, NO_STALL_US = 40_000, 30_000


class WriteWriteRead(DeadCase):
    def ask(self, lab, mode="wwr", settings=(), server=()):
        with self.serving(lab, *(server or WITHOUT_QUICK_ACKS)):
            return self.attempt(lab, "--mode", mode, "-n", str(REQUESTS), settings=settings)

    def stalled(self, lab):
        """The finding, and how long the requests took."""
        report = self.ask(lab)
        finding = self.found(report, "F08", "warning")
        self.assertEqual(finding["evidence"]["requests"], REQUESTS)
        self.assertEqual(finding["evidence"]["median_us"], report["latency_us"]["p50"])
        self.assertGreater(report["latency_us"]["p50"], STALL_US)
        self.assertGreater(report["latency_us"]["p50"] - 2 * finding["evidence"]["rtt_us"], 38_000)
        return finding

    def assert_quick(self, report):
        self.assert_gone(report, "F08")
        self.assertEqual((report["requests"], report["errors"]), (REQUESTS, 0))
        self.assertLess(report["latency_us"]["p50"], NO_STALL_US)

    def test_nodelay_at_the_writer_ends_it(self):
        lab = self.path(delay="1ms")
        finding = self.stalled(lab)
        self.assertIn("at the writer", finding["remedy"])
        settings = with_advice([], finding, way=1)
        self.assertEqual(settings, ["nodelay"])
        self.assert_quick(self.ask(lab, settings=settings))

    def test_one_write_in_place_of_two_ends_it(self):
        lab = self.path(delay="1ms")
        self.assertIn("one writev(2)", self.stalled(lab)["remedy"])
        self.assert_quick(self.ask(lab, mode="rr"))

    def test_quick_acknowledgments_at_the_reader_end_it(self):
        lab = self.path(delay="1ms")
        self.stalled(lab)
        self.assert_quick(self.ask(lab, server=["--reply-every", "64", "-o", "quickack=always"]))

    def test_nodelay_at_the_reader_changes_nothing(self):
        report = self.ask(self.path(delay="1ms"), server=[*WITHOUT_QUICK_ACKS, "-o", "nodelay"])
        self.found(report, "F08", "warning")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
