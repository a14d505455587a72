"""What tests of a measuring `tcpkit send` share: how it is run, and what must be right about every result."""

import os
import socket
import subprocess
import time
import unittest

from serve_run import Lines
from tcpkit_run import BINARY, PATIENCE_S, validated

SLACK_S = 5  # for a busy host, and for a sanitizer, between the end of a run and the end of its process
ENVIRONMENT = {**os.environ, "LC_ALL": "C", "COLUMNS": ""}


def unused_port():
    """A bound socket that does not listen: its port refuses, and nobody else gets it."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def address_of(bound):
    return "{}:{}".format(*bound.getsockname())


def state(pid):
    """The letter of proc(5): "T" is stopped."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def eventually(holds, patience_s=PATIENCE_S):
    """Asks until it holds; what it last said."""
    until = time.monotonic() + patience_s
    while not (answer := holds()) and time.monotonic() < until:
        time.sleep(0.002)
    return answer


def note_ids(document):
    return [note["id"] for note in document["notes"]]


def finding(document, identifier):
    """The finding, or None."""
    return next((found for found in document["findings"] if found["id"] == identifier), None)


def shows_stall(document):
    """A note says so, or with evidence enough a finding."""
    return "delayed-ack" in note_ids(document) or finding(document, "F08") is not None


def note_text(document, name):
    return next(note["text"] for note in document["notes"] if note["id"] == name)


class Sending:
    """A `tcpkit send` that runs; nothing is left of it after a with block. `before` is what starts the program."""

    def __init__(self, *words, before=(), namespace=None, **options):
        def start():
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
            return subprocess.Popen([*before, BINARY, "send", *words], env=ENVIRONMENT, text=True, **streams)

        self.begin = time.monotonic()
        if namespace:
            with namespace.inside():
                self.process = start()
        else:
            self.process = start()
        self.pid = self.process.pid
        self.stdout = Lines(self.process.stdout) if self.process.stdout else None
        self.stderr = Lines(self.process.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience_s=PATIENCE_S):
        """Its exit status."""
        self.status = self.process.wait(patience_s)
        self.seconds = time.monotonic() - self.begin
        for lines in (self.stdout, self.stderr):
            if lines:
                lines.join()
        return self.status


class SendCase(unittest.TestCase):
    def run_send(self, *words, status=0, within_s=PATIENCE_S, **options):
        """The ended process; killed, and a failure, where it takes longer."""
        with Sending(*words, **options) as sending:
            try:
                got = sending.wait(within_s)
            except subprocess.TimeoutExpired:
                self.fail(f"send {words} does not end within {within_s} s")
            told = sending.stdout.text()[:3000] + sending.stderr.text()
            if status is not None:
                self.assertEqual(got, status, f"send {words}: {told}")
            return sending

    def measure(self, *words, **options):
        """The one JSON object of a measurement, sound."""
        document = validated(self.run_send("--json", *words, **options).stdout.text())
        if "error" not in document:
            self.check_sound(document)
        return document

    def check_sound(self, document):
        """What holds for any measurement, however it ended."""
        self.assertEqual(document["errors"], sum(document["failures"].values()))
        self.assertEqual(document["errors"] > 0, document["first_failure"] is not None
                         or document["failures"]["unfinished"] > 0, document)
        times = [value for value in document["latency_us"].values() if value is not None]
        has_requests = document["mode"] in ("rr", "crr", "wwr")
        self.assertEqual(bool(times), has_requests and document["requests"] > 0)
        latency = document["latency_us"]
        if times:
            ordered = [latency[name] for name in ("min", "p50", "p90", "p99", "p99_9", "p99_99", "max")]
            self.assertEqual(ordered, sorted(ordered))
        client = document["client"]
        # One thread, one processor; and a little for its last look at the connections, after the last reply.
        last_look_us = 500 + 20 * document["connections"]
        self.assertLessEqual(client["cpu_user_us"] + client["cpu_system_us"], 1.1 * document["duration_us"] + last_look_us)

    def check_failures(self, document, **wanted):
        """The kinds of failure that there were, and how many of each."""
        got = {kind: count for kind, count in document["failures"].items() if count}
        self.assertEqual(got, wanted, document["first_failure"])
