"""A measurement that is interrupted, stopped for a while, or has nobody to tell its result."""

import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import time
import unittest

from peer import Peer, echo, silent
from send_case import SLACK_S, SendCase, Sending, eventually, note_text, state
from serve_run import Server
from tcpkit_run import BINARY, validated

FOREVER = ("-d", "1h", "--timeout", "1h")
LITTLE = 4096  # the smallest pipe, F_SETPIPE_SZ of fcntl(2)
STOP_S = 0.3


def bytes_in(pipe):
    """How many lie in it unread, pipe(7)."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


class Running(SendCase):
    """A run is under way when the peer has got requests."""

    def start(self, *words, talk=echo, connections=1, **options):
        peer = Peer(talk)
        self.addCleanup(peer.close)
        sending = Sending(*words, *FOREVER, peer.address, **options)
        self.addCleanup(sending.close)
        self.assertTrue(eventually(lambda: len(peer.connections) >= connections))
        return sending

    def start_measuring(self, *words, **options):
        """As NDJSON, where an interval with requests has been told."""
        sending = self.start("--format", "ndjson", "--report-interval", "20ms", *words, **options)
        self.assertIsNotNone(sending.stdout.wait_for('"interval"' if "idle" in words else '"requests":[1-9]'))
        return sending

    def summary(self, sending, status):
        self.assertEqual(sending.wait(SLACK_S), status, sending.stderr.text())
        document = validated(sending.stdout.all()[-1])
        self.check_sound(document)
        return document


class Interrupted(Running):
    def test_sigint_tells_what_there_is(self):
        for words in (("--mode", "rr"), ("-c", "5"), ("--mode", "crr"), ("--rate", "200"), ("--mode", "stream")):
            with self.subTest(words):
                sending = self.start_measuring(*words)
                sending.signal(signal.SIGINT)
                document = self.summary(sending, 130)
                self.assertTrue(document["interrupted"])
                self.assertGreater(document["requests"], 0)
                # With a schedule, those that were due and not answered yet are told: a stall may be under way.
                self.assertEqual(document["errors"], document["failures"]["unfinished"] if "--rate" in words else 0)

    def test_one_json_object(self):
        with Server("--json") as server, Sending("--json", "--mode", "rr", *FOREVER, server.addresses[0]) as sending:
            server.wait_for_event("connected")
            sending.signal(signal.SIGINT)
            self.assertEqual(sending.wait(SLACK_S), 130, sending.stderr.text())
        self.assertTrue(validated(sending.stdout.text())["interrupted"])

    def test_text(self):
        sending = self.start("--mode", "rr", "--report-interval", "20ms")
        self.assertIsNotNone(sending.stdout.wait_for("/s  p50 "))
        sending.signal(signal.SIGINT)
        self.assertEqual(sending.wait(SLACK_S), 130)
        text = sending.stdout.text()
        self.assertIn("interrupted: these are the numbers so far", text)
        self.assertRegex(text, r"(?m)^  requests +[1-9]")
        self.assertRegex(text, r"(?m)^  p50 ")
        self.assertEqual(sending.stderr.text(), "")

    def test_sigterm_likewise(self):
        sending = self.start_measuring("--mode", "rr")
        sending.signal(signal.SIGTERM)
        self.assertTrue(self.summary(sending, 143)["interrupted"])

    def test_what_had_been_sent_is_no_failure_of_the_server(self):
        """A silent one: the request under way when it is interrupted is nobody's fault."""
        for words in (("--mode", "rr"), ("--mode", "crr"), ("--mode", "rr", "--warmup", "1h")):
            with self.subTest(words):
                sending = self.start("--json", *words, talk=silent)
                sending.signal(signal.SIGINT)
                status = sending.wait(SLACK_S)
                self.assertIn(status, (130, -signal.SIGINT))  # the latter: the run had not begun
                if status == 130:
                    document = validated(sending.stdout.text())
                    self.assertEqual(document["requests"], 0)
                    self.check_failures(document, **{"unfinished": document["errors"]} if document["errors"] else {})

    def test_a_second_one_ends_it_at_once(self):
        """The result does not fit into a pipe that nobody reads."""
        reader, writer = os.pipe()
        with os.fdopen(reader), os.fdopen(writer, "w") as stdout, Server("--json") as server:
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, LITTLE)
            with Sending("--json", "--mode", "rr", *FOREVER, server.addresses[0], stdout=stdout) as sending:
                server.wait_for_event("connected")
                self.assertTrue(eventually(lambda: catches(sending.pid, signal.SIGINT)))
                sending.signal(signal.SIGINT)
                self.assertTrue(eventually(lambda: bytes_in(reader) == LITTLE))
                self.assertIsNone(sending.process.poll())
                sending.signal(signal.SIGINT)
                self.assertEqual(sending.wait(SLACK_S), -signal.SIGINT)

    def test_while_connections_are_opened(self):
        """Nothing is measured yet, so there is nothing to tell."""
        with Sending("--mode", "rr", "--timeout", "1h", "--wait", "1h", "127.0.0.1:1") as sending:
            self.assertTrue(eventually(lambda: state(sending.pid) == "S"))
            sending.signal(signal.SIGINT)
            self.assertIn(sending.wait(SLACK_S), (130, -signal.SIGINT))
            self.assertEqual(sending.stdout.text(), "")


def catches(pid, number):
    """Whether a process has a handler for a signal, proc(5)."""
    with open(f"/proc/{pid}/status") as status:
        caught = int(re.search(r"SigCgt:\s+([0-9a-f]+)", status.read()).group(1), 16)
    return bool(caught >> (number - 1) & 1)


class Stopped(Running):
    """SIGSTOP: the process does not run, and what that does to its numbers is not the server's doing."""

    def stop_for(self, sending, seconds):
        sending.signal(signal.SIGSTOP)
        self.assertTrue(eventually(lambda: state(sending.pid) == "T"))
        time.sleep(seconds)  # what is measured
        sending.signal(signal.SIGCONT)

    def measure_with_stop(self, *words, **options):
        sending = self.start_measuring(*words, **options)
        self.stop_for(sending, STOP_S)
        told = len(sending.stdout.all())
        self.assertTrue(eventually(lambda: len(sending.stdout.all()) >= told + 2))
        sending.signal(signal.SIGINT)
        return self.summary(sending, 130)

    def test_it_is_told(self):
        for words in (("--mode", "rr"), ("--rate", "500"), ("--mode", "crr"), ("--mode", "stream"), ("--mode", "idle")):
            with self.subTest(words):
                document = self.measure_with_stop(*words)
                absences = document["absences"]
                self.assertGreaterEqual(absences["count"], 1)
                self.assertGreaterEqual(absences["longest_us"], (STOP_S - 0.03) * 1e6)
                self.assertGreaterEqual(absences["total_us"], absences["longest_us"])
                self.assertIn("did not run", note_text(document, "absence"))

    def test_on_a_schedule_it_is_the_clients_own_delay(self):
        """What was due meanwhile waited for the process, not for a connection."""
        document = self.measure_with_stop("--rate", "500", "-c", "4")
        self.assertGreaterEqual(document["own_delay_us"]["max"], (STOP_S - 0.03) * 1e6)
        self.assertGreaterEqual(document["latency_intended_us"]["max"], (STOP_S - 0.03) * 1e6)
        self.assertIn("did not run", note_text(document, "absence"))
        self.assertLess(document["late"], STOP_S * 500 / 2)

    def test_it_is_said_in_text(self):
        sending = self.start("--mode", "rr", "--report-interval", "20ms")
        self.assertIsNotNone(sending.stdout.wait_for("/s  p50 "))
        self.stop_for(sending, STOP_S)
        told = len(sending.stdout.all())
        self.assertTrue(eventually(lambda: len(sending.stdout.all()) >= told + 2))
        sending.signal(signal.SIGINT)
        self.assertEqual(sending.wait(SLACK_S), 130)
        self.assertIn("this process did not run", sending.stdout.text().replace("\n  ", " "))

    def test_it_is_no_silence_of_the_server(self):
        """A stop longer than the timeout, with a request under way all the time, costs none of them."""
        def slow_echo(connection, _):
            while request := connection.recv(64):
                time.sleep(0.01)
                connection.sendall(request)

        peer = Peer(slow_echo)
        self.addCleanup(peer.close)
        words = ("--format", "ndjson", "--report-interval", "50ms", "--mode", "rr", "-c", "4", "--timeout", "1s")
        with Sending(*words, "-d", "1h", peer.address) as sending:
            self.assertIsNotNone(sending.stdout.wait_for('"interval"'))
            self.stop_for(sending, 1.3)
            told = len(sending.stdout.all())
            self.assertTrue(eventually(lambda: len(sending.stdout.all()) >= told + 2))
            sending.signal(signal.SIGINT)
            document = self.summary(sending, 130)
        self.assertEqual(document["errors"], 0, document["first_failure"])
        self.assertGreaterEqual(document["absences"]["count"], 1)

    def test_continued_without_a_stop_nothing_is_told(self):
        """A signal alone is no absence. Others may be, on a busy host, but not for long."""
        sending = self.start_measuring("--mode", "rr")
        for _ in range(100):
            sending.signal(signal.SIGCONT)
        sending.signal(signal.SIGINT)
        self.assertLess(self.summary(sending, 130)["absences"]["longest_us"], STOP_S * 1e6)


class NobodyListens(Running):
    def check_quiet(self, sending, statuses=(0, 141, -signal.SIGPIPE)):
        self.assertIn(sending.wait(SLACK_S), statuses)
        self.assertEqual(sending.stderr.text(), "")

    def leave_while_lines_are_told(self, form, **options):
        with Server() as server:
            reader, writer = os.pipe()
            with os.fdopen(writer, "w") as stdout:
                words = ("--format", form, "--mode", "rr", "--report-interval", "10ms", *FOREVER)
                sending = Sending(*words, server.addresses[0], stdout=stdout, **options)
            with sending:
                self.assertTrue(os.read(reader, 1))
                os.close(reader)
                self.check_quiet(sending)

    def test_a_pipe_closed_while_lines_are_told(self):
        for form in ("ndjson", "text"):
            with self.subTest(form):
                self.leave_while_lines_are_told(form)

    def test_the_same_where_sigpipe_is_ignored(self):
        for form in ("ndjson", "text"):
            with self.subTest(form):
                self.leave_while_lines_are_told(form, before=("sh", "-c", 'trap "" PIPE; exec "$@"', "sh"))

    def test_a_pipe_closed_before_the_result(self):
        for form in ("json", "text"):
            with self.subTest(form), Server() as server:
                reader, writer = os.pipe()
                os.close(reader)
                with os.fdopen(writer, "w") as stdout:
                    words = ("--format", form, "--mode", "rr", "-n", "3")
                    with Sending(*words, server.addresses[0], stdout=stdout) as sending:
                        self.check_quiet(sending)

    def test_a_full_disk(self):
        for form, more in (("json", ()), ("text", ()), ("ndjson", ("--report-interval", "10ms"))):
            with self.subTest(form), Server() as server, open("/dev/full", "w") as full:
                words = ("--format", form, "--mode", "rr", "-d", "50ms", *more, server.addresses[0])
                with Sending(*words, stdout=full) as sending:
                    self.assertEqual(sending.wait(SLACK_S), 8)
                    self.assertIn("No space left on device", sending.stderr.text())

    def test_a_full_disk_ends_a_long_run_at_once(self):
        """Nobody would ever read what it measures."""
        with Server() as server, open("/dev/full", "w") as full:
            words = ("--format", "ndjson", "--mode", "rr", "--report-interval", "10ms", *FOREVER, server.addresses[0])
            with Sending(*words, stdout=full) as sending:
                self.assertEqual(sending.wait(SLACK_S), 8)

    def test_closed_standard_streams(self):
        """>&- and 2>&-: no connection takes their place."""
        with Server() as server:
            script = '"$0" send --mode rr -n 5 "$1" >&- 2>&- <&-'
            done = subprocess.run(["sh", "-c", script, BINARY, server.addresses[0]], timeout=SLACK_S, check=False)
            self.assertIn(done.returncode, (0, 8))
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
