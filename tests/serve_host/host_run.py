"""A server on a host with troubles, and clients that know what they are owed."""

import concurrent.futures
import json
import os
import pathlib
import re
import resource
import socket
import struct
import time

from serve_run import Server
from tcpkit_run import PATIENCE_S

LONG = bool(os.environ.get("TCPKIT_TEST_LONG"))
SANITIZER_REPORT = re.compile(r"(?:Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")
CLOSED_FOR_GOOD = (ConnectionError, TimeoutError)


def eventually(holds, patience_s=PATIENCE_S):
    """Asks until it holds; what it last said."""
    until = time.monotonic() + patience_s
    while not (answer := holds()) and time.monotonic() < until:
        time.sleep(0.01)
    return answer


def cpu_seconds(pid):
    """What all threads of a process have used; glibc numbers the clock so (clock_getcpuclockid.c)."""
    return time.clock_gettime((~pid << 3) | 2)


def cpu_share(pid, seconds):
    """Of one processor, over the seconds to come."""
    cpu, begin = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pid) - cpu) / (time.monotonic() - begin)


def resident_bytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


def open_descriptors(pid):
    return [int(name) for name in os.listdir(f"/proc/{pid}/fd")]


def limit_descriptors(pid, soft):
    """Changes the soft limit of a running process, and returns the one before."""
    before, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    return before


def descriptors_for(clients):
    """Raises this program's own limit as far as it may; how many clients it can have at once."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(clients, hard - 100)


def round_trip(connection, data=b"?"):
    """Sends, and takes the same number of bytes: less only where the other side has ended."""
    connection.sendall(data)
    return take(connection, len(data))


def take(connection, count):
    received = b""
    while len(received) < count and (chunk := connection.recv(count - len(received))):
        received += chunk
    return received


def reset(connection):
    """Closes it with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def echoed(connection, data):
    """Whether all came back before the other side ended; an error that the client was told is raised."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sent = pool.submit(_send_all, connection, data)
        received = take(connection, len(data) + 1)
        sent.result()  # a reset is told once, to the one who sends or to the one who receives
    return received == data


def _send_all(connection, data):
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def told(server, name):
    """Its events of one kind so far; unlike Server.events() it spares the checks of all the others."""
    return [event for event in map(json.loads, server.stdout.all()) if event["event"] == name]


class Clients:
    """Connections that are all closed at the end of a with block."""

    def __init__(self, server):
        self.server = server
        self.all = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave(len(self.all))

    def connect(self, count=1, **options):
        new = [self.server.connect(**options) for _ in range(count)]
        self.all += new
        return new

    def leave(self, count):
        """Those that came first."""
        for connection in self.all[:count]:
            connection.close()
        del self.all[:count]


def assert_well(test, server, clients=None):
    """Ends it once the clients have left: it lived until now, and no sanitizer has anything to say."""
    test.assertIsNone(server.process.poll(), server.stderr.text())
    if clients:
        clients.leave(len(clients.all))
    test.assertEqual(server.stop(), 0, server.stderr.text())
    test.assertNotRegex(server.stderr.text(), SANITIZER_REPORT)


def limited(soft, hard=None):
    """What starts a program with so many descriptors."""
    return ("prlimit", f"--nofile={soft}:{hard or soft}")


def serve_limited(soft, *words, hard=None, before=(), **options):
    return Server(*words, before=(*limited(soft, hard), *before), **options)
