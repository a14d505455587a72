"""Signals that interrupt a server, or stop it for a while: no connection suffers."""

import concurrent.futures
import os
import signal
import threading
import time
import unittest

from host_run import LONG, Clients, assert_well, echoed, eventually, round_trip, take
from serve_run import Server
from tcpkit_run import PATIENCE_S

CLIENTS = 4
STOP_S = 30 if LONG else 3
PAUSE_S = 0.05
STORM_S = 1  # thousands of signals
BLOCK = os.urandom(1 << 20)
# Those that a server has no reason to end for.
HARMLESS = (signal.SIGWINCH, signal.SIGCHLD, signal.SIGURG, signal.SIGCONT)


def state(pid):
    """The letter of proc(5): "T" is stopped."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def echo(server):
    with server.connect() as connection:
        return echoed(connection, BLOCK)


class Stopped:
    """The server does not run for the length of a with block."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.signal(signal.SIGSTOP)
        assert eventually(lambda: state(self.server.pid) == "T")
        return self

    def __exit__(self, *_):
        self.server.signal(signal.SIGCONT)


class Storm(unittest.TestCase):
    """epoll_wait(2) fails with EINTR after a stop and a continuation even where no signal has a handler (signal(7))."""

    def bombard(self, server, signals):
        until = time.monotonic() + STORM_S
        while time.monotonic() < until:
            for number in signals:
                server.signal(number)
        server.signal(signal.SIGCONT)

    def check(self, signals):
        with Server("--threads", "2") as server, concurrent.futures.ThreadPoolExecutor(CLIENTS + 1) as pool:
            storm = pool.submit(self.bombard, server, signals)
            while not storm.done():
                self.assertEqual(list(pool.map(echo, [server] * CLIENTS)), [True] * CLIENTS)
            storm.result()
            assert_well(self, server)

    def test_thousands_of_stops_and_continuations_lose_no_byte(self):
        self.check((signal.SIGSTOP, signal.SIGCONT))

    def test_thousands_of_signals_that_mean_nothing_lose_no_byte(self):
        self.check(HARMLESS)


class Stop(unittest.TestCase):
    def test_a_long_stop_shorter_than_the_idle_timeout_cuts_nobody(self):
        with Server("--idle-timeout", f"{STOP_S * 20}s") as server, Clients(server) as clients:
            clients.connect(50)
            for connection in clients.all:
                self.assertEqual(round_trip(connection), b"?")
            with Stopped(server):
                time.sleep(STOP_S)
            for connection in clients.all:
                self.assertEqual(round_trip(connection), b"?")
            assert_well(self, server, clients)

    def test_bytes_that_arrived_during_a_stop_longer_than_the_idle_timeout_are_echoed(self):
        """More clients than a poll of the server tells of at once."""
        with Server("--idle-timeout", "1s", "--backlog", "1000") as server, Clients(server) as clients:
            clients.connect(900)
            self.assertEqual(round_trip(clients.all[-1]), b"?")
            with Stopped(server):
                for number, connection in enumerate(clients.all):
                    connection.sendall(b"%04d" % number)
                time.sleep(STOP_S)
            for number, connection in enumerate(clients.all):
                self.assertEqual(take(connection, 4), b"%04d" % number)
            assert_well(self, server, clients)

    def test_who_connected_during_a_stop_is_served(self):
        with Server("--idle-timeout", "1s") as server, Clients(server) as clients:
            with Stopped(server):
                for connection in clients.connect(90):
                    connection.sendall(b"early")
                time.sleep(STOP_S)
            for connection in clients.all:
                self.assertEqual(take(connection, 5), b"early")
            assert_well(self, server, clients)

    def test_who_took_its_answers_during_a_stop_gets_the_rest(self):
        """A client that is slow but moves is no silent one, whether or not the server saw it move."""
        with Server("--idle-timeout", "1s") as server, Clients(server) as clients:
            connection, = clients.connect()
            sender = threading.Thread(target=connection.sendall, args=(BLOCK * 8,), daemon=True)
            sender.start()
            received = take(connection, 1 << 20)
            with Stopped(server):
                until = time.monotonic() + STOP_S
                while time.monotonic() < until:
                    received += take(connection, int((1 << 19) * PAUSE_S / STOP_S))  # half of what lies there
                    time.sleep(PAUSE_S)
            received += take(connection, (8 << 20) - len(received))
            sender.join(PATIENCE_S)
            self.assertTrue(received == BLOCK * 8)
            assert_well(self, server, clients)

    def test_a_silent_client_is_cut_after_it(self):
        with Server("--json", "--idle-timeout", "1s") as server, Clients(server) as clients:
            clients.connect()
            with Stopped(server):
                time.sleep(STOP_S)
            self.assertEqual(server.wait_for_event("closed")["reason"], "idle")
            assert_well(self, server, clients)


if __name__ == "__main__":
    unittest.main()
