"""What the tests inside a machine share."""

import contextlib
import json
import os
import pathlib
import shlex
import time
import unittest

from kernel_vm import KernelVm
from python_files import PYTHON

PATIENCE_S = 60
TCPKIT = "/bin/tcpkit"
KERNEL_TESTS = "/bin/kernel_tests"
_HERE = pathlib.Path(__file__).resolve().parent
_ENVIRONMENT = {"TCPKIT_BINARY": TCPKIT, "TCPKIT_SCHEMAS": os.environ["TCPKIT_SCHEMAS"],
                "PYTHONPATH": f"{os.environ['PYTHONPATH']}:{_HERE}"}


def _python(module, *words):
    settings = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
    return shlex.join(["env", *settings, PYTHON, str(_HERE / f"{module}.pyc"), *words])


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

    def python(self, module, *words, **options):
        """A module of this folder, and what it imports."""
        return self.run(_python(module, *words), **options)

    def start_python(self, module, output):
        """Its process id."""
        return self.run(f"{_python(module)} </dev/null >{output} 2>&1 & echo $!").stdout.strip()

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
