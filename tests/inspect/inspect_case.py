"""What tests of `tcpkit inspect` share: other processes that hold sockets, and looks at them."""

import ast
import contextlib
import os
import subprocess
import sys
import time
import unittest

from namespace import Namespace
from tcpkit_run import BINARY, PATIENCE_S, run, validated

NOBODY = 65534
# The holder's side: a line is a pair of a statement and an expression, the answer the value of the latter.
_OBEY = """
import ast, ctypes, os, resource, socket, struct, sys, threading
names = globals()
print(repr(os.getpid()), flush=True)
for line in sys.stdin:
    statement, expression = ast.literal_eval(line)
    exec(statement, names)
    print(repr(eval(expression, names)), flush=True)
"""
CONNECT = """
listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=7)
client = socket.create_connection(listener.getsockname()[:2])
server = listener.accept()[0]
"""


class Holder:
    """Another python3, which does what it is told; nothing is left of it after a with block."""

    def __init__(self, namespace=None, **options):
        environment = {**os.environ, "LC_ALL": "C"}
        with namespace.inside() if namespace else contextlib.nullcontext():
            self.process = subprocess.Popen([sys.executable, "-I", "-c", _OBEY], stdin=subprocess.PIPE, text=True,
                                            stdout=subprocess.PIPE, env=environment, cwd="/", **options)
        self.pid = ast.literal_eval(self.process.stdout.readline())

    def ask(self, expression, statement="pass"):
        self.process.stdin.write(repr((statement, expression)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the holder ended at: {statement}, {expression}")
        return ast.literal_eval(answer)

    def do(self, statement):
        self.ask("None", statement)

    def connect(self, address="127.0.0.1"):
        """It has a listener, a client and a server from now on; the port of the listener."""
        self.do(f"address = {address!r}")
        return self.ask("listener.getsockname()[1]", CONNECT)

    def inode(self, name):
        return self.ask(f"os.fstat({name}.fileno()).st_ino")

    def end(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        self.process.stdin.close()
        self.process.stdout.close()


class InNamespace(unittest.TestCase):
    """Each test has a network namespace of its own, and holders in it that end with the test."""

    def setUp(self):
        self.here = Namespace()
        self.addCleanup(self.here.close)

    def hold(self, **options):
        holder = Holder(self.here, **options)
        self.addCleanup(holder.__exit__)
        return holder


def inspect(*words, namespace=None, **options):
    """The finished process."""
    with namespace.inside() if namespace else contextlib.nullcontext():
        return run("inspect", *map(str, words), **options)


def inspected(*words, **options):
    """The object it wrote, of a run that went well."""
    done = inspect("--json", *words, **options)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}{done.stdout[:1000]}")
    return validated(done.stdout)


def by_inode(document):
    rows = {row["inode"]: row for row in document["sockets"]}
    if len(rows) != len(document["sockets"]):
        raise AssertionError("an inode was told twice")
    return rows


def looking(*words, namespace=None, **options):
    """A run that goes on: its process, with a text stdout."""
    with namespace.inside() if namespace else contextlib.nullcontext():
        return subprocess.Popen([BINARY, "inspect", *map(str, words)], stdout=subprocess.PIPE, text=True, **options)


def eventually(holds, patience_s=PATIENCE_S):
    """Asks until it holds; what it last said."""
    until = time.monotonic() + patience_s
    while not (answer := holds()) and time.monotonic() < until:
        time.sleep(0.01)
    return answer
