"""The servers that are compared, each started on a free port of loopback with its log in a file."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from program import program

PATIENCE_S = 10
HERE = pathlib.Path(__file__).resolve().parent
# Every line of the asyncio program about an option, in the order in which it comes.
_PYTHON_NAMES = {
    "reuse_address": "reuseaddr",
    "reuse_port": "reuseport",
    "recv_buf_size": "rcvbuf",
    "send_buf_size": "sndbuf",
    "tcp_nodelay": "nodelay",
    "tcp_keepalive": "keepalive",
    "tcp_keepalive_idle": "keepidle",
    "tcp_keepalive_cnt": "keepcnt",
    "tcp_keepalive_intvl": "keepintvl",
    "tcp_quickack": "quickack",
}


def wait_until(condition, patience_s=PATIENCE_S):
    """What a condition finds, as soon as it finds something; else what it last said."""
    deadline = time.monotonic() + patience_s
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.002)
    return found


class Server:
    """A running server. Those who inherit say how it tells its port, its clients and their options."""

    def __init__(self, words, listening):
        self._log = tempfile.TemporaryFile()
        environment = {**os.environ, "LC_ALL": "C", "COLUMNS": ""}
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
                                         env=environment)
        self.pid = self._process.pid
        try:
            self.address = ("127.0.0.1", int(self.logged(listening)[1]))
        except BaseException:
            self.kill()
            raise

    def log(self):
        return os.pread(self._log.fileno(), 1 << 26, 0).decode(errors="replace")

    def logged(self, pattern):
        """The match of a pattern in the log, which is waited for."""
        found = wait_until(lambda: re.search(pattern, self.log()) or self._process.poll() is not None)
        if not isinstance(found, re.Match):
            raise AssertionError(f"no {pattern!r} in what {self._process.args} says:\n{self.log()}")
        return found

    def wait_for(self, connection):
        """Until the server has accepted a client's connection and set its options."""
        self.logged(self.connected(connection))

    def connected(self, connection):
        """The pattern of what it logs once a client's connection has its options."""
        raise NotImplementedError

    def logged_options(self, connection):
        """What it says that the options of a client's connection are: numbers, True and False by option name."""
        raise NotImplementedError

    @contextlib.contextmanager
    def stopped(self):
        """The kernel still completes handshakes and takes data; the program sees all of it when it goes on."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def sockets(self):
        """Its descriptors that are sockets."""
        return [int(entry.name) for entry in pathlib.Path(f"/proc/{self.pid}/fd").iterdir() if _is_socket(entry)]

    def alive(self):
        return self._process.poll() is None

    def kill(self):
        self._process.kill()
        self._process.wait(PATIENCE_S)
        self._log.close()

    def end(self):
        """Its exit status after SIGTERM."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE_S)
        finally:
            self.kill()


def _is_socket(entry):
    try:
        return os.readlink(entry).startswith("socket:")
    except FileNotFoundError:  # closed between the list and the look
        return False


def _value(text):
    """Of "True", "on", "5" or "1800 s"; the text itself when it is nothing of the kind."""
    switches = {"True": True, "on": True, "False": False, "off": False}
    number = text.removesuffix(" s")
    return int(number) if number.isdecimal() else switches.get(text, text)


def port_of(connection):
    return connection.getsockname()[1]


class PythonServer(Server):
    """The asyncio program, or a variant of it."""

    def __init__(self, *variant):
        script = "variants.py" if variant else "asyncio_echo_server.py"
        super().__init__([sys.executable, "-B", str(HERE / script), *variant, "0"],
                         r"Serving on \('127\.0\.0\.1', (\d+)\)")

    def connected(self, connection):
        """The options are logged one a line, and nothing comes in between: the task that does it does not wait."""
        return rf"connected from \('127\.0\.0\.1', {port_of(connection)}\)\n((?:.*\n)*?.*tcp_quickack: .*\n)"

    def logged_options(self, connection):
        rows = re.findall(r"(?m)^\[.*?\] (\w+): (.*)$", self.logged(self.connected(connection))[1])
        return {_PYTHON_NAMES.get(name, name): _value(value) for name, value in rows}


class OneShotServer(Server):
    """The program that takes its place."""

    def __init__(self):
        super().__init__([program(), "serve", "--one-shot", "-vv", "127.0.0.1:0"],
                         r"(?m)^listening on 127\.0\.0\.1:(\d+)")

    def connected(self, connection):
        return rf"(?m)^connected from 127\.0\.0\.1:{port_of(connection)}: (.*)\n"

    def logged_options(self, connection):
        rows = (row.partition(" ") for row in self.logged(self.connected(connection))[1].split(", "))
        return {name: _value(value) for name, _, value in rows}
