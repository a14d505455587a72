"""An interactive shell in a terminal of its own, at which a test types."""

import os
import pathlib
import pty
import select
import signal
import threading
import time

PATIENCE_S = 60
KILL_LINE = b"\x15"


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.005)
    return found


class Terminal:
    """The shell reports through files: `offered` holds what a TAB offered, `called` the arguments of a command named
    tcpkit, each ended by a zero byte; `ready` tells that it has read its start-up file."""

    def __init__(self, command, folder, environment):
        self.folder = pathlib.Path(folder)
        self.seen = b""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        wait_for((self.folder / "ready").exists, f"{command[0]} does not start")

    def _read(self):
        try:
            while chunk := os.read(self.descriptor, 65536):
                self.seen += chunk
        except OSError:  # how a terminal without a program ends
            pass

    def type(self, keys):
        while keys:
            select.select([], [self.descriptor], [])
            keys = keys[os.write(self.descriptor, keys[:512]):]

    def _report(self, name):
        path = self.folder / name
        try:
            wait_for(path.exists, name)
        except TimeoutError as error:
            raise TimeoutError(f"{name}: the terminal shows {self.seen[-2000:]!r}") from error
        words = path.read_bytes().split(b"\0")[:-1]
        path.unlink()
        return [os.fsdecode(word) for word in words]

    def offered(self, line):
        self.type(os.fsencode(line) + b"\t")
        words = self._report("offered")
        self.type(KILL_LINE)
        return words

    def called(self, line, more=""):
        """The arguments that tcpkit gets when the line is completed, `more` typed behind it and all of it entered."""
        self.type(os.fsencode(line) + b"\t")
        self._report("offered")
        self.type(os.fsencode(more) + b"\r")
        return self._report("called")

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.reader.join(PATIENCE_S)
        os.close(self.descriptor)
