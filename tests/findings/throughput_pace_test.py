"""A sender that holds itself back: by a pacing limit, and by starting anew after a pause."""

import os
import socket
import threading
import time
import unittest

from finding_case import PORT, FindingCase, left_out, set_advised_sysctl
from inspect_case import by_inode, inspected
from lab_case import congestion_window, transfer, unacked, wait_until
from path_lab import skip_unless_possible

LONG_PATH = {"delay": "50ms", "rate": "100M"}
ROUND_TRIP_US = 100_000
PAUSE_S = 1
BURST = 500_000


class PacingLimit(FindingCase):
    def test_it_is_found_to_be_the_rate_until_it_is_left_out(self):
        lab = self.path(delay="10ms", rate="40M")
        words = ["-o", "max-pacing-rate=1M", "--bandwidth", "40M"]
        paced = self.upload(lab, *words)
        finding = self.found(paced, "F30", "warning")
        self.assertEqual(finding["evidence"]["max_pacing_rate_bytes_per_s"], 1 << 20)
        self.assertAlmostEqual(paced["sent_bytes_per_s"] / (1 << 20), 1, delta=0.15)

        mended = self.upload(lab, *left_out(finding["remedy"], words))
        self.assert_gone(mended, "F30")
        self.assertGreater(mended["sent_bytes_per_s"], 2.5 * paced["sent_bytes_per_s"])

    def test_what_was_asked_for_is_a_note(self):
        lab = self.path(delay="10ms", rate="40M")
        self.found(self.upload(lab, "-o", "max-pacing-rate=1M"), "F30", "note")


class IdleRestart(FindingCase):
    def answer_slowly(self, lab):
        """A server that takes a burst, thinks, and answers with a byte."""
        with lab.far.inside():
            listener = self._stack.enter_context(socket.create_server((lab.FAR, PORT)))

        def serve():
            while True:
                connection = listener.accept()[0]
                with connection:
                    while len(connection.recv(BURST, socket.MSG_WAITALL)) == BURST:
                        time.sleep(PAUSE_S)
                        connection.sendall(b".")

        threading.Thread(target=serve, daemon=True).start()

    def bursts(self, lab):
        """The report of some bursts with a pause after each."""
        return self.send(lab, "--mode", "rr", "-s", str(BURST), "--reply", "bytes:1", "-n", "4")

    def test_a_burst_after_a_pause_starts_slowly_until_that_is_switched_off(self):
        lab = self.path(**LONG_PATH)
        self.answer_slowly(lab)
        slow = self.bursts(lab)
        finding = self.found(slow, "F39", "note")
        evidence = finding["evidence"]
        self.assertLess(evidence["restart_cwnd"], evidence["snd_cwnd"])
        self.assertGreaterEqual(evidence["idle_us"], PAUSE_S * 1_000_000)
        self.assertGreater(evidence["idle_us"], evidence["rto_us"])

        set_advised_sysctl(finding["remedy"], lab.near)
        mended = self.bursts(lab)
        self.assert_gone(mended, "F39")
        gained_us = slow["latency_us"]["min"] - mended["latency_us"]["min"]
        self.assertGreater(gained_us, 1.5 * ROUND_TRIP_US)  # 49 + 98 + 196 segments: two round trips more

    def burst_and_pause(self, lab):
        """The sending end of a connection that sent a burst and then nothing, and its congestion window."""
        with lab.far.inside():
            listener = self._stack.enter_context(socket.create_server((lab.FAR, 0)))
        with lab.near.inside():
            near = self._stack.enter_context(socket.create_connection(listener.getsockname()))
        far = self._stack.enter_context(listener.accept()[0])
        transfer(near, far, BURST)
        wait_until(lambda: unacked(near) == 0, "the acknowledgment of the burst")
        time.sleep(PAUSE_S)  # the pause is what is tested
        return near, congestion_window(near)

    def judged(self, lab, connection):
        """What tcpkit inspect says of a connection of ours."""
        return by_inode(inspected("--pid", os.getpid(), namespace=lab.near))[os.fstat(connection.fileno()).st_ino]

    def test_the_window_that_inspect_foretells_is_that_of_the_next_write(self):
        lab = self.path(**LONG_PATH)
        near, window = self.burst_and_pause(lab)
        evidence = self.found(self.judged(lab, near), "F39", "note")["evidence"]
        self.assertEqual(evidence["snd_cwnd"], window)
        self.assertLessEqual(evidence["restart_cwnd"], window // 4)  # halved for each timeout, which is about 300 ms
        near.sendall(b".")
        self.assertLessEqual(congestion_window(near), evidence["restart_cwnd"])  # the pause was longer by then

    def test_switched_off_the_next_write_finds_the_window_as_it_was(self):
        lab = self.path(**LONG_PATH)
        lab.near.set_sysctl("net.ipv4.tcp_slow_start_after_idle", 0)
        near, window = self.burst_and_pause(lab)
        self.assertGreater(window, 100)
        self.assert_gone(self.judged(lab, near), "F39")
        near.sendall(b".")
        self.assertGreaterEqual(congestion_window(near), window)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
