"""`tcpkit send` in message mode against peers, readers and users that do not behave."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from probe_run import timed
from send_run import Peer, answering, echo, read_all, read_exactly, reset, send, silent, start
from serve_run import Server
from tcpkit_run import PATIENCE_S, run_shell, validated


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Peers(unittest.TestCase):
    def test_refused(self):
        done = send(f"127.0.0.1:{free_port()}", "x")
        self.assertEqual((done.returncode, done.stdout), (4, b""))
        self.assertIn("Connection refused", done.stderr)

    def test_waiting_for_a_server_to_start(self):
        port = free_port()

        def listen():
            time.sleep(0.3)
            servers.append(socket.create_server(("127.0.0.1", port)))
            connection, _ = servers[0].accept()
            echo(None, connection)
            connection.close()

        servers = []
        thread = threading.Thread(target=listen)
        thread.start()
        done = send(f"127.0.0.1:{port}", "x", "--wait", "30s")
        thread.join(PATIENCE_S)
        servers[0].close()
        self.assertEqual((done.returncode, done.stdout), (0, b"x"), done.stderr)

    def test_waiting_ends(self):
        with timed() as time_taken:
            done = send(f"127.0.0.1:{free_port()}", "x", "--wait", "300ms")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertGreater(time_taken.seconds, 0.25)

    def test_a_reset_keeps_what_came_before_it(self):
        def role(_, connection):
            read_exactly(connection, 5)
            connection.sendall(b"hel")
            reset(connection)

        with Peer(role) as peer:
            done = send(peer.target, "hello")
            self.assertEqual((done.returncode, done.stdout), (4, b"hel"), done.stderr)
            self.assertEqual(done.stderr, f"tcpkit: reply from {peer.target}: Connection reset by peer after 3 of 5 bytes\n")

    def test_silence(self):
        with Peer(answering(5, b"hel")) as peer, timed() as time_taken:
            done = send(peer.target, "hello", "--timeout", "200ms")
        self.assertEqual((done.returncode, done.stdout), (5, b"hel"), done.stderr)
        self.assertIn("3 of 5 bytes, then nothing for 200 ms", done.stderr)
        self.assertLess(time_taken.seconds, 10)

    def test_a_slow_reply_is_no_silence(self):
        def role(_, connection):
            for byte in read_exactly(connection, 5):
                time.sleep(0.25)
                connection.sendall(bytes([byte]))
            read_all(connection)

        with Peer(role) as peer:
            done = send(peer.target, "hello", "--timeout", "1s")
        self.assertEqual((done.returncode, done.stdout), (0, b"hello"), done.stderr)

    def test_a_peer_that_never_reads(self):
        with Peer(silent, receive_buffer=4096) as peer:
            done = send(peer.target, "--timeout", "300ms", input=b"x" * (64 << 20))
        self.assertEqual((done.returncode, done.stdout), (5, b""), done.stderr)
        self.assertIn("the peer took no more for 300 ms: it does not read", done.stderr)

    def test_a_peer_that_answers_before_it_refuses_the_rest(self):
        def role(_, connection):
            read_exactly(connection, 1000)
            connection.sendall(b"HTTP/1.1 413 too large\r\n\r\n")

        with Peer(role) as peer:
            done = send(peer.target, "--reply", r"until:\r\n\r\n", input=b"x" * (64 << 20))
            self.assertEqual((done.returncode, done.stdout), (0, b"HTTP/1.1 413 too large\r\n\r\n"), done.stderr)
            done = send(peer.target, input=b"H" * (64 << 20))
            self.assertEqual((done.returncode, done.stdout), (1, b"HTTP/1.1 413 too large\r\n\r\n"), done.stderr)

    def test_the_deadline_holds_whatever_trickles_in(self):
        def role(peer, connection):
            while not peer.over.wait(0.02):
                connection.sendall(b"x")

        with Peer(role) as peer, timed() as time_taken:
            done = send(peer.target, "hi", "--reply", "bytes:1M", "--deadline", "400ms", "--timeout", "200ms")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertLess(time_taken.seconds, 10)


class Sizes(unittest.TestCase):
    def test_more_than_any_buffer_through_pipes(self):
        with Server() as server:
            done = run_shell(f'head -c 100M /dev/zero | "$T" send {server.addresses[0]} | wc -c')
            self.assertEqual((done.stdout.strip(), done.stderr), (str(100 << 20), ""))
            data = os.urandom(1 << 20)
            for extra in (0, 1, -1):
                message = data * 8 + data[:extra]
                done = send(server.addresses[0], input=message)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout == message)

    def test_a_peer_that_answers_only_when_all_is_there(self):
        with Server("--reply-every", "1M") as server:
            message = os.urandom(1 << 20)
            done = send(server.addresses[0], input=message)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout == message)
            done = send(server.addresses[0], "--timeout", "200ms", "hello")
            self.assertEqual((done.returncode, done.stdout), (5, b""), done.stderr)
            done = send(server.addresses[0], "--half-close", "hello")
            self.assertEqual((done.returncode, done.stdout), (0, b"hello"), done.stderr)

    def test_other_programs_as_peers(self):
        for command in (["socat", "TCP-LISTEN:{},bind=127.0.0.1,reuseaddr", "EXEC:cat"],
                        ["nc", "-l", "-p", "{}", "-s", "127.0.0.1", "-e", "/bin/cat"]):
            port = free_port()
            try:
                peer = subprocess.Popen([word.format(port) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            except FileNotFoundError:
                continue
            with self.subTest(command), peer:
                done = send(f"127.0.0.1:{port}", "--wait", "2s", "hello")
                refused = peer.poll() not in (None, 0)
                peer.kill()
                if refused and b"invalid option" in peer.stderr.read():  # a netcat without -e
                    continue
                self.assertEqual((done.returncode, done.stdout), (0, b"hello"), done.stderr)


class Outputs(unittest.TestCase):
    def test_a_full_device(self):
        with Server() as server, open("/dev/full", "w") as full:
            done = send(server.addresses[0], "x", stdout=full)
            self.assertEqual(done.returncode, 8)
            self.assertEqual(done.stderr, "tcpkit: write to standard output: No space left on device\n")

    def test_a_full_device_is_told_of_once(self):
        with Server() as server, open("/dev/full", "w") as full:
            done = send(server.addresses[0], "x", "--json", stdout=full)
            self.assertEqual(done.returncode, 8)
            self.assertEqual(done.stderr, "tcpkit: write to standard output: No space left on device\n")
            self.assertEqual(send(server.addresses[0], "x", "--reply", "none", stdout=full).returncode, 0)

    def test_a_full_device_ends_what_would_not_end_by_itself(self):
        with Server() as server, open("/dev/full", "w") as full:
            for words in (("--file", "/dev/zero"), ("-n", "1000000", "--interval", "1s", "x")):
                with self.subTest(words):
                    done = send(server.addresses[0], *words, stdout=full)
                    self.assertEqual(done.returncode, 8)
                    self.assertEqual(done.stderr, "tcpkit: write to standard output: No space left on device\n")

    def test_a_reader_that_has_seen_enough(self):
        with Server() as server:
            process = start(server.addresses[0], "--half-close", stdin=subprocess.PIPE)
            process.stdout.close()
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(b"x" * (8 << 20))
            self.assertEqual(process.stderr.read(), b"")
            process.stderr.close()
            self.assertIn(process.wait(PATIENCE_S), (0, -signal.SIGPIPE))

    def test_a_reader_that_takes_nothing_does_not_hold_up_the_deadline(self):
        with Server() as server, timed() as time_taken:
            ours, theirs = os.pipe()
            process = start(server.addresses[0], "x" * 100_000, "--deadline", "500ms", stdout=theirs)
            os.close(theirs)
            _, told = process.communicate(timeout=PATIENCE_S)
            os.close(ours)
        self.assertEqual(process.returncode, 5, told)
        self.assertLess(time_taken.seconds, 10)

    def test_a_slow_reader_is_not_the_peers_silence(self):
        with Server() as server:
            data = os.urandom(6 << 20)
            process = start(server.addresses[0], "--timeout", "200ms", stdin=subprocess.PIPE)
            writer = threading.Thread(target=lambda: (process.stdin.write(data), process.stdin.close()))
            writer.start()
            time.sleep(1)
            read = process.stdout.read()
            writer.join(PATIENCE_S)
            told = process.stderr.read()
            process.stdout.close()
            process.stderr.close()
            self.assertEqual((process.wait(PATIENCE_S), told), (0, b""))
            self.assertTrue(read == data)


class Signals(unittest.TestCase):
    def interrupted(self, number, *words):
        with Peer(answering(5, b"hel")) as peer:
            process = start(peer.target, "hello", "--timeout", "60s", "-v", *words)
            while line := process.stderr.readline():
                if b"connected to" in line:
                    break
            time.sleep(0.3)
            process.send_signal(number)
            out, told = process.communicate(timeout=PATIENCE_S)
            return process.returncode, out, told.decode()

    def test_an_interrupt_shows_what_there_is(self):
        status, out, told = self.interrupted(signal.SIGINT)
        self.assertEqual((status, out), (130, b"hel"), told)
        self.assertIn("3 of 5 bytes when it was interrupted", told)
        status, out, told = self.interrupted(signal.SIGTERM, "--json")
        self.assertEqual(status, 143, told)
        document = validated(out)
        self.assertTrue(document["interrupted"])
        self.assertEqual((document["reply"]["text"], document["reply"]["verdict"]), ("hel", "interrupted"))

    def test_an_interrupt_ends_a_connect_between_messages(self):
        """To a listener whose queue is full after the first message."""
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            target = "{}:{}".format(*listener.getsockname())
            process = start(target, "-n", "2", "--interval", "200ms", "--timeout", "1h", "--format", "ndjson", "hello")
            connection = stack.enter_context(listener.accept()[0])
            for _ in range(4):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            connection.sendall(read_exactly(connection, 5))
            reply = process.stdout.readline()
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            out, told = process.communicate(timeout=PATIENCE_S)
            self.assertEqual((process.returncode, told), (130, b""))
            self.assertEqual(validated(reply)["event"], "reply")
            summary = validated(out)
            self.assertEqual((summary["requests"], summary["errors"], summary["interrupted"]), (1, 0, True))

    def test_an_interrupt_ends_the_pause_between_messages(self):
        with Server() as server:
            process = start(server.addresses[0], "-n", "9", "--interval", "1h", "--format", "ndjson", "x")
            first = validated(process.stdout.readline())
            self.assertEqual(first["event"], "reply")
            process.send_signal(signal.SIGINT)
            out, told = process.communicate(timeout=PATIENCE_S)
            summary = validated(out)
            self.assertEqual((process.returncode, told), (130, b""))
            self.assertEqual((summary["event"], summary["requests"], summary["interrupted"]), ("summary", 1, True))

    def test_a_stop_of_the_process_is_not_the_peers_silence(self):
        with Peer(silent_then_echo) as peer:
            process = start(peer.target, "hello", "--timeout", "1500ms", "-v")
            process.stderr.readline()
            process.send_signal(signal.SIGSTOP)
            peer.go.set()
            time.sleep(2)
            process.send_signal(signal.SIGCONT)
            out, told = process.communicate(timeout=PATIENCE_S)
            self.assertEqual((process.returncode, out), (0, b"hello"), told)


def silent_then_echo(peer, connection):
    peer.go.wait(PATIENCE_S)
    connection.sendall(read_exactly(connection, 5))
    read_all(connection)


if __name__ == "__main__":
    unittest.main()
