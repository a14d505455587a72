"""tcpkit serve --json: every event fits the published schema, and the schema refuses what is no such event."""

import copy
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import unittest

import jsonschema

from probe_run import needs_root
from serve_run import Server, exchange, serve
from tcpkit_run import BINARY, SCHEMAS, run, validated

SCHEMA = json.loads((SCHEMAS / "tcpkit.serve-1.json").read_text())
EVENTS = {name for name, schema in SCHEMA["$defs"].items() if "event" in schema.get("properties", {})}
SHOWN = ["SO_REUSEADDR", "SO_REUSEPORT", "SO_RCVBUF", "SO_SNDBUF", "TCP_NODELAY", "SO_KEEPALIVE", "TCP_KEEPIDLE",
         "TCP_KEEPCNT", "TCP_KEEPINTVL", "TCP_QUICKACK"]


def sysctl(name):
    return int(pathlib.Path("/proc/sys", name.replace(".", "/")).read_text())


def reset(connection):
    """Closes so that the other side is reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Events(unittest.TestCase):
    def served(self, *words, data=b"hello\n"):
        """The events of a server that had one client, which ended first."""
        with Server("--json", "--accept", "1", *words) as server:
            with server.connect() as client:
                self.address = "{}:{}".format(*client.getsockname())
                self.answer = exchange(client, data)
            self.assertEqual(server.wait(), 0, server.stderr.text())
            self.errors = server.stderr.text()
            return server.events()

    def named(self, events, name):
        return [event for event in events if event["event"] == name]

    def test_order(self):
        events = self.served()
        self.assertEqual(self.answer, b"hello\n")
        self.assertEqual([event["event"] for event in events if event["event"] not in ("draining", "finding")],
                         ["listening", "connected", "closed", "summary"])
        for event in events:
            self.assertEqual(list(event)[:2], ["schema", "event"])

    def test_ndjson_is_the_same(self):
        with Server("--format", "ndjson", "--accept", "1") as server:
            with server.connect() as client:
                exchange(client, b"x")
            self.assertEqual(server.wait(), 0)
            self.assertEqual(server.events()[-1]["event"], "summary")

    def test_backlog(self):
        listening = self.named(self.served("--backlog", "7"), "listening")[0]
        self.assertEqual(listening["backlog"], {"asked": 7, "effective": 7, "somaxconn": sysctl("net.core.somaxconn"),
                                                "max_syn_backlog": sysctl("net.ipv4.tcp_max_syn_backlog")})

    def test_options_of_a_connection(self):
        connected = self.named(self.served(), "connected")[0]
        self.assertEqual(connected["peer"], self.address)
        options = connected["options"]
        self.assertEqual(list(options), SHOWN)
        for symbol, value in {"TCP_NODELAY": True, "SO_KEEPALIVE": True, "TCP_KEEPIDLE": 1800, "TCP_KEEPCNT": 5,
                              "TCP_KEEPINTVL": 15, "SO_REUSEADDR": True, "SO_REUSEPORT": True}.items():
            with self.subTest(symbol):
                row = options[symbol]
                self.assertEqual((row["value"], row["requested"]), (value, value))
                self.assertEqual((row["origin"], row["note"]), ("requested", "serve's default"))
        for symbol in ("SO_RCVBUF", "SO_SNDBUF"):
            self.assertIn(options[symbol]["origin"], ("sysctl", "autotuned"))
            self.assertIsNone(options[symbol]["requested"])

    def test_options_of_the_user(self):
        most = sysctl("net.core.rmem_max")
        events = self.served("-o", "keepidle=10m", "-o", f"rcvbuf={most * 2}", "-o", "user-timeout=20s")
        options = self.named(events, "connected")[0]["options"]
        self.assertEqual(list(options), [*SHOWN, "TCP_USER_TIMEOUT"])
        self.assertEqual(options["TCP_KEEPIDLE"]["value"], 600)
        self.assertEqual((options["TCP_KEEPIDLE"]["origin"], options["TCP_KEEPIDLE"]["note"]), ("requested", None))
        self.assertEqual((options["TCP_USER_TIMEOUT"]["value"], options["TCP_USER_TIMEOUT"]["unit"]), (20000, "ms"))
        buffer = options["SO_RCVBUF"]
        self.assertEqual((buffer["requested"], buffer["value"], buffer["sysctl"]),
                         (most * 2, most * 2, "net.core.rmem_max"))
        changes = [line for line in self.errors.splitlines() if "rcvbuf: asked" in line]
        self.assertEqual(len(changes), 1, self.errors)

    def test_every_option(self):
        options = self.named(self.served("--all"), "connected")[0]["options"]
        rows = validated(run("explain", "--json").stdout)["options"]
        self.assertEqual(set(options), set(rows))
        self.assertEqual(list(options)[:len(SHOWN)], SHOWN)

    def test_traffic(self):
        events = self.served("-vv", data=b"\x1b[2J" + b"x" * 200)
        received = self.named(events, "received")
        self.assertEqual(sum(event["bytes"] for event in received), 204)
        self.assertTrue(received[0]["text"].startswith("\\x1b[2Jxxx"))
        self.assertEqual(sum(event["bytes"] for event in self.named(events, "sent")), 204)

    def test_no_traffic_unless_asked_for(self):
        self.assertEqual(self.named(self.served("-v"), "received"), [])

    def test_end_of_a_connection(self):
        closed = self.named(self.served(), "closed")[0]
        self.assertEqual((closed["peer"], closed["bytes_received"], closed["bytes_sent"], closed["reason"]),
                         (self.address, 6, 6, "client"))
        self.assertEqual((closed["error"], closed["code"], closed["tcp_info_reason"]), (None, None, None))
        self.assertGreater(closed["duration_us"], 0)
        self.assertIn("rtt_us", closed["tcp_info"])

    def test_reset(self):
        with Server("--json", "--accept", "1") as server:
            client = server.connect()
            client.sendall(b"x")
            client.recv(1)
            reset(client)
            self.assertEqual(server.wait(), 0)
            closed = server.events("closed")[0]
        self.assertEqual((closed["reason"], closed["code"]), ("reset", "ECONNRESET"))

    def test_pause(self):
        with Server("--json", "--max-connections", "1") as server:
            first = server.connect()
            second = server.connect()
            paused = server.wait_for_event("paused")
            self.assertEqual((paused["reason"], paused["open"], paused["error"]), ("max-connections", 1, None))
            first.close()
            server.wait_for_event("resumed")
            second.close()
            server.stop()
            self.assertGreaterEqual(server.events("summary")[0]["pauses"], 1)

    def test_drain(self):
        with Server("--json", "--grace", "100ms") as server, server.connect() as client:
            client.sendall(b"x")
            client.recv(1)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.events("draining")[0]["open"], 1)
            self.assertEqual(server.events("draining")[0]["grace_ms"], 100)
            self.assertEqual(server.events("closed")[0]["reason"], "drained")
            self.assertEqual(server.events("summary")[0]["closed"]["drained"], 1)

    def test_summary(self):
        summary = self.served()[-1]
        self.assertEqual((summary["accepted"], summary["peak_connections"]), (1, 1))
        self.assertEqual((summary["bytes_received"], summary["bytes_sent"]), (6, 6))
        self.assertEqual(sum(summary["closed"].values()), 1)
        self.assertEqual(summary["log_lines_dropped"], 0)

    @needs_root
    def test_health(self):
        """A stopped server with a short backlog, in a network namespace that nobody else counts in."""
        program = [sys.executable, str(pathlib.Path(__file__).with_name("overflowing.py"))]
        words = [BINARY, "serve", "--json", "--backlog", "1", "--for", "20s", "--grace", "0", "127.0.0.1:7000"]
        result = subprocess.run(["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *program,
                                 *words], text=True, capture_output=True, timeout=60)
        events = [validated(line) for line in result.stdout.splitlines()]
        health = [event for event in events if event["event"] == "health"]
        self.assertTrue(health, result.stdout + result.stderr)
        self.assertGreater(health[0]["overflows"], 0)
        self.assertEqual(health[0]["backlog"], 1)
        self.assertIn("accept queue full: ", result.stderr)
        self.assertEqual(events[-1]["event"], "summary")
        self.assertGreater(events[-1]["overflows"], 0)

    def test_dropped_lines(self):
        """The reader of the log sleeps while far more comes than a pipe and the queue hold."""
        reader, writer = os.pipe()
        with Server("--json", "--all", stdout=writer) as server:
            os.close(writer)
            with open(reader) as log:
                port = int(json.loads(log.readline())["address"].rsplit(":", 1)[1])
                for _ in range(300):
                    with socket.create_connection(("127.0.0.1", port)) as client:
                        client.sendall(b"x")
                        self.assertEqual(client.recv(1), b"x")
                server.signal()
                lines = log.readlines()
            self.assertEqual(server.wait(), 0)
        events = [validated(line) for line in lines]
        dropped = sum(event["lines"] for event in events if event["event"] == "dropped")
        self.assertGreater(dropped, 0)
        told = sum(event["event"] not in ("listening", "dropped", "summary") for event in events)
        health = 100  # a line a second at most, when other listeners of this network namespace drop connections
        self.assertGreaterEqual(told + dropped, 601)
        self.assertLess(told + dropped, 601 + health)
        self.assertEqual(events[-1]["event"], "summary")
        self.assertEqual(events[-1]["log_lines_dropped"], dropped)

    def test_change(self):
        """Said before a client comes; with --strict it is all there is."""
        result = serve("--json", "--strict", "--backlog", "2000000000")
        self.assertEqual(result.returncode, 1)
        [event] = [validated(line) for line in result.stdout.splitlines()]
        self.assertEqual((event["event"], event["name"], event["requested"]), ("changed", "backlog", 2000000000))
        self.assertEqual(event["sysctl"], "net.core.somaxconn")
        self.assertLess(event["value"], 2000000000)

    def test_failure(self):
        result = serve("--json", "--threads", "0")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(validated(result.stdout)["error"]["code"], "bad_value")


class Strictness(unittest.TestCase):
    """The schema refuses an event that breaks one promise."""

    @classmethod
    def setUpClass(cls):
        with Server("--json", "--accept", "1", "-vv") as server:
            with server.connect() as client:
                exchange(client, b"hello\n")
            server.wait()
            cls.sound = {event["event"]: event for event in server.events()}
        cls.check = jsonschema.Draft202012Validator(SCHEMA).is_valid

    def refused(self, name, change):
        event = copy.deepcopy(self.sound[name])
        change(event)
        self.assertFalse(type(self).check(event))

    def test_events_are_sound(self):
        self.assertLessEqual({"listening", "connected", "received", "sent", "closed", "summary"}, set(self.sound))
        for event in self.sound.values():
            self.assertTrue(type(self).check(event))

    def test_missing_key(self):
        for name, event in self.sound.items():
            for key in event:
                with self.subTest(event=name, key=key):
                    self.refused(name, lambda event, key=key: event.pop(key))

    def test_new_key(self):
        for name in self.sound:
            with self.subTest(name):
                self.refused(name, lambda event: event.update(news=1))

    def test_words_outside_the_vocabulary(self):
        self.refused("closed", lambda event: event.update(reason="bored"))
        self.refused("closed", lambda event: event.update(event="ended"))
        self.refused("summary", lambda event: event.update(schema="tcpkit.serve/2"))
        self.refused("summary", lambda event: event["closed"].update(bored=1))

    def test_other_types(self):
        self.refused("closed", lambda event: event.update(duration_us="1 ms"))
        self.refused("listening", lambda event: event.update(address=8888))
        self.refused("received", lambda event: event.update(bytes=-1))


if __name__ == "__main__":
    unittest.main()
