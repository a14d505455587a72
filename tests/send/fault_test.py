"""Servers that refuse, fall silent, lie or leave: each is told for what it is, and no run outlives its limits."""

import contextlib
import select
import socket
import threading
import time
import unittest

from peer import PATIENCE_S, Peer, echo, read_request, requests, reset, silent, wait_for_end
from send_case import SLACK_S, SendCase, Sending, address_of, note_ids, unused_port

TIMEOUT = ("--timeout", "300ms")
BOTH_MODES = ("rr", "wwr")
FLOOD = b"x" * (1 << 20)


def flooding(connection, _):
    """Never stops, whatever it is sent."""
    while True:
        connection.sendall(FLOOD)


def after_a_request(answer):
    """A server that answers each request with what `answer` makes of it."""
    def talk(connection, _):
        for request in requests(connection):
            connection.sendall(answer(request))
    return talk


def ending_after(replies, end):
    """A server that echoes so many requests, reads one more, and ends the connection its own way."""
    def talk(connection, _):
        for _ in range(replies):
            connection.sendall(read_request(connection))
        read_request(connection)
        end(connection)
    return talk


def ending_in_order(size):
    """A server that answers one request on each connection, and has told its end before it drops what came too late."""
    def talk(connection, _):
        connection.sendall(read_request(connection, size))
        connection.shutdown(socket.SHUT_WR)
        wait_for_end(connection)
    return talk


def closing_after_each_reply(connection, _):
    connection.sendall(read_request(connection))


class Fault(SendCase):
    def measure_from(self, talk, *words, within_s=SLACK_S, **options):
        with Peer(talk) as peer:
            return self.measure(*words, peer.address, within_s=within_s, **options)


class NoConnection(Fault):
    def test_refused(self):
        with unused_port() as bound:
            document = self.measure("--mode", "rr", address_of(bound), status=4, within_s=SLACK_S)
            self.assertEqual(document["error"]["code"], "ECONNREFUSED")
            sending = self.run_send("--mode", "crr", "-c", "10", address_of(bound), status=4, within_s=SLACK_S)
        self.assertEqual(sending.stdout.text(), "")
        self.assertRegex(sending.stderr.text(), r"\Atcpkit: connect to 127\.0\.0\.1:\d+: Connection refused\n\Z")

    @contextlib.contextmanager
    def full_listener(self):
        """Its queue takes backlog + 1 connections (net/ipv4/tcp_ipv4.c, sk_acceptq_is_full); nobody accepts them."""
        with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
            yield address_of(listener)

    def test_a_full_backlog_ends_the_open_within_the_timeout(self):
        for mode in ("rr", "idle", "stream"):
            with self.subTest(mode), self.full_listener() as address:
                document = self.measure("--mode", mode, "-c", "10", *TIMEOUT, address, status=5, within_s=0.5 + SLACK_S)
                self.assertEqual(document["error"]["code"], "ETIMEDOUT")
                self.assertIn("(connection 3 of 10)", document["error"]["doing"])

    def test_a_full_backlog_ends_the_open_within_the_deadline(self):
        with self.full_listener() as address:
            words = ("--mode", "rr", "-c", "10", "--timeout", "1m", "--deadline", "300ms", address)
            document = self.measure(*words, status=5, within_s=0.5 + SLACK_S)
        self.assertIn("(connection 3 of 10)", document["error"]["doing"])

    def test_a_full_backlog_in_a_run_of_connections(self):
        """The first is opened before the run, the second one waits in the queue for a reply, and then there is no room."""
        with self.full_listener() as address:
            words = ("--mode", "crr", "-n", "4", *TIMEOUT, "--deadline", "30s", address)
            document = self.measure(*words, status=1, within_s=4 + SLACK_S)
        self.assertEqual((document["requests"], document["errors"]), (0, 4))


class Ended(Fault):
    def test_a_reset_in_the_middle_of_a_run_costs_the_request_under_way(self):
        document = self.measure_from(ending_after(3, reset), "--mode", "rr", "-n", "8", status=1)
        self.assertEqual(document["requests"], 6)
        self.check_failures(document, reset=2)
        self.assertEqual(document["first_failure"]["code"], "ECONNRESET")
        self.assertEqual((document["opened"], document["reopened"]), (2, 1))
        self.assertGreater(document["lifetime_us"]["max"], 0)

    def test_who_resets_before_any_answer_is_not_asked_again_and_again(self):
        document = self.measure_from(ending_after(0, reset), "--mode", "rr", "-n", "100", "-c", "3", status=1)
        self.assertEqual((document["requests"], document["opened"]), (0, 3))
        self.check_failures(document, reset=3)

    def test_an_end_before_any_answer(self):
        document = self.measure_from(ending_after(0, lambda connection: None), "--mode", "rr", "-n", "100", status=1)
        self.check_failures(document, ended=1)
        self.assertIn("after 0 of 64 bytes", document["first_failure"]["hint"])

    def test_an_end_in_the_middle_of_a_reply(self):
        def talk(connection, _):
            connection.sendall(read_request(connection)[:10])

        document = self.measure_from(talk, "--mode", "rr", "-n", "5", status=1)
        self.check_failures(document, ended=1)
        self.assertIn("after 10 of 64 bytes", document["first_failure"]["hint"])

    def test_a_server_that_closes_after_each_reply_is_connected_to_anew(self):
        for mode in BOTH_MODES:
            for words in ((), ("-c", "4"), ("-s", "64KiB"), ("--rate", "500")):
                with self.subTest(mode=mode, words=words):
                    size = 65536 if "-s" in words else 64
                    document = self.measure_from(ending_in_order(size), "--mode", mode, "-n", "40", *words)
                    self.assertEqual((document["requests"], document["errors"]), (40, 0))
                    self.assertGreaterEqual(document["reopened"], 40 - document["connections"])
                    self.assertIn("reopened", note_ids(document))

    def test_a_server_that_closes_with_a_request_unread_resets_it_and_that_is_told(self):
        """RFC 9293, 3.6.1: whether the request was read, the client cannot know."""
        def talk(connection, _):
            connection.sendall(read_request(connection))
            select.select([connection], [], [], PATIENCE_S)

        document = self.measure_from(talk, "--mode", "rr", "-n", "5", status=1)
        self.assertEqual(document["requests"], 3)
        self.check_failures(document, reset=2)

    def test_a_server_that_closes_after_each_reply_is_what_crr_expects(self):
        document = self.measure_from(closing_after_each_reply, "--mode", "crr", "-n", "40", "-c", "4")
        self.assertEqual((document["requests"], document["errors"], document["reopened"]), (40, 0, 0))

    def test_streams_that_are_reset_do_not_end_the_program(self):
        def talk(connection, _):
            connection.recv(1)
            reset(connection)

        for mode in ("stream", "bidir"):
            with self.subTest(mode):
                document = self.measure_from(talk, "--mode", mode, "-c", "3", "-d", "30s", status=1)
                self.check_failures(document, reset=3)

    def test_idle_connections_that_the_server_ends(self):
        document = self.measure_from(lambda connection, number: number % 2 and silent(connection, number),
                                     "--mode", "idle", "-c", "4", "-d", "300ms", status=1)
        self.check_failures(document, ended=2)


class Silent(Fault):
    def test_each_request_times_out(self):
        for mode in ("rr", "wwr", "crr"):
            with self.subTest(mode):
                document = self.measure_from(silent, "--mode", mode, "-n", "2", "-c", "2", *TIMEOUT, status=1)
                self.check_failures(document, timeout=2)
                self.assertGreaterEqual(document["duration_us"], 299_000)
                self.assertIn("64 of the 64 bytes of the request were sent", document["first_failure"]["hint"])

    def test_the_end_of_the_duration_does_not_wait_longer(self):
        document = self.measure_from(silent, "-d", "100ms", "-c", "2", *TIMEOUT, status=1)
        self.check_failures(document, timeout=2)

    def test_after_some_replies_it_is_tried_again(self):
        """Each connection serves two requests and then none: every third one costs a timeout."""
        def talk(connection, number):
            for _ in range(2):
                connection.sendall(read_request(connection))
            silent(connection, number)

        document = self.measure_from(talk, "--mode", "rr", "-n", "6", *TIMEOUT, status=1)
        self.assertEqual((document["requests"], document["opened"]), (4, 2))
        self.check_failures(document, timeout=2)

    def test_who_takes_nothing_of_a_large_request(self):
        def deaf(connection, _):
            deaf.stop.wait(30)

        deaf.stop = threading.Event()
        with Peer(deaf) as peer:
            document = self.measure("-s", "64MiB", "-n", "1", *TIMEOUT, peer.address, status=1, within_s=SLACK_S)
            deaf.stop.set()
        self.check_failures(document, timeout=1)

    def test_a_silent_stream(self):
        document = self.measure_from(silent, "--mode", "stream", "-R", "-d", "30s", *TIMEOUT, status=1)
        self.check_failures(document, timeout=1)

    def test_slow_is_not_silent(self):
        def talk(connection, _):
            for request in requests(connection):
                time.sleep(0.15)
                connection.sendall(request)

        document = self.measure_from(talk, "--mode", "rr", "-n", "4", *TIMEOUT)
        self.assertEqual((document["requests"], document["errors"]), (4, 0))
        self.assertGreaterEqual(document["latency_us"]["min"], 149_000)


class WrongReply(Fault):
    def check(self, talk, failure, *parts, words=(), mode="rr"):
        document = self.measure_from(talk, "--mode", mode, "-n", "1", *TIMEOUT, *words, status=1)
        self.check_failures(document, **{failure: 1})
        for part in parts:
            self.assertIn(part, document["first_failure"]["hint"])
        return document

    def test_more(self):
        for mode in BOTH_MODES:
            document = self.check(after_a_request(lambda request: request + b"!"), "longer", mode=mode)
            self.assertIn("longer", note_ids(document))

    def test_more_between_two_requests(self):
        """The byte too much may come with the reply, or after it, when the next request has been sent."""
        document = self.measure_from(after_a_request(lambda request: request + b"!"), "--mode", "rr", "-n", "50", status=1)
        self.assertLess(document["requests"], 50)
        self.assertGreater(document["errors"], 0)

    def test_less_and_silence(self):
        self.check(after_a_request(lambda request: request[:-1]), "timeout", "63 bytes of it came")

    def test_less_and_the_end(self):
        self.check(lambda connection, _: connection.sendall(read_request(connection)[:-1]), "ended", "after 63 of 64 bytes")

    def test_corrupted(self):
        for at in (0, 31, 63):
            def corrupt(request, at=at):
                return request[:at] + bytes([request[at] ^ 1]) + request[at + 1:]

            for mode in BOTH_MODES:
                self.check(after_a_request(corrupt), "wrong", f"at byte {at}", mode=mode)

    def test_a_reply_to_another_request_is_no_echo(self):
        self.check(after_a_request(lambda request: request[1:] + request[:1]), "wrong", "at byte 0")

    def test_never_stops(self):
        self.check(flooding, "longer", words=("--reply-size", "100"))
        self.check(flooding, "wrong")

    def test_never_stops_where_it_need_not(self):
        document = self.measure_from(flooding, "--mode", "stream", "-R", "-d", "100ms")
        self.assertGreater(document["bytes_received"], 65536)
        self.assertEqual(document["bytes_sent"], 0)

    def test_the_wrong_size(self):
        self.check(after_a_request(lambda request: b"x" * 99), "timeout", "99 bytes of it came", words=("--reply-size", "100"))
        self.check(after_a_request(lambda request: b"x" * 101), "longer", words=("--reply-size", "100"))

    def test_the_wrong_text(self):
        self.check(after_a_request(lambda request: b"-ERR\r\n"), "wrong", "at byte 0", words=("--reply", r"match:+OK\r\n"))
        self.check(after_a_request(lambda request: b"+OK"), "timeout", words=("--reply", r"until:\r\n"))


class Deadline(Fault):
    """It holds whatever the server does, with a timeout far away."""

    HOLDING = {
        "silent": silent,
        "flooding": flooding,
        "slow": lambda connection, _: [(time.sleep(0.02), connection.sendall(data)) for data in requests(connection)],
        "drop by drop": lambda connection, _: [(time.sleep(0.02), connection.sendall(b"x")) for _ in iter(int, 1)],
        "closing": closing_after_each_reply,
        "echo": echo,
    }
    RUNS = {
        "rr": ("--mode", "rr", "--reply-size", "1GiB"),
        "schedule": ("--rate", "10", "--reply-size", "1GiB"),
        "crr": ("--mode", "crr"),
        "wwr": ("--mode", "wwr", "--reply", "until:never"),
        "stream": ("--mode", "stream", "-R"),
        "bidir": ("--mode", "bidir"),
        "idle": ("--mode", "idle"),
        "warmup": ("--mode", "rr", "--warmup", "1h", "--reply", "any"),
    }

    def start(self, stack, address, run):
        words = (*self.RUNS[run], "-d", "1h", "--timeout", "1h", "--deadline", "80ms", "-c", "2", address)
        return stack.enter_context(Sending("--json", *words))

    def test_it_holds(self):
        for name, talk in self.HOLDING.items():
            with self.subTest(name), Peer(talk) as peer, contextlib.ExitStack() as stack:
                for sending in [self.start(stack, peer.address, run) for run in self.RUNS]:
                    self.assertIn(sending.wait(SLACK_S), (1, 5), sending.stderr.text())  # 1: all had ended before

    def test_it_is_told(self):
        with Peer(silent) as peer:
            words = ("--mode", "rr", "--timeout", "1h", "--deadline", "100ms", peer.address)
            document = self.measure(*words, status=5, within_s=SLACK_S)
            self.check_failures(document, unfinished=1)
            self.assertTrue(document["deadline_passed"])
            sending = self.run_send(*words, status=5, within_s=SLACK_S)
        self.assertIn("--deadline 100 ms passed", sending.stdout.text())


if __name__ == "__main__":
    unittest.main()
