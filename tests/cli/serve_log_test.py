"""What `tcpkit serve` says to people, where, and what becomes of it when nobody reads."""

import os
import re
import signal
import socket
import subprocess
import unittest

from output_test import needs_terminal
from probe_run import timed
from serve_run import FREE_PORT, Server, exchange
from tcpkit_run import BINARY, PATIENCE_S, read_terminal, run, run_shell


class Lines(unittest.TestCase):
    def served(self, *words, data=b"hello\n"):
        with Server("--accept", "1", *words) as server:
            with server.connect() as client:
                self.address = "{}:{}".format(*client.getsockname())
                client.sendall(data)  # and no FIN yet: it ends quick ACKs
                self.assertEqual(client.recv(len(data), socket.MSG_WAITALL), data)
                exchange(client, b"")
            self.assertEqual(server.wait(), 0)
            self.errors = server.stderr.text()
            return server.stdout.all()

    def test_address_and_summary_alone(self):
        lines = self.served()
        self.assertRegex(lines[0], r"^listening on 127\.0\.0\.1:\d+, backlog 100 \(asked 100; net\.core\.somaxconn = "
                                   r"\d+, net\.ipv4\.tcp_max_syn_backlog = \d+\)$")
        self.assertEqual(lines[1], "Summary")
        self.assertRegex("\n".join(lines), r"\n  connections +1\n")
        self.assertRegex("\n".join(lines), r"\n  ended +1 client\n")

    def test_connections(self):
        lines = self.served("-v")
        options = (r"reuseaddr on, reuseport on, rcvbuf \d+, sndbuf \d+, nodelay on, keepalive on, keepidle 1800 s, "
                   r"keepcnt 5, keepintvl 15 s, quickack on")
        self.assertRegex(lines[1], rf"^connected from {self.address}: {options}$")
        self.assertRegex(lines[2], rf"^closed {self.address}: 6 bytes received, 6 bytes sent, [\d.]+ \w+, by the "
                                   r"client$")

    def test_every_option(self):
        connected = self.served("-v", "--all")[1]
        self.assertIn(", quickack on, ", connected)
        self.assertIn("congestion ", connected)

    def test_traffic(self):
        lines = self.served("-vv")
        self.assertIn(f'received 6 bytes from {self.address}: "hello\\n"', lines)
        self.assertIn(f'sent 6 bytes to {self.address}: "hello\\n"', lines)

    def test_traffic_is_escaped_and_cut(self):
        received = [line for line in self.served("-vv", data=b"\x1b]0;x\xff" + b"y" * 500) if line.startswith("rec")]
        self.assertTrue(all(line.isprintable() and line.isascii() and len(line) < 300 for line in received))
        self.assertIn('"\\x1b]0;x\\xffyyy', received[0])

    def test_nothing_on_stderr_without_a_reason(self):
        self.served()
        self.assertEqual([line for line in self.errors.splitlines() if "draining" not in line], [])

    def test_every_address_of_a_name(self):
        with Server(addresses=("localhost:0", "127.0.0.2:0")) as server:
            self.assertGreaterEqual(len(server.addresses), 2)
            self.assertEqual(server.stop(), 0)


class Warnings(unittest.TestCase):
    def test_beyond_loopback(self):
        with Server(addresses=("0.0.0.0:0",)) as server:
            server.stop()
            self.assertEqual(server.stderr.all()[0], f"tcpkit: other hosts can connect to 0.0.0.0:{server.port}")

    def test_quiet(self):
        with Server("-q", addresses=("0.0.0.0:0",)) as server:
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.stderr.text(), "")

    def test_shared_port(self):
        with Server() as first, Server(addresses=(f"127.0.0.1:{first.port}",)) as second:
            second.stop()
            self.assertEqual(second.stderr.all()[0], f"tcpkit: port {first.port} is shared with pid {first.pid} "
                                                     "(tcpkit): it gets part of the connections")

    def test_port_of_every_address(self):
        with Server(addresses=("0.0.0.0:0",)) as wide, Server(addresses=(f"127.0.0.1:{wide.port}",)) as narrow:
            narrow.stop()
            self.assertIn(f"is shared with pid {wide.pid} (tcpkit): connections to 127.0.0.1 come here",
                          narrow.stderr.text())

    def test_change_is_said_before_any_client_comes_and_only_once(self):
        with Server("-o", "rcvbuf=2047M", "--accept", "1") as server:
            said = server.stderr.wait_for("rcvbuf: asked")
            self.assertIn("net.core.rmem_max", said)
            with server.connect() as client:
                exchange(client, b"x")
            server.wait()
            self.assertEqual(server.stderr.text().count("rcvbuf: asked"), 1)

    def test_what_is_merely_doubled_is_said_to_those_who_want_more(self):
        words = ("serve", "--for", "100ms", "-o", "rcvbuf=64K", FREE_PORT)
        self.assertEqual(run(*words).stderr, "")
        self.assertIn("tcpkit: rcvbuf: asked 65536 (64 KiB), got 131072 (128 KiB)", run(*words, "-v").stderr)

    def test_strict_ends_before_serving(self):
        result = run("serve", "--strict", "-o", "rcvbuf=2047M", FREE_PORT)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("rcvbuf: asked", result.stderr)

    def test_strict_takes_the_defaults(self):
        with Server("--strict", "--accept", "1") as server:
            with server.connect() as client:
                exchange(client, b"x")
            self.assertEqual(server.wait(), 0, server.stderr.text())

    def test_end_that_comes_at_once_is_no_change(self):
        """A FIN ends quick ACKs, perhaps before they are read back."""
        with Server("--strict", "--accept", "1") as server:
            server.signal(signal.SIGSTOP)
            with server.connect() as client:
                client.sendall(b"x")
                client.shutdown(socket.SHUT_WR)
                server.signal(signal.SIGCONT)
                self.assertEqual(client.recv(2, socket.MSG_WAITALL), b"x")
            self.assertEqual(server.wait(), 0, server.stderr.text())

    def test_option_for_listeners_works_on_one(self):
        with Server("--strict", "-o", "defer-accept=1s") as server:
            self.assertEqual(server.stop(), 0, server.stderr.text())

    def test_backlog_cut(self):
        with Server("--backlog", "2147483647") as server:
            server.stop()
            self.assertIn("backlog: asked 2147483647, got ", server.stderr.text())

    def test_hard_limit_on_descriptors(self):
        result = run_shell('ulimit -n 64; "$T" serve --max-connections 1000 --for 1ms 127.0.0.1:0')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("--max-connections 1000: the hard limit on descriptors (RLIMIT_NOFILE) is 64", result.stderr)


class Ending(unittest.TestCase):
    def test_first_signal_drains(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Server("--grace", "20s") as server, server.connect() as client:
                client.sendall(b"a")
                client.recv(1)
                server.signal(number)
                said = server.stderr.wait_for("draining")
                self.assertEqual(said, "tcpkit: draining: 1 connection open, up to 20 s; a second signal ends at once")
                client.sendall(b"still")
                self.assertEqual(client.recv(5, socket.MSG_WAITALL), b"still")
                client.close()
                self.assertEqual(server.wait(), 0)

    def test_second_signal_ends_at_once(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Server("--grace", "1h") as server, server.connect() as client, timed() as time:
                client.sendall(b"a")
                client.recv(1)
                server.signal(number)
                server.stderr.wait_for("draining")
                self.assertEqual(server.stop(number), 128 + number)
            self.assertLess(time.seconds, 20)

    def test_by_itself_after_a_time(self):
        result = run("serve", "--for", "50ms", FREE_PORT)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("again to end", result.stderr)


class NobodyReads(unittest.TestCase):
    """The log goes to a pipe that stalls, breaks or is full; the clients must not notice."""

    def talk(self, port, times):
        for _ in range(times):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
                client.sendall(b"x" * 100)
                self.assertEqual(client.recv(100, socket.MSG_WAITALL), b"x" * 100)

    def port_of(self, stream):
        return int(re.match(rb"listening on 127\.0\.0\.1:(\d+),", stream.readline()).group(1))

    def start(self, *words, **streams):
        return subprocess.Popen([BINARY, "serve", *words, FREE_PORT], **streams)

    def test_reader_that_stalls(self):
        with self.start("-vv", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            self.talk(self.port_of(process.stdout), 2000)
            with timed() as time:
                process.terminate()
                self.assertEqual(process.wait(PATIENCE_S), 0)
            self.assertLess(time.seconds, 10)

    def test_reader_that_goes_away(self):
        with self.start("-v", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            port = self.port_of(process.stdout)
            process.stdout.close()
            self.talk(port, 50)
            process.terminate()
            self.assertEqual(process.wait(PATIENCE_S), 0)
            self.assertNotIn(b"write to", process.stderr.read())

    def test_one_pipe_for_both(self):
        with self.start("-v", stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            port = self.port_of(process.stdout)
            self.talk(port, 20)
            process.terminate()
            lines = process.stdout.read().decode().splitlines()
            self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertEqual(sum(line.startswith("connected from ") for line in lines), 20)
        self.assertEqual(sum(line.startswith("closed ") for line in lines), 20)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            result = run("serve", "--for", "50ms", FREE_PORT, stdout=full)
        self.assertEqual(result.returncode, 8)
        self.assertIn("tcpkit: write to standard output: No space left on device", result.stderr)

    def test_closed_output(self):
        result = run_shell('"$T" serve --for 50ms 127.0.0.1:0 >&-')
        self.assertEqual(result.returncode, 8)
        self.assertIn("write to standard output: Bad file descriptor", result.stderr)

    def test_regular_file(self):
        result = run_shell('f=$(mktemp); "$T" serve --for 50ms 127.0.0.1:0 >"$f"; cat "$f"; rm "$f"')
        self.assertRegex(result.stdout, r"^listening on .*\n")
        self.assertIn("\nSummary\n", result.stdout)


@needs_terminal
class Terminal(unittest.TestCase):
    def test_no_progress_line_on_a_dumb_one(self):
        ours, theirs = os.openpty()
        process = subprocess.Popen([BINARY, "serve", "--for", "1200ms", FREE_PORT], stdout=subprocess.DEVNULL,
                                   stderr=theirs, env={**os.environ, "TERM": "dumb"})
        os.close(theirs)
        self.assertEqual(read_terminal(ours), "")
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_progress_line(self):
        ours, theirs = os.openpty()
        process = subprocess.Popen([BINARY, "serve", "--for", "2500ms", FREE_PORT], stdout=subprocess.PIPE,
                                   stderr=theirs, env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        text = read_terminal(ours)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertRegex(text, r"\r0 connections, 0 requests/s, 0 B/s\x1b\[K")


if __name__ == "__main__":
    unittest.main()
