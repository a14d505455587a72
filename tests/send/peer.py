"""A server of a test's own: what it does to its clients is a function, its errors are the test's."""

import contextlib
import socket
import struct
import threading

PATIENCE_S = 20


class Peer:
    """Listens on a free port of 127.0.0.1 and gives each connection to `talk(connection, number)` in a thread of its own;
    numbers count from 0. A connection is closed when its function returns. Ends, with all threads, at the end of a with
    block."""

    def __init__(self, talk, host="127.0.0.1", backlog=128):
        self._talk = talk
        self._listener = socket.create_server((host, 0), backlog=backlog)
        self.address = "{}:{}".format(*self._listener.getsockname())
        self.connections = []
        self._threads = []
        self._errors = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self):
        with contextlib.suppress(OSError):  # the listener was shut down
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                thread = threading.Thread(target=self._serve, args=(connection, len(self.connections)))
                self.connections.append(connection)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection, number):
        try:
            self._talk(connection, number)
        except ConnectionError:  # the client left
            pass
        except Exception as error:
            self._errors.append(error)
        finally:
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        if self._errors:
            raise self._errors[0]

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(PATIENCE_S)
        self._listener.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):  # closed before
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)


def read_request(connection, size=64):
    """A whole request, or nothing where the client has ended."""
    request = b""
    while len(request) < size:
        chunk = connection.recv(size - len(request))
        if not chunk:
            return b""
        request += chunk
    return request


def requests(connection, size=64):
    """All requests until the client ends."""
    while request := read_request(connection, size):
        yield request


def wait_for_end(connection):
    """Drops what comes until the client ends."""
    while connection.recv(1 << 16):
        pass


def reset(connection):
    """Closes it with RST instead of FIN, socket(7)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def echo(connection, _):
    for request in requests(connection):
        connection.sendall(request)


def silent(connection, _):
    wait_for_end(connection)
