"""tcpkit send, measuring: what people see, exit statuses, and what ends it early."""

import os
import pathlib
import pty
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from probe_run import timed
from serve_run import Server
from tcpkit_run import BINARY, PATIENCE_S, read_terminal, run, run_shell, validated


class Silent:
    """A server that takes connections and never answers."""

    def __init__(self, answer=b"", closes=False):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.answer, self.closes = answer, closes
        self.clients = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                client, _ = self.listener.accept()
                self.clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
        except OSError:
            pass

    def _serve(self, client):
        try:
            while self.answer and client.recv(65536):
                client.sendall(self.answer)
                if self.closes:
                    return client.close()
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in [self.listener, *self.clients]:
            end.close()


def send(port, *words, **options):
    return run("send", f"127.0.0.1:{port}", *words, **options)


def started(port, *words):
    environment = {**os.environ, "LC_ALL": "C", "COLUMNS": ""}
    return subprocess.Popen([BINARY, "send", f"127.0.0.1:{port}", *words], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Text(unittest.TestCase):
    def check(self, text, *patterns):
        for pattern in patterns:
            self.assertRegex(text, re.compile(pattern, re.MULTILINE))
        self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])
        self.assertTrue(text.isascii())
        self.assertNotRegex(text, r"(?m) $")

    def test_requests(self):
        with Server("-q") as server:
            result = send(server.port, "-n", "500", "-c", "2")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.check(result.stdout, r"what +round trips: from the send of a request to the last byte of its reply$",
                   r"how +rr, 2 connections, requests of 64 B$", r"^  requests +500$", r"^  failed +0$",
                   r"^  sent +\S+ \S?bit/s +\d+ bytes/s, 32000 bytes in all$", r"^  p99 +\S+ [un]?[mu]s$",
                   r"^ +\S+ \ws - +\S+ \ws +#+ +\d+ +\S+ %$")
        self.assertNotIn("p99.99", result.stdout)  # of 500 samples that is the greatest

    def test_percentiles_asked_for_are_shown(self):
        with Server("-q") as server:
            result = send(server.port, "-n", "10", "-c", "1", "--percentiles", "99.99,75")
        self.check(result.stdout, r"^  p99.99 ", r"^  p75 ")

    def test_every_mode_fits_80_columns(self):
        for mode in ("rr", "crr", "wwr", "stream", "bidir", "idle"):
            with self.subTest(mode), Server("-q") as server:
                result = send(server.port, "--mode", mode, "-d", "150ms", "--report-interval", "50ms")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.check(result.stdout, f"how +{mode}, 1 connection")

    def test_schedule(self):
        with Server("-q") as server:
            result = send(server.port, "--rate", "100", "-d", "200ms")
        self.check(result.stdout, r"from send +scheduled", r"Distribution, from the scheduled time")

    def test_intervals(self):
        with Server("-q") as server:
            result = send(server.port, "-d", "300ms", "--report-interval", "100ms")
        lines = [line for line in result.stdout.splitlines() if re.match(r" *\d+ ms +\d+/s  p50 ", line)]
        self.assertEqual(len(lines), 3, result.stdout)

    def test_an_echo_is_no_discard_server(self):
        with Server("-q") as server:
            result = send(server.port, "--mode", "stream", "-d", "200ms")
        self.assertIn("the server sends back what it gets", result.stdout)

    def test_quiet_terminals_get_nothing(self):
        with Server("-q") as server:
            self.assertEqual(send(server.port, "-d", "1200ms").stderr, "")

    def test_progress_on_a_terminal(self):
        with Server("-q") as server:
            leader, follower = pty.openpty()
            process = subprocess.Popen([BINARY, "send", f":{server.port}", "-d", "1500ms"], stdout=subprocess.DEVNULL,
                                       stderr=follower, env={**os.environ, "TERM": "xterm"})
            os.close(follower)
            shown = read_terminal(leader)
            self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertRegex(shown, r"\d+ requests, \d+/s, (1 s|\d+ ms|0) left")


class Requests(unittest.TestCase):
    def test_of_a_file(self):
        with tempfile.NamedTemporaryFile() as file, Server("-q") as server:
            file.write(bytes(range(256)) * 8)
            file.flush()
            result = send(server.port, "-c", "1", "-n", "5", "--file", file.name, "--json")
        document = validated(result.stdout)
        self.assertEqual((result.returncode, document["bytes_sent"]), (0, 5 * 2048))

    def test_of_standard_input(self):
        with Server("-q") as server:
            result = send(server.port, "-c", "1", "-n", "3", "--json", "-", input="hello")
        self.assertEqual(validated(result.stdout)["bytes_received"], 15)

    def test_standard_input_is_not_read_unasked(self):
        with Server("-q") as server:
            script = f"printf '1\\n2\\n3\\n' | while read line; do $T send -q -c 1 -n 1 :{server.port} >/dev/null; " \
                     "echo $line; done"
            self.assertEqual(run_shell(script).stdout, "1\n2\n3\n")

    def test_files_that_cannot_be_read(self):
        for path, why in (("nonexistent/x", "No such file or directory"), (".", "Is a directory")):
            result = send(1, "-c", "1", "--file", path)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f'--file "{path}": {why}', result.stderr)

    def test_empty_input(self):
        result = send(1, "-c", "1", "-", input="")
        self.assertEqual(result.returncode, 2)
        self.assertIn("the message has 0 bytes: --mode rr sends at least 1", result.stderr)

    def test_input_that_does_not_come(self):
        reading, writing = os.pipe()
        with timed() as time_taken:
            result = send(1, "-c", "1", "-", "--deadline", "300ms", stdin=reading)
        os.close(reading)
        os.close(writing)
        self.assertEqual(result.returncode, 5)
        self.assertLess(time_taken.seconds, 5)

    def test_replies_by_their_end(self):
        with Silent(b"+PONG\r\n") as server:
            result = send(server.port, "-c", "1", "-n", "50", "-e", "--reply", "until:\\r\\n", "PING\\r\\n")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_of_one_byte_and_of_a_mebibyte(self):
        for size, bytes_sent in (("1", 3), ("1M", 3 << 20)):
            with Server("-q") as server:
                document = validated(send(server.port, "-s", size, "-n", "3", "--json").stdout)
            self.assertEqual((document["errors"], document["bytes_received"]), (0, bytes_sent))


class Statuses(unittest.TestCase):
    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        for words in ([], ["--json"]):
            result = send(port, "-d", "1s", *words)
            self.assertEqual(result.returncode, 4)
            self.assertEqual(result.stderr, f"tcpkit: connect to 127.0.0.1:{port}: Connection refused\n")
        self.assertEqual(validated(result.stdout)["error"]["code"], "ECONNREFUSED")

    def test_wait(self):
        with socket.socket() as late:
            late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            late.bind(("127.0.0.1", 0))
            process = started(late.getsockname()[1], "-n", "3", "-c", "1", "--wait", "20s", "--reply", "any")
            time.sleep(0.3)
            self.assertIsNone(process.poll())
            late.listen()
            client, _ = late.accept()
            with client:
                for _ in range(3):
                    client.sendall(client.recv(1000))
                self.assertEqual(process.communicate(timeout=PATIENCE_S)[1], "")
        self.assertEqual(process.returncode, 0)

    def test_silence(self):
        with Silent() as server, timed() as time_taken:
            result = send(server.port, "-n", "1", "-c", "1", "--timeout", "300ms", "--json")
        document = validated(result.stdout)
        self.assertEqual((result.returncode, document["failures"]["timeout"], document["errors"]), (1, 1, 1))
        self.assertEqual(document["latency_reason"], "no request was completed")
        self.assertIsNotNone(document["first_failure"])
        self.assertLess(time_taken.seconds, 5)

    def test_wrong_replies(self):
        with Silent(b"x" * 64) as server:
            document = validated(send(server.port, "-n", "3", "-c", "1", "--json").stdout)
        self.assertGreaterEqual(document["failures"]["wrong"], 1)
        self.assertEqual((document["requests"], document["errors"]), (0, 3))

    def test_deadline(self):
        with Server("-q") as server, timed() as time_taken:
            result = send(server.port, "-d", "30s", "--deadline", "500ms", "--json")
        document = validated(result.stdout)
        self.assertEqual((result.returncode, document["deadline_passed"]), (5, True))
        self.assertGreater(document["requests"], 0)
        self.assertLess(time_taken.seconds, 5)

    def test_strict(self):
        most = int(pathlib.Path("/proc/sys/net/core/rmem_max").read_text())
        words = ("-n", "3", "-c", "1", "-o", f"rcvbuf={most * 2}")
        with Server("-q") as server:
            lax, strict = send(server.port, *words), send(server.port, *words, "--strict")
        self.assertEqual((lax.returncode, strict.returncode), (0, 1))
        self.assertRegex(strict.stderr, r"\Atcpkit: rcvbuf: asked \d+.*net\.core\.rmem_max.*\n\Z")

    def test_signals_print_what_there_is(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number), Server("-q") as server:
                process = started(server.port, "-d", "60s", "--report-interval", "50ms", "--format", "ndjson")
                process.stdout.readline()
                process.send_signal(number)
                output, _ = process.communicate(timeout=PATIENCE_S)
                self.assertEqual(process.returncode, status)
                last = validated(output.splitlines()[-1])
                self.assertTrue(last["interrupted"])
                self.assertGreater(last["requests"], 0)

    def test_a_reader_that_goes_away(self):
        with Server("-q") as server:
            script = f"{{ $T send -d 500ms --report-interval 50ms :{server.port}; echo $? >&2; }} | head -n 1"
            result = run_shell(script)
        self.assertIn(result.stderr.strip(), ("0", "141"))

    def test_a_full_disk(self):
        with Server("-q") as server, open("/dev/full", "w") as full:
            self.assertEqual(send(server.port, "-c", "1", "-n", "1", stdout=full).returncode, 8)

    def test_descriptors(self):
        with Server("-q") as server:
            low = run_shell(f"ulimit -n 40; $T send -c 1000 -n 1000 :{server.port}")
            raised = run_shell(f"ulimit -Sn 40; $T send -c 200 -n 1000 :{server.port}")
        self.assertEqual(low.returncode, 8)
        self.assertRegex(low.stderr, r"\Atcpkit: open 1000 connections: that takes \d+ descriptors, and the hard limit "
                                     r"\(ulimit -Hn, RLIMIT_NOFILE\) is 40: Too many open files\n\Z")
        self.assertEqual(raised.returncode, 0, raised.stderr)


if __name__ == "__main__":
    unittest.main()
