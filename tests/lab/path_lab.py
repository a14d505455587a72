"""Two network namespaces joined by a path with the delay, rate, loss and so on that a test asks for.

    with PathLab(delay="25ms", rate="100M") as lab:
        server = lab.far.popen(["iperf3", "-s"])
        done = lab.near.run(["iperf3", "-c", lab.FAR])
        lab.change("loss 1%")
        lost = lab.counters()["near_to_far"]["dropped"]["loss"]

Every setting is an option of the program path_lab (path_lab --help) with underscores for dashes; True is for an option
that takes no value. The ends are Namespaces: inside(), run(), sysctl(), set_sysctl() and popen().
"""

import contextlib
import json
import os
import select
import subprocess
import time

from namespace import PATIENCE_S, Namespace
from skip import skip

PROGRAM = os.environ.get("TCPKIT_PATH_LAB", "path_lab")


class End(Namespace):
    """One end of the path: the network namespace of a process."""

    def __init__(self, pid):  # pylint: disable=super-init-not-called  # it has its namespace already
        self.pid = pid
        self.fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def popen(self, command, **options):
        """A process that was started here; whoever started it ends it."""
        with self.inside():
            return subprocess.Popen(command, **{"stdin": subprocess.DEVNULL, "text": True, **options})


def _words(settings):
    for name, value in settings.items():
        option = "--" + name.replace("_", "-")
        yield from [option] if value is True else [option, str(value)]


class PathLab:
    """The path, from a with statement's beginning to its end."""

    NEAR, FAR = "10.77.0.1", "10.77.0.2"
    NEAR6, FAR6 = "fd77::1", "fd77::2"

    def __init__(self, **settings):
        self._process = subprocess.Popen([PROGRAM, *_words(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
        self._pending = b""
        self.near = self.far = None
        try:
            words = self._line().split()
            self.near, self.far = End(int(words[1])), End(int(words[3]))
        except BaseException:
            self.close()
            raise

    def _line(self):
        """The next line that the program says."""
        deadline = time.monotonic() + PATIENCE_S
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("path_lab does not answer")
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                raise RuntimeError(self._process.stderr.read().decode().strip() or "path_lab ended")
            self._pending += part
        line, self._pending = self._pending.split(b"\n", 1)
        return line.decode()

    def _ask(self, line):
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        return self._line()

    def change(self, line):
        """From now on, like "loss 1%", "delay 50ms/10ms", "down", "up"."""
        answer = self._ask(line)
        if not answer.startswith("ok "):
            raise ValueError(answer)

    def counters(self):
        """Of both directions, from the beginning."""
        return json.loads(self._ask("counters"))

    @property
    def pid(self):
        """Of the program itself, which moves the packets."""
        return self._process.pid

    def close(self):
        for end in (self.near, self.far):
            if end is not None:
                end.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()  # that is how it is told
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def skip_unless_possible():
    """Ends the program with 77 and a reason where there can be no path."""
    try:
        with PathLab():
            pass
    except (OSError, RuntimeError) as error:
        skip(f"no path between two network namespaces: {error}")
