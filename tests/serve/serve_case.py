"""What tests of a running server share: its clients, and what it must be like once they have gone."""

import os
import pathlib
import signal
import socket
import struct
import time
import unittest

from serve_run import Server, exchange
from tcpkit_run import PATIENCE_S

LONG = os.environ.get("TCPKIT_TEST_LONG") == "1"
HEAP_SLACK_KIB = 2048  # an allocator keeps some of what it was given back; a thread reads into 256 KiB, page by page


def wait_until(holds, patience_s=PATIENCE_S):
    """Looks until it holds; fails with what it was told last."""
    until = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"{holds} did not hold in {patience_s} s")
        time.sleep(0.005)


def reset(connection):
    """Closes so that the other side is reset, socket(7)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_to_end(connection):
    """All that comes until the other side ends."""
    received = []
    while chunk := connection.recv(1 << 16):
        received.append(chunk)
    return b"".join(received)


def read_exactly(connection, count):
    """So many bytes, or fewer where the other side ended."""
    received = bytearray()
    while len(received) < count and (chunk := connection.recv(min(count - len(received), 1 << 16))):
        received += chunk
    return bytes(received)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def memory_kib(server):
    """Heap and stacks, proc(5). Its share of a library's pages grows when another process that has it ends."""
    text = pathlib.Path(f"/proc/{server.pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:"))


def is_sanitized(server):
    """A sanitizer keeps what was freed for a while: then memory says nothing."""
    maps = pathlib.Path(f"/proc/{server.pid}/maps").read_text()
    return "libasan" in maps or "libtsan" in maps


class Before:
    """What a server holds while it has no clients."""

    def __init__(self, server):
        self.descriptors = descriptors(server)
        self.memory_kib = memory_kib(server)


class Stopped:
    """The server stands still in a with block: what its clients do meanwhile it finds done."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.server.pid, os.WSTOPPED | os.WNOWAIT)

    def __exit__(self, *_):
        self.server.signal(signal.SIGCONT)


class ServeCase(unittest.TestCase):
    def start(self, *words, **options):
        """A server that ends with the test."""
        server = Server(*words, **options)
        self.addCleanup(server.close)
        return server

    def connect(self, server, **options):
        connection = server.connect(**options)
        self.addCleanup(connection.close)
        return connection

    def assert_echoes(self, server, data=b"are you there?"):
        with server.connect() as connection:
            self.assertEqual(exchange(connection, data), data)

    def assert_reset(self, connection):
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            read_to_end(connection)

    def assert_memory_within(self, server, most_kib):
        if not is_sanitized(server):
            self.assertLessEqual(memory_kib(server), most_kib)

    def assert_as_before(self, server, before):
        """It serves, and nothing is left of the clients it had."""
        self.assert_echoes(server)
        wait_until(lambda: descriptors(server) <= before.descriptors)
        self.assertEqual(descriptors(server), before.descriptors)
        self.assert_memory_within(server, before.memory_kib + HEAP_SLACK_KIB)

    def assert_one_end(self, server, reason, **wanted):
        """The connections that have closed since the start are one, and it ended like this."""
        closed = server.wait_for_event("closed")
        self.assertEqual({"reason": closed["reason"], **{key: closed[key] for key in wanted}},
                         {"reason": reason, **wanted}, closed)


class SteadyCase(ServeCase):
    """One server for all tests of the class, which must be as before after each of them."""

    WORDS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.WORDS)
        cls.addClassCleanup(cls.server.close)
        with cls.server.connect() as connection:
            exchange(connection, b"warm" * 100_000)

    def setUp(self):
        wait_until(lambda: descriptors(self.server) == self.idle_descriptors())
        self.before = Before(self.server)

    def tearDown(self):
        self.doCleanups()  # the clients of the test
        self.assert_as_before(self.server, self.before)

    def idle_descriptors(self):
        if not hasattr(type(self), "_descriptors"):
            with self.server.connect() as connection:
                exchange(connection, b"")
            type(self)._descriptors = descriptors(self.server)
        return self._descriptors
