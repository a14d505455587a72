"""A peer that does not read: what both ends are told of it, and whom a user timeout takes for dead."""

import socket
import unittest

from dead_case import DeadCase, inspected, with_advice
from finding_case import PORT
from lab_case import wait_until
from path_lab import skip_unless_possible
from tcpkit_run import PATIENCE_S, validated

USER_TIMEOUT_S = 3
SETTINGS = [f"user-timeout={USER_TIMEOUT_S}s"]


def ids(report):
    return [finding["id"] for finding in report["findings"]]


class SlowReader(DeadCase):
    def setUp(self):
        super().setUp()
        self.lab = self.path(rate="100M")
        with self.lab.far.inside():
            self.listener = self._stack.enter_context(socket.create_server((self.lab.FAR, PORT)))

    def accept(self):
        """A connection from which nobody reads."""
        self.listener.settimeout(PATIENCE_S)
        connection = self._stack.enter_context(self.listener.accept()[0])
        connection.settimeout(PATIENCE_S)
        return connection

    def stream(self, duration, settings):
        return self.start_sending(self.lab, "--json", "--mode", "stream", "-d", duration, "--timeout", "1m",
                                  settings=settings)

    def answers(self):
        return self.lab.counters()["far_to_near"]["packets"]

    def sent_bytes(self):
        return self.lab.counters()["near_to_far"]["bytes"]

    def test_a_user_timeout_ends_a_connection_to_a_live_peer_until_it_is_taken_away(self):
        with self.stream("1s", SETTINGS) as sending:
            self.accept()
            report = validated(sending.stdout.read())
        finding = self.found(report, "F17", "warning")
        evidence = finding["evidence"]
        self.assertEqual((evidence["snd_wnd_bytes"], evidence["user_timeout_ms"]), (0, 1000 * USER_TIMEOUT_S))
        self.assertGreater(evidence["notsent_bytes"], 0)

        with self.stream("30s", SETTINGS) as sending:
            self.accept()
            report = validated(sending.stdout.read())
        self.assertEqual((report["errors"], report["first_failure"]["code"]), (1, "ETIMEDOUT"))
        self.assertGreaterEqual(report["duration_us"], 0.9 * 1_000_000 * USER_TIMEOUT_S)
        self.assertLess(report["duration_us"], 20_000_000)  # and not by the duration asked for

        self.mended(with_advice(SETTINGS, finding, way=1))

    def mended(self, settings):
        """Twice as long it is waited for, and when it reads at last the connection goes on."""
        self.assertEqual(settings, ["user-timeout=0"])
        with self.stream(f"{2 * USER_TIMEOUT_S}s", settings) as sending:
            reader = self.accept()
            before = self.answers()
            report = validated(sending.stdout.read())
            self.assertEqual((report["errors"], report["failures"]["reset"]), (0, 0))
            self.assertGreater(self.answers(), before)  # it was alive all the time
            self.assert_gone(report, "F17")
            received = 0
            while chunk := reader.recv(1 << 20):
                received += len(chunk)
            self.assertGreaterEqual(received, report["bytes_sent"])

    def test_a_program_that_does_not_read_is_named_where_it_runs_until_it_reads(self):
        with self.stream("3s", []) as sending:
            reader = self.accept()
            self.listener.close()  # what is inspected alone is read in full
            wait_until(lambda: "F36" in ids(inspected(self.lab.far, reader)), "a closed window")
            evidence = self.found(inspected(self.lab.far, reader), "F36", "warning")["evidence"]
            self.assertGreater(evidence["rmem_alloc_bytes"], 0)
            self.assertGreaterEqual(evidence["last_data_recv_ms"], 200)
            stalled = self.sent_bytes()
            reader.recv(1 << 24)
            wait_until(lambda: self.sent_bytes() > stalled + 10_000, "more data")  # and not a window probe
            while reader.recv(1 << 20):
                pass
            self.assert_gone(inspected(self.lab.far, reader), "F36")
            self.assertEqual(validated(sending.stdout.read())["errors"], 0)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
