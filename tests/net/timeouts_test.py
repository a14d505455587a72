"""What the limits predict, against the kernel's clock and a peer that is gone.

All the waiting is done at once: every case has two namespaces and a thread, and its test asks for what came out.
"""

import concurrent.futures
import errno
import socket
import time
import unittest

from namespace import Pair, skip_unless_possible
from probe import PORT, Listener, probe, rto_us, run_probe, words_of

LONGEST_S = 30
# A timer of the kernel is late by up to an eighth (kernel/time/timer.c), and never early by more than a tick.
# Of data in flight, only the first retransmission is known to within half a retransmission timeout.
LEAST, MOST = 0.95, 1.15
START_S = 0.6  # a busy host, or a program under a sanitizer, starts and ends this late; the kernel's timers run true
TIMED_OUT = 5  # exit status
RTO_MAX_MS = 44  # TCP_RTO_MAX_MS, since Linux 6.15
# A slow handshake raises the timeout of a connection. 200 ms and a tick is that of an idle machine; the retries below
# are such that a few ticks more or less do not move the deadline past another doubling.
ORDINARY_RTO_US = 204_000


class Outcome:
    """How long it took, how long it was said to take, and how it ended."""

    def __init__(self, predicted_ms, took_s, ended, text=""):
        self.predicted_ms, self.took_s, self.ended, self.text = predicted_ms, took_s, ended, text


def make_pair(sysctls):
    pair = Pair()
    try:
        for name, value in sysctls.items():
            pair.here.set_sysctl(f"net.ipv4.{name}", value)
    except BaseException as error:
        pair.close()
        if isinstance(error, FileNotFoundError):
            raise unittest.SkipTest(f"this kernel has no {name}") from error
        raise
    return pair


def require_options(pair, options):
    if run_probe(pair.here, *words_of(options)).returncode == 7:
        raise unittest.SkipTest(f"this kernel has no {' '.join(options)}")


def connect_to_nobody(sysctls, options, timeout_ms=None):
    """A probe says what holds with a live peer; the same to an address that never answers is timed."""
    with make_pair(sysctls) as pair:
        require_options(pair, options)
        with Listener(pair.there, pair.THERE) as listener:
            predicted_ms = probe(pair.here, *words_of(options), listener.target)["limits"]["connect_timeout_ms"]
        begin = time.monotonic()
        done = run_probe(pair.here, f"--timeout={timeout_ms or 2 * predicted_ms}ms", *words_of(options),
                         f"{pair.NOBODY}:{PORT}", timeout=LONGEST_S)
        return Outcome(predicted_ms, time.monotonic() - begin, done.returncode, done.stderr)


def ordinary(make, rto_of):
    """Makes a connection until its retransmission timeout is that of an idle machine: a slow handshake raises it."""
    for _ in range(50):
        made = make()
        if rto_of(made) <= ORDINARY_RTO_US:
            return made
    raise TimeoutError("no connection had a short round trip")


def connect_python(pair, socket_options):
    with pair.here.inside():
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    for level, number, value in socket_options:
        connection.setsockopt(level, number, value)
    connection.settimeout(LONGEST_S)
    connection.connect((pair.THERE, PORT))
    return connection


def wait_for_error(connection):
    """The number of the error that ends the connection."""
    try:
        return f"{len(connection.recv(1))} bytes"
    except OSError as error:  # recv giving up by itself has no number
        return error.errno


def lose_peer(limit, sysctls, options, socket_options, in_flight):
    """A connection of Python's with the same options meets what the probe predicted."""
    with make_pair(sysctls) as pair, Listener(pair.there, pair.THERE) as listener:
        require_options(pair, options)
        document = ordinary(lambda: probe(pair.here, *words_of(options), listener.target),
                            lambda found: found["tcp_info"]["rto_us"])
        connection = ordinary(lambda: connect_python(pair, socket_options), rto_us)
        begin = time.monotonic()
        with connection:
            pair.lose_everything()
            if in_flight:
                begin = time.monotonic()
                connection.send(b"x")
            ended = wait_for_error(connection)
        return Outcome(document["limits"][limit], time.monotonic() - begin, ended)


def lose_idle_peer(sysctls, options, socket_options):
    return lose_peer("dead_peer_idle_ms", sysctls, options, socket_options, in_flight=False)


def lose_peer_in_flight(sysctls, options, socket_options):
    return lose_peer("dead_peer_in_flight_ms", sysctls, options, socket_options, in_flight=True)


def user_timeout(milliseconds):
    return socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds


def keepalive(idle, interval, count):
    return ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval), (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count))


CASES = {
    "syn_retries 1": (connect_to_nobody, {"tcp_syn_retries": 1}, []),
    "syn_retries 2": (connect_to_nobody, {"tcp_syn_retries": 2}, []),
    "syncnt 1": (connect_to_nobody, {}, ["syncnt=1"]),
    "connect user timeout": (connect_to_nobody, {}, ["user-timeout=2500ms"]),
    "short user timeout": (connect_to_nobody, {}, ["user-timeout=500ms"]),
    "user timeout beyond the retries": (connect_to_nobody, {"tcp_syn_retries": 1}, ["user-timeout=20s"]),
    "no linear timeouts": (connect_to_nobody, {"tcp_syn_retries": 1, "tcp_syn_linear_timeouts": 0}, []),
    "connect rto_max": (connect_to_nobody, {"tcp_syn_retries": 3, "tcp_syn_linear_timeouts": 0}, ["rto-max-ms=1s"]),
    "own timeout": (connect_to_nobody, {}, [], 500),
    "keepalive": (lose_idle_peer, {}, ["keepalive", "keepidle=1s", "keepintvl=1s", "keepcnt=3"], keepalive(1, 1, 3)),
    "keepalive from sysctls": (
        lose_idle_peer,
        {"tcp_keepalive_time": 2, "tcp_keepalive_intvl": 1, "tcp_keepalive_probes": 2},
        ["keepalive"], [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]),
    "keepalive and user timeout": (
        lose_idle_peer, {}, ["keepalive", "keepidle=2s", "keepintvl=1s", "keepcnt=9", "user-timeout=3500ms"],
        [*keepalive(2, 1, 9), user_timeout(3500)]),
    "keepalive and short user timeout": (
        lose_idle_peer, {}, ["keepalive", "keepidle=2s", "keepintvl=1s", "keepcnt=9", "user-timeout=500ms"],
        [*keepalive(2, 1, 9), user_timeout(500)]),
    "user timeout in flight": (lose_peer_in_flight, {}, ["user-timeout=3s"], [user_timeout(3000)]),
    "short user timeout in flight": (lose_peer_in_flight, {}, ["user-timeout=500ms"], [user_timeout(500)]),
    "retries2 1": (lose_peer_in_flight, {"tcp_retries2": 1}, [], []),
    "retries2 3": (lose_peer_in_flight, {"tcp_retries2": 3}, [], []),
    "user timeout beyond retries2": (lose_peer_in_flight, {"tcp_retries2": 1}, ["user-timeout=5s"],
                                     [user_timeout(5000)]),
    "retries2 and rto_max": (lose_peer_in_flight, {"tcp_retries2": 3}, ["rto-max-ms=1200ms"],
                             [(socket.IPPROTO_TCP, RTO_MAX_MS, 1200)]),
}


class Timeouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = concurrent.futures.ThreadPoolExecutor(max_workers=len(CASES))
        cls.addClassCleanup(cls.pool.shutdown)
        cls.outcomes = {name: cls.pool.submit(*case) for name, case in CASES.items()}

    def outcome(self, name):
        return self.outcomes[name].result(timeout=2 * LONGEST_S)

    def assert_kept(self, name, predicted_ms, ended):
        outcome = self.outcome(name)
        self.assertEqual(outcome.ended, ended, outcome.text)
        if predicted_ms is not None:
            self.assertEqual(outcome.predicted_ms, predicted_ms)
        told_s = outcome.predicted_ms / 1000
        self.assertGreaterEqual(outcome.took_s, LEAST * told_s)
        self.assertLessEqual(outcome.took_s, MOST * told_s + START_S)

    def assert_connect_gives_up(self, name, predicted_ms):
        self.assert_kept(name, predicted_ms, TIMED_OUT)
        self.assertIn("Connection timed out", self.outcome(name).text)
        self.assertNotIn("no answer within", self.outcome(name).text)  # the kernel gave up, not --timeout


    def test_connect_ends_by_the_sysctl(self):
        self.assert_connect_gives_up("syn_retries 1", 3000)
        self.assert_connect_gives_up("syn_retries 2", 7000)

    def test_connect_ends_by_the_option(self):
        self.assert_connect_gives_up("syncnt 1", 3000)

    def test_connect_ends_by_the_user_timeout(self):
        self.assert_connect_gives_up("connect user timeout", 2500)

    def test_a_user_timeout_cannot_end_connect_before_the_first_second(self):
        self.assert_connect_gives_up("short user timeout", 1000)

    def test_a_user_timeout_cannot_make_connect_last_longer_than_its_retries(self):
        predicted_ms = self.outcome("user timeout beyond the retries").predicted_ms
        self.assert_connect_gives_up("user timeout beyond the retries", predicted_ms)
        self.assertLess(predicted_ms, 20_000)

    def test_connect_without_linear_timeouts(self):
        self.assert_connect_gives_up("no linear timeouts", 3000)

    def test_connect_with_a_short_greatest_timeout(self):
        self.assert_connect_gives_up("connect rto_max", 4000)

    def test_connect_ended_by_the_program_says_so(self):
        outcome = self.outcome("own timeout")
        self.assertEqual(outcome.ended, TIMED_OUT)
        self.assertRegex(outcome.text, r"no answer within 5\d\d ms")

    def test_keepalive(self):
        self.assert_kept("keepalive", 4000, errno.ETIMEDOUT)
        self.assert_kept("keepalive from sysctls", 4000, errno.ETIMEDOUT)

    def test_keepalive_with_a_user_timeout(self):
        self.assert_kept("keepalive and user timeout", 4000, errno.ETIMEDOUT)
        self.assert_kept("keepalive and short user timeout", 3000, errno.ETIMEDOUT)

    def test_data_in_flight_and_a_user_timeout(self):
        self.assert_kept("short user timeout in flight", None, errno.ETIMEDOUT)
        self.assert_kept("user timeout in flight", None, errno.ETIMEDOUT)
        self.assert_kept("user timeout beyond retries2", None, errno.ETIMEDOUT)

    def test_data_in_flight_and_retries2(self):
        self.assert_kept("retries2 1", None, errno.ETIMEDOUT)
        self.assert_kept("retries2 3", None, errno.ETIMEDOUT)
        self.assertGreater(self.outcome("retries2 3").predicted_ms, 3 * self.outcome("retries2 1").predicted_ms)

    def test_data_in_flight_and_a_short_greatest_timeout(self):
        self.assert_kept("retries2 and rto_max", None, errno.ETIMEDOUT)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
