"""A path that forgets idle connections, as a NAT does, and keepalive that comes too late for it."""

import unittest

from dead_case import DeadCase, with_advice
from path_lab import skip_unless_possible

LIMIT = "3s"
PAUSE = "4500ms"  # for a few probes, or none


class ForgetfulPath(DeadCase):
    def judged(self, lab, settings):
        with self.serving(lab):
            return self.probe(lab, "--idle-limit", LIMIT, settings=settings)

    def after_a_pause(self, lab, settings):
        """Two messages over one connection that is idle in between."""
        with self.serving(lab):
            report = self.attempt(lab, "--keep", "-n", "2", "--interval", PAUSE, "--timeout", "2s", settings=settings,
                                  message=["ping"])
        return report

    def assert_lost_until_mended(self, settings, evidence, advised):
        lab = self.path(forget_idle=LIMIT)
        finding = self.found(self.judged(lab, settings), "F13", "warning")
        self.assertEqual(finding["evidence"], {**evidence, "idle_limit_s": 3})
        report = self.after_a_pause(lab, settings)
        self.assertEqual((report["requests"], report["errors"]), (1, 1), report["failure"])
        self.assertEqual(report["failure"]["code"], "timeout")
        self.assertGreater(lab.counters()["near_to_far"]["dropped"]["forgotten"], 0)

        mended = with_advice(settings, finding)
        self.assertEqual(sorted(mended), sorted(advised))
        self.assert_gone(self.judged(lab, mended), "F13")
        report = self.after_a_pause(lab, mended)
        self.assertEqual((report["requests"], report["errors"]), (2, 0), report["failure"])

    def test_a_first_probe_after_the_limit_finds_nobody(self):
        self.assert_lost_until_mended(["keepalive", "keepidle=1h", "keepintvl=1s"],
                                      {"keepalive": True, "keepidle_s": 3600, "keepintvl_s": 1},
                                      ["keepalive", "keepidle=1s", "keepintvl=1s"])

    def test_a_second_probe_after_the_limit_finds_nobody_though_the_first_was_answered(self):
        self.assert_lost_until_mended(["keepalive", "keepidle=1s"],
                                      {"keepalive": True, "keepidle_s": 1, "keepintvl_s": 75},
                                      ["keepalive", "keepidle=1s", "keepintvl=1s"])

    def test_without_keepalive_nothing_refreshes_it(self):
        self.assert_lost_until_mended([], {"keepalive": False, "keepidle_s": 7200, "keepintvl_s": 75},
                                      ["keepalive", "keepidle=1s", "keepintvl=1s"])


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
