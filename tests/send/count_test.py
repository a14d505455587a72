"""What is counted: not the warm-up, and every byte and request once, in the report intervals and in their sum."""

import json
import unittest

from peer import Peer, echo, read_request, reset
from send_case import SendCase, Sending
from serve_run import Server
from tcpkit_run import validated

SUMMED = ("requests", "errors", "bytes_sent", "bytes_received")


def summary_of(server):
    """The last event of a server that has ended."""
    return validated(server.stdout.all()[-1])


class WarmUp(SendCase):
    def serve_and_measure(self, *words):
        """What send says, and what the server says."""
        with Server("--json") as server:
            document = self.measure("--warmup", "100ms", *words, server.addresses[0])
            self.assertEqual(server.stop(), 0)
        return document, summary_of(server)

    def test_its_requests_are_not_counted(self):
        for words in (("-c", "1"), ("-c", "4"), ("--mode", "wwr", "-o", "nodelay"), ("--mode", "crr"), ("--rate", "2000")):
            with self.subTest(words):
                document, summary = self.serve_and_measure("-n", "50", *words)
                self.assertEqual((document["requests"], document["errors"]), (50, 0))
                self.assertEqual(document["bytes_sent"], 50 * 64)
                self.assertGreater(summary["bytes_received"], document["bytes_sent"])
                self.assertEqual(summary["bytes_received"] % 64, 0)
                self.assertEqual(summary["accepted"], document["opened"])

    def test_nor_its_bytes(self):
        document, summary = self.serve_and_measure("--mode", "stream", "-d", "100ms")
        self.assertGreater(document["bytes_sent"], 0)
        self.assertLess(document["bytes_sent"], summary["bytes_received"])
        self.assertLess(document["duration_us"], 190_000)

    def test_without_it_all_are_counted(self):
        for mode in ("rr", "crr", "wwr"):
            with self.subTest(mode), Server("--json") as server:
                words = ("--mode", mode, "-o", "nodelay", "-n", "50", "-c", "3")
                document = self.measure(*words, server.addresses[0])
                self.assertEqual(server.stop(), 0)
                summary = summary_of(server)
                self.assertEqual(document["bytes_sent"], summary["bytes_received"])
                self.assertEqual(document["bytes_received"], summary["bytes_sent"])
                self.assertEqual(document["bytes_sent"], 50 * 64)


class Intervals(SendCase):
    """NDJSON: a line for each report interval, and the summary."""

    def lines(self, *words, status=0):
        sending = self.run_send("--format", "ndjson", "--report-interval", "50ms", *words, status=status)
        events = [validated(line) for line in sending.stdout.all()]
        self.assertEqual([event["event"] for event in events], ["interval"] * (len(events) - 1) + ["summary"])
        self.check_sound(events[-1])
        return events[:-1], events[-1]

    def check_sums(self, intervals, summary, least_intervals):
        self.assertGreaterEqual(len(intervals), least_intervals)
        for key in SUMMED:
            self.assertEqual(sum(interval[key] for interval in intervals), summary[key], key)
        for kind, count in summary["failures"].items():
            self.assertEqual(sum(interval["failures"][kind] for interval in intervals), count, kind)
        self.check_times(intervals, summary)

    def check_times(self, intervals, summary):
        """One begins where the one before it ended, and the last one with the summary."""
        at = 0
        for interval in intervals:
            self.assertLessEqual(abs(interval["begin_us"] - at), 1)
            at = interval["begin_us"] + interval["duration_us"]
        self.assertLessEqual(abs(at - summary["duration_us"]), 1)
        extremes = [interval["latency_us"] for interval in intervals if interval["requests"] and summary["requests"]]
        if summary["mode"] in ("rr", "crr", "wwr"):
            self.assertEqual(max(times["max"] for times in extremes), summary["latency_us"]["max"])
            self.assertEqual(min(times["min"] for times in extremes), summary["latency_us"]["min"])

    def test_requests(self):
        for words in (("--mode", "rr"), ("--mode", "crr"), ("-c", "5"), ("--rate", "500", "-c", "2"),
                      ("--mode", "wwr", "-o", "nodelay"), ("--warmup", "60ms", "--mode", "rr")):
            with self.subTest(words), Server() as server:
                self.check_sums(*self.lines("-d", "220ms", *words, server.addresses[0]), 4)

    def test_a_number_of_requests(self):
        with Peer(echo) as peer:
            intervals, summary = self.lines("--rate", "500", "-n", "100", peer.address)
        self.check_sums(intervals, summary, 4)
        self.assertEqual(summary["requests"], 100)

    def test_streams(self):
        for words in (("--mode", "stream"), ("--mode", "bidir", "-c", "2"), ("--mode", "idle", "-c", "3")):
            with self.subTest(words), Server() as server:
                self.check_sums(*self.lines("-d", "220ms", *words, server.addresses[0]), 4)

    def test_a_source(self):
        with Server("--mode", "source") as server:
            intervals, summary = self.lines("--mode", "stream", "-R", "-d", "220ms", server.addresses[0])
        self.check_sums(intervals, summary, 4)
        self.assertGreater(summary["bytes_received"], 0)

    def test_failures_are_in_the_interval_where_they_happened(self):
        def talk(connection, _):
            for _ in range(20):
                connection.sendall(read_request(connection))
            read_request(connection)
            reset(connection)

        with Peer(talk) as peer:
            intervals, summary = self.lines("--rate", "400", "-n", "80", peer.address, status=1)
        self.check_sums(intervals, summary, 3)
        self.assertEqual(summary["failures"]["reset"], 3)
        self.assertGreater(len([interval for interval in intervals if interval["errors"]]), 1)

    def test_one_object_has_them_all(self):
        with Server() as server:
            document = self.measure("--mode", "rr", "-d", "220ms", "--report-interval", "50ms", server.addresses[0])
        self.check_sums(document["intervals"], document, 4)

    def test_lines_come_while_it_runs(self):
        """Not at the end: the run is killed after the second, long before its end."""
        with Server() as server:
            sending = Sending("--format", "ndjson", "--report-interval", "20ms", "-d", "1h", server.addresses[0])
            with sending:
                seen = []
                sending.stdout.wait_for(lambda line: seen.append(json.loads(line)) or len(seen) == 2)
                self.assertIsNone(sending.process.poll())
        self.assertEqual([event["event"] for event in seen], ["interval"] * 2)

    def test_text_has_a_line_for_each(self):
        with Server() as server:
            sending = self.run_send("--mode", "rr", "-d", "220ms", "--report-interval", "50ms", server.addresses[0])
        self.assertGreaterEqual(sum("/s  p50 " in line for line in sending.stdout.all()), 4)


if __name__ == "__main__":
    unittest.main()
