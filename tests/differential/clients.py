"""Scripted clients. A script plays against a server and says what its client saw, in values that can be compared.

What a client sees must depend on the server alone and not on who is faster. The kernel lets go of a write as a whole
if it is no longer than half of the greatest window it was offered, here 32 KiB (net/ipv4/tcp.c, forced_push()). Of a
longer one a quick server may read the beginning while the client still writes the rest: then either end is right, and
the scripts stop the server until its kernel has taken all that it will take. Only of 1 MB the end is always a reset: no
server takes all of it in one read, and what is left is reset whether it came before close() or after.
"""

import array
import collections
import contextlib
import dataclasses
import errno
import fcntl
import pathlib
import select
import socket
import struct
import termios

from servers import PATIENCE_S, port_of, wait_until

_SIOCOUTQNSD = 0x894B  # <linux/sockios.h>: bytes that were not sent yet; TIOCOUTQ counts what was not acknowledged
_TIME_WAIT = "06"  # include/net/tcp_states.h, as /proc/net/tcp prints it
_QUIET_S = 1
_CROWD = 200
TRIES = 5
answer_s = 5  # how long a client waits until it says that nothing comes


@dataclasses.dataclass(frozen=True)
class Seen:
    """What came back, and how it ended: "FIN", "reset" or "timeout"."""

    received: bytes
    end: str


def text(size):
    """That many bytes, of which no two neighbouring hundreds are alike."""
    return b"".join(b"%07d," % number for number in range(size // 8 + 1))[:size]


def connect(server):
    """More than the backlog at once wait for a second SYN, which is sent after one second."""
    connection = socket.create_connection(server.address, timeout=PATIENCE_S)
    connection.settimeout(answer_s)
    return connection


def _count(connection, request):
    number = array.array("i", [0])
    fcntl.ioctl(connection, request, number)
    return number[0]


def _in_flight(connection):
    return _count(connection, termios.TIOCOUTQ) - _count(connection, _SIOCOUTQNSD)


def _error(connection):
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def _end_after_fin(connection):
    """A server that is gone resets what still comes; what it took, its kernel acknowledged before."""
    def end():
        return "reset" if _error(connection) else "FIN" if _count(connection, termios.TIOCOUTQ) == 0 else None
    return wait_until(end, answer_s) or "timeout"


def _send(connection, data, half_close):
    """Whether the kernel took all of it."""
    try:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
    except (ConnectionError, TimeoutError):
        return False
    except OSError as error:  # a reset that came before shutdown() is told to the reader
        return error.errno == errno.ENOTCONN
    return True


def _read_to_the_end(connection):
    received = bytearray()
    try:
        while data := connection.recv(1 << 16):
            received += data
    except TimeoutError:
        return Seen(bytes(received), "timeout")
    except ConnectionError:
        return Seen(bytes(received), "reset")
    return Seen(bytes(received), _end_after_fin(connection))


def _answer(connection, data, half_close=False):
    """A reset that hit the write is not told again to the reader."""
    sent = _send(connection, data, half_close)
    seen = _read_to_the_end(connection)
    return seen if sent else dataclasses.replace(seen, end="reset")


def sends(size, half_close=False, wait=False):
    """Waits first, or not, until the server knows of it."""
    def script(server):
        with connect(server) as connection:
            if wait:
                server.wait_for(connection)
            return _answer(connection, text(size), half_close)
    return script


def sends_before_the_server_looks(size, half_close=False):
    def script(server):
        with contextlib.ExitStack() as stack:
            with server.stopped():
                connection = stack.enter_context(connect(server))
                sent = _send(connection, text(size), half_close)
                wait_until(lambda: _in_flight(connection) == 0, answer_s)
            return sent, _read_to_the_end(connection)
    return script


def one_byte_at_a_time(server):
    """The first byte is answered; what the second meets tells a closed socket from one that was only shut down."""
    with connect(server) as connection:
        first = _answer(connection, b"h")
        connection.send(b"e")
        hung_up = select.poll()
        hung_up.register(connection, 0)  # errors and hang-ups are always told
        hung_up.poll(answer_s * 1000)
        return first, errno.errorcode.get(_error(connection), "no error")


def says_nothing_for_a_while(server):
    with connect(server) as connection:
        server.wait_for(connection)
        quiet = select.select([connection], [], [], _QUIET_S) == ([], [], [])
        return quiet, _answer(connection, b"hello\n")


def _aftermath(server, before):
    """What a client that went away leaves behind."""
    freed = wait_until(lambda: len(server.sockets()) <= before, answer_s)
    with connect(server) as connection:
        return freed, server.alive(), _answer(connection, b"next")


def _states(local, peer):
    """Of the sockets, one at most, between these ports, seen from the first."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[3] for row in rows if row[1].endswith(f":{local:04X}") and row[2].endswith(f":{peer:04X}")]


def closes(size, wait):
    """A client that goes without reading: an answered FIN leaves TIME-WAIT on its side, a reset leaves nothing."""
    def script(server):
        before = len(server.sockets())
        with connect(server) as connection:
            ports = port_of(connection), server.address[1]
            if wait:
                server.wait_for(connection)
            connection.sendall(text(size))
        wait_until(lambda: _states(*ports) in ([], [_TIME_WAIT]), answer_s)
        return _states(*ports), _aftermath(server, before)
    return script


def _reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def resets(size, wait=False):
    def script(server):
        before = len(server.sockets())
        connection = connect(server)
        if wait:
            server.wait_for(connection)
        connection.sendall(text(size))
        _reset(connection)
        return _aftermath(server, before)
    return script


def resets_before_the_server_looks(size):
    def script(server):
        before = len(server.sockets())
        with server.stopped():
            connection = connect(server)
            connection.sendall(text(size))
            _reset(connection)
        return _aftermath(server, before)
    return script


def crowd(server):
    """All are connected before the first sends, and all have sent before the first reads."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(server)) for _ in range(_CROWD)]
        for number, connection in enumerate(connections):
            connection.sendall(b"I am %d\n" % number)
        seen = [_read_to_the_end(connection) for connection in connections]
    own = [one.received == b"I am %d\n" % number for number, one in enumerate(seen)]
    return tuple(sorted(collections.Counter(zip(own, (one.end for one in seen))).items()))


SCRIPTS = {
    "is empty": sends(0, half_close=True),
    "sends 1 byte": sends(1),
    "sends 99 bytes": sends(99),
    "sends 100 bytes": sends(100),
    "sends 101 bytes": sends(101),
    "sends 4096 bytes": sends(4096),
    "sends 30000 bytes": sends(30000),
    "sends 50 bytes and its FIN": sends(50, half_close=True),
    "sends 101 bytes and its FIN": sends(101, half_close=True),
    "sends 4096 bytes and its FIN": sends(4096, half_close=True),
    "sends 1 MB": sends(1 << 20),
    "waits and sends 4096 bytes": sends(4096, wait=True),
    "waits and sends 1 MB": sends(1 << 20, wait=True),
    "has sent 4096 bytes": sends_before_the_server_looks(4096),
    "has sent 65483 bytes": sends_before_the_server_looks(65483),
    "has sent 100000 bytes": sends_before_the_server_looks(100000),
    "has sent 200000 bytes": sends_before_the_server_looks(200000),
    "has sent 300000 bytes": sends_before_the_server_looks(300000),
    "has sent 300 bytes and its FIN": sends_before_the_server_looks(300, half_close=True),
    "sends one byte at a time": one_byte_at_a_time,
    "says nothing for a while": says_nothing_for_a_while,
    "closes at once": closes(0, wait=False),
    "closes in silence": closes(0, wait=True),
    "sends 10 bytes and closes": closes(10, wait=True),
    "resets at once": resets(0),
    "resets in silence": resets(0, wait=True),
    "sends 4096 bytes and resets": resets(4096, wait=True),
    "has been reset": resets_before_the_server_looks(0),
    "has sent 4096 bytes and been reset": resets_before_the_server_looks(4096),
    "is 200 at once": crowd,
}


_ONCE = {"says nothing for a while", "is 200 at once"}


def outcomes(script, server):
    """Every different thing that its client saw in some tries."""
    return {repr(SCRIPTS[script](server)) for _ in range(1 if script in _ONCE else TRIES)}
