"""`tcpkit send` in message mode, as scripts use it: where messages come from, what counts as a reply."""

import os
import pathlib
import subprocess
import tempfile
import threading
import unittest

from output_test import needs_terminal
from send_run import Peer, answering, collecting, echo, ending, endless, read_exactly, send
from serve_run import Server
from tcpkit_run import BINARY, PATIENCE_S, read_terminal, run_shell, validated


class SendCase(unittest.TestCase):
    def check(self, done, status, stdout=b"", stderr=""):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, stdout, stderr))

    def check_failure(self, role, words, status, stdout, *parts):
        """One line on standard error, with these parts."""
        with self.subTest(words), Peer(role) as peer:
            done = send(peer.target, *words)
            self.assertEqual((done.returncode, done.stdout), (status, stdout), done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            for part in ("tcpkit: ", peer.target, *parts):
                self.assertIn(part, done.stderr)


class Sources(SendCase):
    def test_a_message_comes_back(self):
        with Server() as server:
            self.check(send(server.addresses[0], "hello"), 0, b"hello")

    def test_an_empty_message_is_right_at_once(self):
        with Server() as server:
            self.check(send(server.addresses[0], ""), 0)
            self.check(send(server.addresses[0], "--half-close", ""), 0)

    def test_escapes_are_for_those_who_ask(self):
        with Server() as server:
            self.check(send(server.addresses[0], r"a\n"), 0, rb"a\n")
            self.check(send(server.addresses[0], "-e", r"a\r\n\t\0\xff\\"), 0, b"a\r\n\t\0\xff\\")

    def test_standard_input_is_sent_without_a_message_or_with_a_dash(self):
        with Server() as server:
            for words in ((), ("-",)):
                self.check(send(server.addresses[0], *words, input=b"\0from\nstdin\xff"), 0, b"\0from\nstdin\xff")
            self.check(send(server.addresses[0], input=b""), 0)

    def test_standard_input_is_left_alone_with_a_message(self):
        with Server() as server:
            done = run_shell(f'printf "a\\nb\\nc\\n" | while read line; do "$T" send {server.addresses[0]} "$line."; done')
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "a.b.c.", ""))

    def test_standard_input_that_is_no_input(self):
        with Server() as server:
            for redirection, status in (("<&-", 8), ("</", 2)):
                with self.subTest(redirection):
                    done = run_shell(f'"$T" send {server.addresses[0]} {redirection}')
                    self.assertEqual((done.returncode, done.stdout), (status, ""))
                    self.assertIn("tcpkit: read standard input: ", done.stderr)

    def test_a_file_is_sent(self):
        with Server() as server, tempfile.NamedTemporaryFile() as file:
            data = os.urandom(1 << 20)
            file.write(data)
            file.flush()
            self.check(send(server.addresses[0], "--file", file.name), 0, data)
            self.check(send(server.addresses[0], "--file", file.name, "-n", "3", "--keep"), 0, 3 * data)

    def test_a_file_that_cannot_be_had_is_told_before_anybody_is_connected_to(self):
        with tempfile.TemporaryDirectory() as folder:
            for path, reason in ((f"{folder}/none", "No such file or directory"), (folder, "Is a directory"),
                                 (f"{folder}/a\nb", "No such file or directory")):
                with self.subTest(path):
                    done = send("127.0.0.1:1", "--file", path)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn("--file \"", done.stderr)
                    self.assertIn(reason, done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to become somebody else")
    def test_an_unreadable_file_is_a_lack_of_permission(self):
        with tempfile.NamedTemporaryFile() as file:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BINARY, "send", "127.0.0.1:1",
                       "--file", file.name]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False)
            if "Permission denied" in done.stderr and "exec" in done.stderr:
                self.skipTest("the program itself is out of reach for nobody")
            self.assertEqual(done.returncode, 6, done.stderr)
            self.assertIn("--file \"", done.stderr)

    def test_a_fifo_is_read_when_somebody_writes(self):
        with Server() as server, tempfile.TemporaryDirectory() as folder:
            fifo = pathlib.Path(folder) / "fifo"
            os.mkfifo(fifo)
            writer = threading.Thread(target=lambda: fifo.write_bytes(b"late"))
            writer.start()
            self.check(send(server.addresses[0], "--file", str(fifo)), 0, b"late")
            writer.join(PATIENCE_S)

    def test_a_fifo_that_nobody_writes_to_ends_with_the_deadline(self):
        with Server() as server, tempfile.TemporaryDirectory() as folder:
            fifo = f"{folder}/fifo"
            os.mkfifo(fifo)
            done = send(server.addresses[0], "--file", fifo, "--deadline", "200ms")
            self.assertEqual((done.returncode, done.stdout), (5, b""), done.stderr)

    def test_standard_input_is_read_once_for_several_messages(self):
        with Server() as server:
            self.check(send(server.addresses[0], "-n", "3", input=b"again."), 0, 3 * b"again.")


class Replies(SendCase):
    def test_right_ones(self):
        for role, words, reply in (
                (answering(2, b"+OK\r\nmore"), ("hi", "--reply", r"until:\r\n"), b"+OK\r\n"),
                (answering(2, b"+OK"), ("hi", "--reply", "match:+OK"), b"+OK"),
                (answering(2, b"12345"), ("hi", "--reply", "bytes:5"), b"12345"),
                (answering(2, b"whatever"), ("hi", "--reply", "any"), b"whatever"),
                (answering(2, b"unread"), ("hi", "--reply", "none"), b""),
                (ending(3, b"all\nof it"), ("hi", "--reply", "any", "--half-close"), b"all\nof it"),
                (ending(3, b""), ("hi", "--reply", "none", "--half-close"), b"")):
            with self.subTest(words), Peer(role) as peer:
                self.check(send(peer.target, *words), 0, reply)

    def test_without_a_reply_the_peer_has_the_message_when_it_ends(self):
        with Peer(collecting) as peer:
            self.check(send(peer.target, "--reply", "none", input=b"x" * 3_000_000), 0)
            self.check(send(peer.target, "--reply", "none", "--half-close", ""), 0)  # after the first one is read
            self.assertEqual(peer.received[0], b"x" * 3_000_000)

    def test_wrong_ones(self):
        self.check_failure(answering(5, b"heLlo"), ["hello"], 1, b"heLlo", 'differs at byte 2: expected "l", got "L"')
        self.check_failure(answering(2, b"a\0"), ["a\n"], 1, b"a\0", r'expected "\n", got "\x00"')
        self.check_failure(answering(5, b"hello!"), ["hello"], 1, b"hello!", "longer than expected: 6 bytes came, 5")
        self.check_failure(ending(5, b"hel"), ["hello"], 1, b"hel", "ended after 3 of 5 bytes")
        self.check_failure(ending(2, b""), ["hi"], 1, b"", "ended after 0 of 2 bytes")
        self.check_failure(ending(2, b""), ["hi", "--reply", "any"], 1, b"", "ended without a byte")
        self.check_failure(ending(2, b"+O"), ["hi", "--reply", r"until:\n"], 1, b"+O", r'after 2 bytes without "\n"')
        self.check_failure(answering(2, b"123"), ["hi", "--reply", "bytes:2"], 1, b"123", "3 bytes came, 2 expected")
        self.check_failure(ending(3, b"!"), ["hi", "--reply", "none", "--half-close"], 1, b"!", "none was expected")
        self.check_failure(ending(3, b"hi!"), ["hi", "--half-close"], 1, b"hi!", "3 bytes came, 2 expected")
        self.check_failure(ending(3, b"a\nb"), ["hi", "--half-close", "--reply", r"until:\n"], 1, b"a\nb",
                           r'goes on after "\n"')

    def test_an_endless_reply_ends(self):
        with Peer(endless) as peer:
            self.assertEqual(send(peer.target, "x").returncode, 1)
            self.assertEqual(send(peer.target, "x", "--reply", "bytes:100").returncode, 1)
            self.check(send(peer.target, "x", "--reply", "until:xxx"), 0, b"xxx")
            self.assertEqual(send(peer.target, "x", "--reply", "any").returncode, 0)
            done = send(peer.target, "x", "--reply", "any", "--half-close", "--deadline", "300ms",
                        stdout=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn("when the deadline passed", done.stderr)

    @needs_terminal
    def test_a_terminal_is_not_obeyed_to(self):
        with Peer(answering(2, b"\x1b[31mred\x07\r\n\ttab ~ \\ \xc3\xa9")) as peer:
            ours, theirs = os.openpty()
            process = subprocess.Popen([BINARY, "send", peer.target, "hi", "--reply", "any"], stdout=theirs,
                                       stdin=subprocess.DEVNULL)
            os.close(theirs)
            shown = read_terminal(ours)
            self.assertEqual(process.wait(PATIENCE_S), 0)
            self.assertEqual(shown, "\\x1b[31mred\\x07\\r\r\n\ttab ~ \\ \\xc3\\xa9")


class Several(SendCase):
    def test_each_message_has_a_connection_unless_one_is_kept(self):
        connections = []

        def role(_, connection):
            connections.append(connection.getpeername())
            echo(_, connection)

        with Peer(role) as peer:
            self.check(send(peer.target, "-n", "3", "x"), 0, b"xxx")
            self.assertEqual(len(connections), 3)
            self.check(send(peer.target, "-n", "3", "--keep", "x"), 0, b"xxx")
            self.assertEqual(len(connections), 4)

    def test_a_failure_does_not_stop_the_others_and_the_last_one_is_told(self):
        replies = iter([b"x", b"y", b"", b"x"])

        def role(_, connection):
            read_exactly(connection, 1)
            connection.sendall(next(replies))

        with Peer(role) as peer:
            done = send(peer.target, "-n", "4", "x", "-v")
        self.assertEqual((done.returncode, done.stdout), (1, b"xyx"), done.stderr)
        self.assertIn("differs at byte 0", done.stderr)
        self.assertIn("ended after 0 of 1 byte", done.stderr)
        self.assertIn("4 messages, 2 failed; replies took", done.stderr)

    def test_a_kept_connection_that_ended_is_made_anew(self):
        with Peer(ending(1, b"x")) as peer:
            done = send(peer.target, "-n", "3", "--keep", "x")
            self.assertEqual(done.stdout[:1], b"x")
            self.assertIn(done.returncode, (1, 4), done.stderr)

    def test_what_comes_after_a_reply_belongs_to_the_next_one(self):
        with Peer(answering(1, b"one\ntwo\n")) as peer:
            self.check(send(peer.target, "-n", "2", "--keep", "x", "--reply", r"until:\n"), 0, b"one\ntwo\n")

    def test_the_interval_is_a_pause_and_the_deadline_holds_in_it(self):
        with Server() as server:
            done = send(server.addresses[0], "-n", "3", "--interval", "1h", "--deadline", "300ms", "x")
            self.assertEqual((done.returncode, done.stdout), (5, b"x"), done.stderr)
            self.assertEqual(done.stderr, "tcpkit: send 3 messages: --deadline 300 ms passed after 1 of them\n")


class Machines(SendCase):
    def test_one_object_tells_all(self):
        with Peer(answering(5, b"heLlo\xff")) as peer:
            done = send(peer.target, "hello", "--json")
            document = validated(done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(document["mode"], "message")
        self.assertEqual((document["requests"], document["errors"]), (0, 1))
        self.assertEqual((document["bytes_sent"], document["bytes_received"]), (5, 6))
        self.assertIsNone(document["latency_us"]["p50"])
        reply = document["reply"]
        self.assertEqual((reply["text"], reply["bytes"], reply["verdict"]), ("heLlo\\xff", 6, "differs"))
        self.assertEqual(reply["first_difference"], {"offset": 2, "expected": "l", "got": "L"})
        self.assertEqual(document["failure"]["code"], "differs")
        self.assertIn(document["failure"]["message"], done.stderr)
        self.assertEqual(document["peer"], peer.target)
        self.assertEqual(document["target"]["port"], peer.port)
        self.assertIn("TCP_NODELAY", document["options"])
        self.assertEqual(document["tcp_info_after"]["bytes_acked"] - document["tcp_info_before"]["bytes_acked"], 5)

    def test_a_line_for_each_reply_and_one_for_all(self):
        with Server() as server:
            done = send(server.addresses[0], "x" * 100_000, "--format", "ndjson", "-n", "3")
        events = [validated(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["event"] for event in events], ["reply", "reply", "reply", "summary"])
        self.assertEqual([event.get("number") for event in events], [1, 2, 3, None])
        self.assertTrue(events[0]["reply"]["truncated"])
        self.assertEqual(len(events[0]["reply"]["text"]), 65536)
        self.assertEqual(events[-1]["requests"], 3)
        self.assertEqual(events[-1]["latency_us"]["max"], max(event["duration_us"] for event in events[:3]))

    def test_no_connection_is_an_error_object(self):
        done = send("127.0.0.1:1", "x", "--json")
        self.assertEqual((done.returncode, validated(done.stdout)["error"]["code"]), (4, "ECONNREFUSED"))


class Settings(SendCase):
    def test_changes_are_told_and_strict_fails(self):
        with Server() as server:
            for words, status in (((), 0), (("--strict",), 1)):
                done = send(server.addresses[0], "x", "-o", "rcvbuf=1G", *words)
                self.assertEqual((done.returncode, done.stdout), (status, b"x"))
                self.assertIn("rcvbuf: asked 1073741824 (1 GiB), got ", done.stderr)

    def test_an_illegal_setting_ends_it_before_anything_is_sent(self):
        with Server() as server:
            done = send(server.addresses[0], "x", "-o", "congestion=nonesuch")
            self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)

    def test_details_are_for_those_who_ask(self):
        with Server() as server:
            done = send(server.addresses[0], "hello", "-v", "-o", "nodelay", "-o", "quickack=always")
            self.assertEqual((done.returncode, done.stdout), (0, b"hello"))
            self.assertRegex(done.stderr, r"tcpkit: connected to \S+ in ")
            self.assertRegex(done.stderr, r"tcpkit: sent 5 bytes to \S+, 5 back in [\d.]+ [um]s\n")


if __name__ == "__main__":
    unittest.main()
