"""What tests of `tcpkit probe --watch` share: a watch that runs, its lines as objects, and peers to be watched."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import unittest

from tcpkit_run import BINARY, PATIENCE_S, validated

PACE = "--watch=20ms"


def reset(connection):
    """Closes so that the other side is reset, socket(7)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Watch:
    """`tcpkit probe --watch --json WORDS`; every line that is read fits the schema."""

    def __init__(self, *words, start=subprocess.Popen):
        self.process = start([BINARY, "probe", "--json", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"})

    def line(self):
        text = self.process.stdout.readline()
        assert text, self.process.stderr.read()
        return validated(text)

    def sample_where(self, holds):
        """The first of the next samples for which it holds."""
        while (line := self.line())["event"] != "ended":
            if line["event"] == "sample" and holds(line):
                return line
        raise AssertionError(f"it ended before: {line}")

    def samples(self, count):
        return [self.sample_where(lambda _: True) for _ in range(count)]

    def rest(self):
        """What else it says, and that is all."""
        lines = [validated(text) for text in self.process.stdout]
        self.process.wait(PATIENCE_S)
        return lines

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def errors(self):
        return self.process.stderr.read()

    @property
    def status(self):
        return self.process.wait(PATIENCE_S)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class WatchCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def watch(self, *words, **options):
        return self.stack.enter_context(contextlib.closing(Watch(*words, **options)))

    def listener(self):
        listening = self.stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listening.settimeout(PATIENCE_S)
        return listening

    def accepted(self, *words):
        """A watch, and the other end of its connection."""
        listening = self.listener()
        watch = self.watch(PACE, *words, "127.0.0.1:{1}".format(*listening.getsockname()))
        return watch, self.stack.enter_context(listening.accept()[0])

    @contextlib.contextmanager
    def served(self, *words, address="127.0.0.1:0", start=subprocess.Popen):
        """A `tcpkit serve`, and where it listens."""
        command = [BINARY, "serve", "--json", *words, address]
        with start(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            try:
                yield server, validated(server.stdout.readline())["address"]
            finally:
                server.kill()
