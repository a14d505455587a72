"""probe --watch over a path that changes while it is watched."""

import unittest

from path_lab import PathLab, skip_unless_possible
from watch_case import PACE, WatchCase

PORT = 8888


class Path(WatchCase):
    def path(self, **settings):
        return self.stack.enter_context(PathLab(**settings))

    def watched(self, lab, *words):
        """A watch at the near end, of a server at the far one."""
        self.stack.enter_context(self.served(address=f"{lab.FAR}:{PORT}", start=lab.far.popen))
        return self.watch(PACE, *words, f"{lab.FAR}:{PORT}", start=lab.near.popen)

    def test_the_round_trip_rises_with_the_delay_of_the_path(self):
        lab = self.path(delay="5ms")
        watch = self.watched(lab, "--echo")
        short = watch.sample_where(lambda line: line["echo"]["returned"] >= 10)
        self.assertGreaterEqual(short["tcp_info"]["rtt_us"], 10_000)
        lab.change("delay 50ms")
        long = watch.sample_where(lambda line: line["tcp_info"]["rtt_us"] >= 90_000)
        self.assertLess(long["tcp_info"]["min_rtt_us"], 90_000)  # that of the path before
        self.assertGreaterEqual(long["echo"]["last_us"], 90_000)

    def test_an_idle_connection_keeps_the_round_trip_of_its_handshake(self):
        lab = self.path(delay="5ms")
        watch = self.watched(lab, "-o", "keepalive", "-o", "keepidle=1s", "-o", "keepintvl=1s")
        [first] = watch.samples(1)
        lab.change("delay 100ms")
        answered = watch.sample_where(lambda line: line["growth"] and line["growth"]["segs_in"] > 0)  # to a keepalive
        self.assertEqual(answered["tcp_info"]["rtt_us"], first["tcp_info"]["rtt_us"])

    def test_losses_are_seen_as_they_happen(self):
        lab = self.path(delay="5ms", loss="5%")
        watch = self.watched(lab, "--echo=30K")
        lossy = watch.sample_where(lambda line: line["growth"] and line["growth"]["total_retrans_segments"] > 0)
        self.assertEqual(lossy["rates"]["retransmissions"], lossy["growth"]["total_retrans_segments"])

    def test_a_path_that_goes_down_is_noticed_by_keepalive_probes(self):
        lab = self.path(delay="5ms")
        watch = self.watched(lab, "-o", "keepalive", "-o", "keepidle=1s", "-o", "keepintvl=1s", "-o", "keepcnt=3")
        watch.samples(1)
        lab.change("down")
        watch.sample_where(lambda line: line["tcp_info"]["probes"] >= 2)
        self.assertEqual(self.lost(watch), ("ETIMEDOUT", 5))

    def test_a_path_that_goes_down_with_data_in_flight_is_noticed_by_the_user_timeout(self):
        lab = self.path(delay="5ms")
        watch = self.watched(lab, "--echo", "-o", "user-timeout=2s")
        watch.sample_where(lambda line: line["echo"]["returned"] >= 3)
        lab.change("down")
        stuck = watch.sample_where(lambda line: line["tcp_info"]["backoff"] >= 1)
        self.assertEqual((stuck["tcp_info"]["ca_state"], stuck["tcp_info"]["unacked_segments"]), (4, 1))
        self.assertEqual(self.lost(watch), ("ETIMEDOUT", 5))

    def lost(self, watch):
        """Why, and the exit status."""
        last = watch.rest()[-1]
        self.assertEqual(last["how"], "lost")
        self.assertIn("Connection timed out, after ", watch.errors())
        return last["error"]["code"], watch.status


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
