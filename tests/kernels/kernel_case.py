"""What the tests inside a machine share."""

import contextlib
import json
import shlex
import time
import unittest

from kernel_vm import KernelVm

PATIENCE_S = 60
TCPKIT = "/bin/tcpkit"


class Machine(KernelVm):
    """A KernelVm with tcpkit in it."""

    def tcpkit(self, *words):
        return self.run(shlex.join([TCPKIT, *words]))

    def tcpkit_json(self, *words):
        """The object that a command printed which worked."""
        done = self.tcpkit(*words)
        if done.status:
            raise AssertionError(f"{words} ended with {done.status}: {done.stderr}")
        return json.loads(done.stdout)

    def wait_for(self, script):
        """Until a script succeeds."""
        deadline = time.monotonic() + PATIENCE_S
        while self.run(script).status:
            if time.monotonic() > deadline:
                raise TimeoutError(f"still not so in the machine: {script}")

    @contextlib.contextmanager
    def server(self, address, *words):
        """The process id of a serve that listens already."""
        command = shlex.join([TCPKIT, "serve", "--json", *words, address])
        pid = self.run(f"rm -f /tmp/serve; {command} </dev/null >/tmp/serve 2>&1 & echo $!").stdout.strip()
        self.wait_for("grep -q listening /tmp/serve")
        try:
            yield pid
        finally:
            self.run(f"kill {pid}")
            self.wait_for(f"! kill -0 {pid}")

    @contextlib.contextmanager
    def sysctl(self, name, value):
        path = "/proc/sys/" + name.replace(".", "/")
        before = self.run(f"cat {path}").stdout.strip()
        self.run(f"echo {value} >{path}")
        try:
            yield
        finally:
            self.run(f"echo {before} >{path}")

    def uptime_s(self):
        return float(self.run("cat /proc/uptime").stdout.split()[0])


class KernelCase(unittest.TestCase):
    """Base class: self.machine runs the kernel `version`, for all tests the same."""

    machine = version = None
