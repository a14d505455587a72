"""The log and the echo: whoever reads the one, or does not, the other goes on, and every line is shown or counted."""

import json
import os
import re
import socket
import tempfile
import unittest

from serve_case import ServeCase, read_exactly, wait_until
from serve_run import Server

MESSAGES = 20_000  # with two lines each, more than a pipe and the queue behind it hold


class Pipe:
    """A server's standard output, read when a test wants to."""

    def __init__(self, *words, port_of):
        read_end, write_end = os.pipe()
        self.reader = os.fdopen(read_end, "rb")
        self.server = Server(*words, stdout=write_end)
        os.close(write_end)
        self.server.addresses.append("127.0.0.1:" + port_of(self.reader.readline()))

    def read_rest(self):
        """All lines from here to the end, in a text each."""
        return self.reader.read().decode().splitlines()


def port_of_text(line):
    return re.match(rb"listening on 127\.0\.0\.1:(\d+),", line).group(1).decode()


def port_of_event(line):
    return json.loads(line)["address"].rsplit(":", 1)[1]


class StalledReader(ServeCase):
    def start_piped(self, *words, port_of=port_of_text):
        pipe = Pipe(*words, port_of=port_of)
        self.addCleanup(pipe.reader.close)
        self.addCleanup(pipe.server.close)
        return pipe

    def talk(self, server, messages, message=b"hello, log"):
        with server.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(messages):
                connection.sendall(message)
                self.assertEqual(read_exactly(connection, len(message)), message)

    def counts(self, lines):
        """Lines of traffic that are there, and those that are said to be missing."""
        shown = sum(line.startswith(("received ", "sent ", "connected ", "closed ")) for line in lines)
        missing = sum(int(found.group(1)) for line in lines if (found := re.match(r"(\d+) lines were dropped", line)))
        return shown, missing

    def test_the_echo_goes_on_and_each_line_is_shown_or_counted(self):
        pipe = self.start_piped("-vv")
        self.talk(pipe.server, MESSAGES)
        pipe.server.signal()
        lines = pipe.read_rest()
        self.assertEqual(pipe.server.wait(), 0)
        shown, missing = self.counts(lines)
        self.assertGreater(missing, 0)
        self.assertEqual(shown + missing, 2 * MESSAGES + 2)
        self.assertRegex("\n".join(lines), rf"\n  log lines dropped +{missing}\b")

    def test_a_reader_that_catches_up_sees_lines_again(self):
        pipe = self.start_piped("-vv")
        self.talk(pipe.server, MESSAGES)
        seen = []
        while not any(b"were dropped" in line for line in seen[-1:]):
            seen.append(pipe.reader.readline())
        self.talk(pipe.server, 1, b"here again")
        while b"here again" not in seen[-1]:
            seen.append(pipe.reader.readline())
        pipe.server.signal()
        pipe.read_rest()
        self.assertEqual(pipe.server.wait(), 0)

    def test_events_for_programs_are_dropped_whole_and_counted(self):
        pipe = self.start_piped("--json", "-vv", port_of=port_of_event)
        self.talk(pipe.server, MESSAGES)
        pipe.server.signal()
        events = [json.loads(line) for line in pipe.read_rest()]
        self.assertEqual(pipe.server.wait(), 0)
        missing = sum(event["lines"] for event in events if event["event"] == "dropped")
        shown = sum(event["event"] in ("connected", "received", "sent", "closed") for event in events)
        self.assertGreater(missing, 0)
        self.assertEqual(events[-1]["event"], "summary")
        self.assertEqual(events[-1]["log_lines_dropped"], missing)
        self.assertIn(shown + missing - 2 * MESSAGES, (2, 3))  # and that of draining

    def test_the_server_ends_though_nobody_reads(self):
        pipe = self.start_piped("-vv")
        self.talk(pipe.server, MESSAGES)
        self.assertEqual(pipe.server.stop(), 0)

    def test_a_reader_that_goes_away_is_not_missed(self):
        pipe = self.start_piped("-vv")
        self.talk(pipe.server, 10)
        pipe.reader.close()
        self.talk(pipe.server, MESSAGES // 4)
        self.assertEqual(pipe.server.stop(), 0)

    def test_a_reader_that_goes_away_while_it_stalls_is_not_missed(self):
        pipe = self.start_piped("-vv", "--threads", "2")
        self.talk(pipe.server, MESSAGES)
        pipe.reader.close()
        self.talk(pipe.server, 100)
        self.assertEqual(pipe.server.stop(), 0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NoPlaceForTheLog(ServeCase):
    def start_unread(self, *words, **options):
        """A server whose first line cannot be read: its port is chosen here."""
        address = f"127.0.0.1:{free_port()}"
        server = Server(*words, addresses=(address,), **options)
        self.addCleanup(server.close)
        server.addresses[:] = [address]
        wait_until(lambda: self.listens(server))
        return server

    def listens(self, server):
        with socket.socket() as probe:
            return probe.connect_ex(server.address) == 0

    def test_a_full_device_is_an_error_at_the_end_and_not_before(self):
        with open("/dev/full", "w") as full:
            server = self.start_unread("-vv", stdout=full)
        for _ in range(100):
            self.assert_echoes(server)
        self.assertEqual(server.stop(), 8)
        self.assertIn("No space left on device", server.stderr.text())

    def test_without_standard_output_clients_are_served(self):
        server = self.start_unread("-vv", before=("/bin/sh", "-c", 'exec "$@" >&-', "sh"), stdout=None)
        for _ in range(100):
            self.assert_echoes(server)
        self.assertIn(server.stop(), (0, 8))

    def test_without_any_standard_descriptor_no_client_gets_the_log(self):
        server = self.start_unread("-vv", before=("/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"), stdout=None)
        for _ in range(20):
            self.assert_echoes(server)
        self.assertIn(server.stop(), (0, 8))

    def test_a_log_in_a_file_has_every_line(self):
        with tempfile.NamedTemporaryFile("r") as log:
            with open(log.name, "w", encoding="ascii") as place:
                server = self.start_unread("-vv", stdout=place)
            for _ in range(100):
                self.assert_echoes(server, b"for the record")
            self.assertEqual(server.stop(), 0)
            text = log.read()
        self.assertEqual(len(re.findall('^received .*: "for the record"$', text, re.MULTILINE)), 100)
        self.assertEqual(len(re.findall('^sent .*: "for the record"$', text, re.MULTILINE)), 100)
        self.assertIn("\nSummary\n", text)


if __name__ == "__main__":
    unittest.main()
