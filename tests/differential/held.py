"""A connection that a server has accepted and holds, asked through a duplicate of the server's descriptor.

The answers of the kernel are compared, not what a server says of itself.
"""

import contextlib
import ctypes
import os
import socket
import struct
import sys

from clients import connect

_PIDFD_GETFD = 438  # asm-generic/unistd.h: the same number on every architecture
_TCP_INFO_UNACKED = 24  # <linux/tcp.h>: of a listener the connections that wait, and after it how many may
_libc = ctypes.CDLL(None, use_errno=True)

OPTIONS = {
    "SO_REUSEADDR": (socket.SOL_SOCKET, socket.SO_REUSEADDR),
    "SO_REUSEPORT": (socket.SOL_SOCKET, socket.SO_REUSEPORT),
    "SO_RCVBUF": (socket.SOL_SOCKET, socket.SO_RCVBUF),
    "SO_SNDBUF": (socket.SOL_SOCKET, socket.SO_SNDBUF),
    "SO_KEEPALIVE": (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    "SO_LINGER": (socket.SOL_SOCKET, socket.SO_LINGER),
    "SO_OOBINLINE": (socket.SOL_SOCKET, socket.SO_OOBINLINE),
    "SO_RCVLOWAT": (socket.SOL_SOCKET, socket.SO_RCVLOWAT),
    "SO_RCVTIMEO": (socket.SOL_SOCKET, socket.SO_RCVTIMEO),
    "SO_SNDTIMEO": (socket.SOL_SOCKET, socket.SO_SNDTIMEO),
    "SO_PRIORITY": (socket.SOL_SOCKET, socket.SO_PRIORITY),
    "SO_MARK": (socket.SOL_SOCKET, socket.SO_MARK),
    "IP_TOS": (socket.IPPROTO_IP, socket.IP_TOS),
    "IP_TTL": (socket.IPPROTO_IP, socket.IP_TTL),
    "TCP_NODELAY": (socket.IPPROTO_TCP, socket.TCP_NODELAY),
    "TCP_MAXSEG": (socket.IPPROTO_TCP, socket.TCP_MAXSEG),
    "TCP_CORK": (socket.IPPROTO_TCP, socket.TCP_CORK),
    "TCP_KEEPIDLE": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    "TCP_KEEPINTVL": (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    "TCP_KEEPCNT": (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
    "TCP_SYNCNT": (socket.IPPROTO_TCP, socket.TCP_SYNCNT),
    "TCP_LINGER2": (socket.IPPROTO_TCP, socket.TCP_LINGER2),
    "TCP_DEFER_ACCEPT": (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT),
    "TCP_WINDOW_CLAMP": (socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP),
    "TCP_QUICKACK": (socket.IPPROTO_TCP, socket.TCP_QUICKACK),
    "TCP_CONGESTION": (socket.IPPROTO_TCP, socket.TCP_CONGESTION),
    "TCP_USER_TIMEOUT": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
    "TCP_NOTSENT_LOWAT": (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT),
}
LISTENER_OPTIONS = ("SO_REUSEADDR", "SO_REUSEPORT", "SO_RCVBUF", "SO_SNDBUF", "SO_LINGER", "SO_OOBINLINE",
                    "TCP_DEFER_ACCEPT", "TCP_CONGESTION", "TCP_MAXSEG")


def _check(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return number


def _duplicate(pid, descriptor):
    pidfd = os.pidfd_open(pid)
    try:
        return socket.socket(fileno=_check(_libc.syscall(_PIDFD_GETFD, pidfd, descriptor, 0)))
    finally:
        os.close(pidfd)


def why_not():
    """The reason why no process may be asked here; None where it works."""
    try:
        with socket.socket() as own:
            _duplicate(os.getpid(), own.fileno()).close()
    except OSError as error:
        return f"pidfd_getfd: {error.strerror}"
    return None


@contextlib.contextmanager
def _duplicates(server):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_duplicate(server.pid, descriptor)) for descriptor in server.sockets()]


def _peer(one):
    try:
        return one.getpeername()
    except OSError:  # a listener has none
        return None


def _value(name, data):
    """The integers of an option, or of one integer itself; the one text is what it says."""
    if name == "TCP_CONGESTION":
        return data.rstrip(b"\0").decode()
    numbers = struct.unpack(f"{len(data) // 4}i", data)
    return numbers[0] if len(numbers) == 1 else numbers


def _read(one, names):
    return {name: _value(name, one.getsockopt(*OPTIONS[name], 64)) for name in names}


def _only(found):
    found = list(found)
    if len(found) != 1:
        raise AssertionError(f"{len(found)} sockets where one was looked for")
    return found[0]


@contextlib.contextmanager
def held(server):
    """A client's connection whose options are set and on which nothing was sent yet."""
    with connect(server) as connection:
        server.wait_for(connection)
        yield connection


def accepted_options(server, connection):
    with _duplicates(server) as sockets:
        return _read(_only(one for one in sockets if _peer(one) == connection.getsockname()), OPTIONS)


def _listens(one):
    return one.family == socket.AF_INET and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


def listener_options(server):
    """With the length that its accept queue may have."""
    with _duplicates(server) as sockets:
        listener = _only(filter(_listens, sockets))
        info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 64)
        waiting_most = int.from_bytes(info[_TCP_INFO_UNACKED + 4:][:4], sys.byteorder)
        return {**_read(listener, LISTENER_OPTIONS), "backlog": waiting_most}
