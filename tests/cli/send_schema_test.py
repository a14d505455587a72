"""tcpkit send --json, measuring: the object fits the published schema, and the schema refuses what is no such object."""

import copy
import json
import unittest

import jsonschema

from serve_run import Server
from tcpkit_run import SCHEMAS, run, validated

SCHEMA = json.loads((SCHEMAS / "tcpkit.send-1.json").read_text())
SHORT = ("-d", "200ms")
PERCENTILES = ["min", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"]


def measured(server, *words):
    result = run("send", "--json", f"127.0.0.1:{server.port}", *words)
    assert result.returncode == 0, result.stderr + result.stdout
    return validated(result.stdout)


class Modes(unittest.TestCase):
    def check_requests(self, document):
        self.assertGreater(document["requests"], 0)
        self.assertEqual(document["errors"], 0)
        self.assertEqual(sum(document["failures"].values()), 0)
        self.assertEqual(list(document["latency_us"]), PERCENTILES)
        for name in ("latency_us", "latency_ns"):
            values = [document[name][key] for key in PERCENTILES if key != "mean"]
            self.assertEqual(values, sorted(values))
        self.assertEqual(document["latency_ns"]["p50"] // 1000, document["latency_us"]["p50"])
        self.assertIsNone(document["latency_reason"])

    def check_no_requests(self, document):
        self.assertEqual(set(document["latency_us"].values()), {None})
        self.assertEqual(document["latency_reason"], "this mode has no requests")

    def test_requests(self):
        with Server("-q") as server:
            document = measured(server, *SHORT)
        self.assertEqual((document["mode"], list(document)[0]), ("rr", "schema"))
        self.check_requests(document)
        self.assertEqual(document["bytes_sent"], 64 * document["requests"])
        self.assertEqual(document["bytes_received"], document["bytes_sent"])
        self.assertIsNone(document["late"])
        self.assertNotIn("latency_intended_us", document)
        self.assertGreater(document["tcp_info_after"]["data_segs_out"], document["tcp_info_before"]["data_segs_out"])
        self.assertEqual(document["intervals"], [])
        self.assertEqual(document["plan"]["duration_us"], 200_000)
        self.assertIsNone(document["plan"]["count"])

    def test_count(self):
        with Server("-q") as server:
            document = measured(server, "-c", "2", "-n", "37", "-s", "1000")
        self.assertEqual((document["requests"], document["bytes_sent"], document["opened"]), (37, 37_000, 2))

    def test_a_connection_for_each(self):
        with Server("-q") as server:
            document = measured(server, "--mode", "crr", "-n", "20")
        self.check_requests(document)
        self.assertGreaterEqual(document["opened"], 20)
        self.assertGreater(document["connect_us"]["p50"], 0)
        self.assertIsNone(document["tcp_info_after"])
        self.assertIsNotNone(document["tcp_info_after_reason"])

    def test_two_writes(self):
        with Server("-q", "--reply-every", "64", "-o", "quickack=off") as server:
            document = measured(server, "--mode", "wwr", "-n", "30")
        self.check_requests(document)
        self.assertGreater(document["latency_us"]["max"], 30_000)
        self.assertIn("F08", [finding["id"] for finding in document["findings"]])

    def test_two_writes_to_an_echo(self):
        with Server("-q") as server:
            document = measured(server, "--mode", "wwr", "-n", "30")
        self.assertIn("no-stall", [note["id"] for note in document["notes"]])

    def test_schedule(self):
        with Server("-q") as server:
            document = measured(server, "--rate", "200", *SHORT, "--percentiles", "12.5,99.9")
        self.assertEqual(document["requests"], 40)
        self.assertEqual(document["plan"]["rate_per_s"], 200)
        self.assertIsInstance(document["late"], int)
        self.assertIn("p12_5", document["latency_us"])
        self.assertLessEqual(document["latency_us"]["p50"], document["latency_intended_us"]["p50"])
        self.assertIn("p99", document["own_delay_us"])

    def test_stream(self):
        with Server("-q", "--mode", "discard") as server:
            document = measured(server, "--mode", "stream", *SHORT)
        self.check_no_requests(document)
        self.assertGreater(document["bytes_sent"], 1_000_000)
        self.assertEqual(document["bytes_received"], 0)
        self.assertEqual(document["plan"]["request_bytes"], 65536)

    def test_reversed_stream(self):
        with Server("-q", "--mode", "source") as server:
            document = measured(server, "--mode", "stream", "-R", *SHORT)
        self.check_no_requests(document)
        self.assertGreater(document["bytes_received"], 1_000_000)
        self.assertEqual((document["bytes_sent"], document["plan"]["request_bytes"]), (0, None))

    def test_both_ways(self):
        with Server("-q") as server:
            document = measured(server, "--mode", "bidir", *SHORT)
        self.assertGreater(document["bytes_sent"], 1_000_000)
        self.assertGreater(document["bytes_received"], 1_000_000)

    def test_idle(self):
        with Server("-q") as server:
            document = measured(server, "--mode", "idle", "-c", "5", *SHORT)
        self.check_no_requests(document)
        self.assertEqual((document["peak_connections"], document["errors"]), (5, 0))
        self.assertEqual(document["lifetime_reason"], "the server ended no connection")


class Intervals(unittest.TestCase):
    words = ("-d", "450ms", "--report-interval", "100ms")

    def test_in_one_object(self):
        with Server("-q") as server:
            document = measured(server, *self.words)
        self.assertIn(len(document["intervals"]), (4, 5))
        self.assertEqual(sum(part["requests"] for part in document["intervals"]), document["requests"])
        begins = [part["begin_us"] for part in document["intervals"]]
        self.assertEqual(begins, sorted(begins))

    def test_a_line_each(self):
        with Server("-q") as server:
            result = run("send", "--format", "ndjson", f":{server.port}", *self.words)
        self.assertEqual(result.returncode, 0, result.stderr)
        events = [validated(line) for line in result.stdout.splitlines()]
        self.assertEqual([event["event"] for event in events[:-1]], ["interval"] * (len(events) - 1))
        self.assertIn(len(events), (5, 6))
        self.assertEqual(events[-1]["event"], "summary")
        self.assertNotIn("intervals", events[-1])


class Settings(unittest.TestCase):
    def test_options_say_what_became_of_them(self):
        with Server("-q") as server:
            document = measured(server, "-n", "3", "-c", "1", "-o", "nodelay", "-o", "rcvbuf=64K")
        self.assertEqual(document["options"]["TCP_NODELAY"]["requested"], True)
        self.assertEqual(document["options"]["SO_RCVBUF"]["value"], 131072)
        self.assertEqual(document["options"]["SO_RCVBUF"]["origin"], "requested")

    def test_no_option_is_set_by_default(self):
        with Server("-q") as server:
            document = measured(server, "-n", "3", "-c", "1")
        self.assertEqual({row["requested"] for row in document["options"].values()}, {None})


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with Server("-q") as server:
            cls.document = measured(server, "-n", "3", "-c", "1")
        cls.validator = jsonschema.Draft202012Validator(SCHEMA)

    def refuses(self, change):
        document = copy.deepcopy(self.document)
        change(document)
        self.assertFalse(self.validator.is_valid(document))

    def test_it_takes_the_document(self):
        self.assertTrue(self.validator.is_valid(self.document))

    def test_every_key_that_is_not_optional_is_required(self):
        for key in set(self.document) - {"raw_options", "intervals"}:
            with self.subTest(key):
                self.refuses(lambda document, key=key: document.pop(key))

    def test_it_refuses_other_keys_and_types(self):
        self.refuses(lambda document: document.update(nosuch=1))
        self.refuses(lambda document: document.update(mode="nosuch"))
        self.refuses(lambda document: document.update(requests="3"))
        self.refuses(lambda document: document["latency_us"].update(p50=-1))
        self.refuses(lambda document: document["latency_us"].update(median=1))
        self.refuses(lambda document: document["path"].update(limiter="nosuch"))
        self.refuses(lambda document: document["notes"].append({"id": "nosuch", "text": ""}))


if __name__ == "__main__":
    unittest.main()
