"""System calls that fail: what was acknowledged comes back, or its client sees an error; and the server lives."""

import concurrent.futures
import contextlib
import os
import unittest

from host_run import CLOSED_FOR_GOOD, Clients, assert_well, echoed, round_trip, told
from probe_run import needs_strace, not_sanitized
from serve_run import Server

# The tracer is a process of its own, so that the server's number is known and its signals reach it.
TRACED = ("strace", "-D", "-f", "-o", "/dev/null")
MESSAGE = os.urandom(300_000)
REQUEST = MESSAGE[:1000]
CLIENTS = 8
# accept(2): about the one connection, or about this host.
PASSING = ("EINTR", "ECONNABORTED", "EPERM", "EPROTO")
EXHAUSTED = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")


def injected(call, error, when, *words):
    """`tcpkit serve` whose system calls fail as strace(1) is told."""
    return Server("--json", *words, before=(*TRACED, "-e", f"trace={call}", "-e",
                                            f"inject={call}:error={error}:when={when}"))


def outcome(server):
    """What a client sees: its bytes, an error, or, and that must not be, an end before all of them."""
    try:
        with server.connect() as connection:
            return "echoed" if echoed(connection, MESSAGE) else "lost"
    except OSError as error:
        return type(error).__name__


def outcomes(server, count=CLIENTS):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(outcome, [server] * count))


@needs_strace
@not_sanitized
class Injected(unittest.TestCase):
    def serve_all(self, call, errors, when, *words):
        """A server for each error, all at once: some of them have to wait."""
        with contextlib.ExitStack() as stack:
            servers = {error: stack.enter_context(injected(call, error, when, *words)) for error in errors}
            with concurrent.futures.ThreadPoolExecutor(len(servers)) as pool:
                seen = dict(zip(servers, pool.map(outcomes, servers.values())))
            for error, server in servers.items():
                with self.subTest(call=call, error=error), Clients(server) as clients:
                    yield error, server, seen[error]
                    self.assert_serves_still(server, clients)
                    assert_well(self, server, clients)

    def assert_serves_still(self, server, clients):
        for _ in range(10):  # it may be the turn of one more error
            with contextlib.suppress(*CLOSED_FOR_GOOD):
                if round_trip(*clients.connect(), REQUEST) == REQUEST:
                    return
        self.fail("nobody is served any more")

    def test_accepting_goes_on_at_once_after_an_error_about_one_connection(self):
        for _, server, seen in self.serve_all("accept4", PASSING, "2+2"):
            self.assertEqual(seen, ["echoed"] * CLIENTS)
            self.assertEqual(told(server, "paused"), [])

    def test_accepting_pauses_where_the_host_has_nothing_left_and_goes_on(self):
        for _, server, seen in self.serve_all("accept4", EXHAUSTED, "2..3"):
            self.assertEqual(seen, ["echoed"] * CLIENTS)
            self.assertTrue(told(server, "paused"))
            self.assertTrue(told(server, "resumed"))

    def test_an_interrupted_receive_or_send_is_taken_up_again(self):
        for call in ("recvfrom", "sendto"):
            for _, _, seen in self.serve_all(call, ["EINTR"], "1+2"):
                self.assertEqual(seen, ["echoed"] * CLIENTS)

    def test_a_receive_that_fails_is_an_error_for_its_client_too(self):
        for _, _, seen in self.serve_all("recvfrom", ["ENOMEM", "ENOBUFS", "ECONNABORTED", "EHOSTUNREACH"], "4+5"):
            self.assertNotIn("lost", seen)

    def test_a_send_that_fails_is_an_error_for_its_client_too(self):
        errors = ["ENOMEM", "ENOBUFS", "EPERM", "ECONNABORTED", "EHOSTUNREACH", "ENETDOWN", "ETIMEDOUT"]
        for _, _, seen in self.serve_all("sendto", errors, "4+5"):
            self.assertNotIn("lost", seen)

    def test_the_same_where_whole_requests_are_answered(self):
        for _, _, seen in self.serve_all("sendto", ["ENOBUFS", "EINTR"], "4+5", "--reply-every", "1000"):
            self.assertNotIn("lost", seen)

    def test_connections_that_cannot_be_watched_end_with_an_error(self):
        for error, _, seen in self.serve_all("epoll_ctl", ["ENOMEM", "ENOSPC"], "12+3"):
            self.assertNotIn("lost", seen)
            self.assertNotIn("TimeoutError", seen, error)

    def test_an_interrupted_wait_is_no_event(self):
        for _, _, seen in self.serve_all("epoll_wait", ["EINTR"], "1+2", "--idle-timeout", "30s"):
            self.assertEqual(seen, ["echoed"] * CLIENTS)


if __name__ == "__main__":
    unittest.main()
