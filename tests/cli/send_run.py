"""Runs `tcpkit send` against peers that do what a test says."""

import os
import socket
import struct
import subprocess
import threading

from tcpkit_run import BINARY, PATIENCE_S

ENVIRONMENT = {**os.environ, "LC_ALL": "C", "COLUMNS": ""}


class Peer:
    """A server of one test: `role(connection)` serves each connection, one after the other. A context manager."""

    def __init__(self, role, **options):
        self._role = role
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        if "receive_buffer" in options:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["receive_buffer"])
        self.port = self._listener.getsockname()[1]
        self.target = f"127.0.0.1:{self.port}"
        self.received = []  # what read_all() got, by connection
        self.over = threading.Event()  # the test is
        self.go = threading.Event()  # for roles that wait for a word
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE_S)
            try:
                self._role(self, connection)
            except OSError:  # the client has gone
                pass
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE_S)


def read_exactly(connection, count):
    data = b""
    while len(data) < count and (chunk := connection.recv(count - len(data))):
        data += chunk
    return data


def read_all(connection):
    data = b""
    while chunk := connection.recv(1 << 16):
        data += chunk
    return data


def reset(connection):
    """The next close tells the client so."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answering(count, reply):
    """Reads so many bytes, sends the reply, and waits for the client to go."""
    def role(_, connection):
        read_exactly(connection, count)
        connection.sendall(reply)
        read_all(connection)
    return role


def ending(count, reply):
    """Reads so many bytes, sends the reply, and ends."""
    def role(_, connection):
        read_exactly(connection, count)
        connection.sendall(reply)
    return role


def silent(peer, _):
    """Neither reads nor sends."""
    peer.over.wait(PATIENCE_S)


def echo(_, connection):
    while chunk := connection.recv(1 << 16):
        connection.sendall(chunk)


def endless(_, connection):
    connection.recv(1)
    while True:
        connection.sendall(b"x" * 65536)


def collecting(peer, connection):
    peer.received.append(read_all(connection))


def send(*words, **options):
    """The finished process; its standard output is bytes, standard error is text. No input unless there is some."""
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    if isinstance(options.get("input"), str):
        options["input"] = options["input"].encode()
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    done = subprocess.run([BINARY, "send", *words], env=ENVIRONMENT, timeout=PATIENCE_S, **streams)
    done.stderr = (done.stderr or b"").decode()
    return done


def start(*words, **options):
    """The same, running."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([BINARY, "send", *words], env=ENVIRONMENT, **streams)
