"""Starts `tcpkit serve` on a free port, reads what it says as it says it, and ends it."""

import json
import os
import re
import socket
import subprocess
import threading
import time
from signal import SIGTERM

from tcpkit_run import BINARY, PATIENCE_S, run, validated

FREE_PORT = "127.0.0.1:0"


class Lines:
    """The lines a program writes to one of its streams. A thread takes them, so that the program never waits for us."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = []
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self):
        for line in self._stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def all(self):
        with self._changed:
            return list(self._lines)

    def text(self):
        return "".join(line + "\n" for line in self.all())

    def wait_for(self, wanted, patience_s=PATIENCE_S):
        """The first line that `wanted` (a function or a regular expression) takes, or None: the stream ended."""
        take = wanted if callable(wanted) else re.compile(wanted).search
        until = time.monotonic() + patience_s
        seen = 0
        with self._changed:
            while True:
                for line in self._lines[seen:]:
                    if take(line):
                        return line
                seen = len(self._lines)
                if self._ended:
                    return None
                if not self._changed.wait(until - time.monotonic()):
                    raise TimeoutError(f"no line {wanted} in {patience_s} s, but {self._lines}")

    def join(self):
        self._thread.join(PATIENCE_S)


class Server:
    """A running server; a context manager. `words` come after "serve"; without an address among `addresses` it takes a
    free port of 127.0.0.1. `before` is what starts the program: strace, setpriv, ..."""

    def __init__(self, *words, addresses=(FREE_PORT,), before=(), env=None, **options):
        self.words = words
        self.machine = "--json" in words or "ndjson" in words or "--format=ndjson" in words
        environment = {**os.environ, "LC_ALL": "C", "COLUMNS": "", **(env or {})}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        self.process = subprocess.Popen([*before, BINARY, "serve", *words, *addresses], env=environment, text=True,
                                        errors="surrogateescape", **streams)
        self.stdout = Lines(self.process.stdout) if self.process.stdout else None
        self.stderr = Lines(self.process.stderr) if self.process.stderr else None
        self.addresses = []
        if self.stdout:
            self._wait_until_listening(len(addresses))

    def _wait_until_listening(self, count):
        for number in range(1, count + 1):
            seen = []
            if not self.stdout.wait_for(lambda line: self._listens(line) and (seen.append(line) or len(seen) == number)):
                self.close()
                raise RuntimeError(f"serve {self.words} ended: {self.stderr.text() if self.stderr else ''}")
            self.addresses.append(self._listens(seen[-1]))

    def _listens(self, line):
        """The address that a line of the log announces, or nothing."""
        if self.machine:
            event = json.loads(line)
            return event["address"] if event.get("event") == "listening" else None
        found = re.match(r"listening on (\S+),", line)
        return found.group(1) if found else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        """The first one, as (host, port)."""
        host, port = self.addresses[0].rsplit(":", 1)
        return host.strip("[]"), int(port)

    @property
    def port(self):
        return self.address[1]

    def connect(self, **options):
        """A new connection to the first address; it never waits longer than a test would."""
        return socket.create_connection(self.address, timeout=PATIENCE_S, **options)

    def events(self, name=None):
        """So far, each checked against the schema; of one kind with a name."""
        events = [validated(line) for line in self.stdout.all()]
        return [event for event in events if name is None or event.get("event") == name]

    def wait_for_event(self, name, wanted=lambda event: True):
        """The first such event, checked against the schema."""
        line = self.stdout.wait_for(lambda text: json.loads(text).get("event") == name and wanted(json.loads(text)))
        assert line is not None, f"ended without {name}: {self.stdout.all()}"
        return validated(line)

    def signal(self, number=SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """Its exit status, once it has ended by itself."""
        status = self.process.wait(PATIENCE_S)
        for lines in (self.stdout, self.stderr):
            if lines:
                lines.join()
        return status

    def stop(self, number=SIGTERM):
        """Asks it to end, and returns the exit status."""
        self.signal(number)
        return self.wait()

    def close(self):
        """Nothing is left of it after this."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def serve(*words, **options):
    """`tcpkit serve` that ends by itself, finished."""
    return run("serve", *words, **options)


def exchange(connection, data, end=True):
    """Sends all of it and returns all that comes until the other side ends."""
    received = []

    def collect():
        while chunk := connection.recv(1 << 16):
            received.append(chunk)

    reader = threading.Thread(target=collect, daemon=True)
    reader.start()
    connection.sendall(data)
    if end:
        connection.shutdown(socket.SHUT_WR)
    reader.join(PATIENCE_S)
    assert not reader.is_alive(), "the other side did not end"
    return b"".join(received)
