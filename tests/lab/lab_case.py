"""What tests of the path share: a path for each test, connections over it, and the kernel's own view of them."""

import contextlib
import socket
import struct
import threading
import time
import unittest

from path_lab import PathLab
from probe import tcp_info

PORT = 7000
PATIENCE_S = 60
_SO_RCVBUFFORCE = 33  # <asm-generic/socket.h>; Python has no name for it
# struct tcp_info, <linux/tcp.h>
_UNACKED, _RTT, _SND_CWND, _TOTAL_RETRANS, _MIN_RTT, _RCV_OOOPACK = 24, 68, 80, 100, 148, 224


def _field(connection, offset):
    return struct.unpack_from("=I", tcp_info(connection), offset)[0]


def rtt_us(connection):
    """Smoothed."""
    return _field(connection, _RTT)


def min_rtt_us(connection):
    return _field(connection, _MIN_RTT)


def retransmissions(connection):
    return _field(connection, _TOTAL_RETRANS)


def unacked(connection):
    """Segments on their way."""
    return _field(connection, _UNACKED)


def congestion_window(connection):
    """In segments."""
    return _field(connection, _SND_CWND)


def out_of_order_packets(connection):
    return _field(connection, _RCV_OOOPACK)


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {PATIENCE_S} s: {what}")
        time.sleep(0.01)


def read_exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise AssertionError(f"the connection ended after {len(data)} of {count} bytes")
        data += part
    return bytes(data)


def round_trip(one, other):
    """A byte there and back; how many seconds it took."""
    begun = time.monotonic()
    one.sendall(b"?")
    read_exactly(other, 1)
    other.sendall(b"!")
    read_exactly(one, 1)
    return time.monotonic() - begun


def transfer(one, other, count):
    """So many bytes from one to the other, all of them compared; how many seconds until the last one was there."""
    data = bytes(range(251)) * (count // 251 + 1)
    data = data[:count]
    sender = threading.Thread(target=one.sendall, args=[data])
    begun = time.monotonic()
    sender.start()
    received = read_exactly(other, count)
    taken = time.monotonic() - begun
    sender.join()
    if received != data:
        raise AssertionError("other bytes arrived than were sent")
    return taken


class LabCase(unittest.TestCase):
    def setUp(self):
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)

    def path(self, **settings):
        return self._stack.enter_context(PathLab(**settings))

    def open(self, end, kind=socket.SOCK_STREAM, family=socket.AF_INET):
        with end.inside():
            made = self._stack.enter_context(socket.socket(family, kind))
        made.settimeout(PATIENCE_S)
        return made

    def connect(self, lab, family=socket.AF_INET, port=PORT):
        """Both ends of a connection, the near one first."""
        address = lab.FAR if family == socket.AF_INET else lab.FAR6
        with self.open(lab.far, family=family) as listener:
            listener.bind((address, port))
            listener.listen()
            near = self.open(lab.near, family=family)
            near.connect((address, port))
            far = self._stack.enter_context(listener.accept()[0])
        for connection in (near, far):
            connection.settimeout(PATIENCE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return near, far

    def datagrams(self, lab):
        """A socket at the near end that sends to the one at the far end."""
        far = self.open(lab.far, socket.SOCK_DGRAM)
        far.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 24)  # so that none is lost behind the path
        far.bind((lab.FAR, PORT))
        near = self.open(lab.near, socket.SOCK_DGRAM)
        near.connect((lab.FAR, PORT))
        return near, far

    def settle(self, lab, packets=0):
        """The counters when that many packets were sent to the far end and nothing is under way any more."""
        def rest(one):
            return one["packets"] - one["delivered_packets"] - sum(one["dropped"].values())

        def settled():
            counters = lab.counters()
            return counters["near_to_far"]["packets"] >= packets and not any(map(rest, counters.values()))

        wait_until(settled, "packets that arrive")
        return lab.counters()
