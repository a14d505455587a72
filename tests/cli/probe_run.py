"""What every failing `tcpkit probe` must look like, and the networks in which it fails."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from program import may_mount
from tcpkit_run import BINARY, PATIENCE_S, run

# The program under a tracer; LeakSanitizer is one itself and stops there.
TRACED = ["env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-f", "-o", "/dev/null"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
needs_root = unittest.skipUnless(os.geteuid() == 0 and may_mount(), "needs root and mount namespaces")
# The sanitizers' own run time reads /proc, opens pipes and starts tasks, and gives up where it cannot.
SANITIZED = any(name in pathlib.Path(BINARY).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
not_sanitized = unittest.skipIf(SANITIZED, "not with a sanitizer: it needs /proc, descriptors and tasks itself")
needs_strace = unittest.skipUnless(shutil.which("strace"), "needs strace")


def started(words, **options):
    """A finished process that may be started by another program (strace, unshare, ...)."""
    environment = {**os.environ, "LC_ALL": "C", "COLUMNS": "", **options.pop("env", {})}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(words, env=environment, timeout=PATIENCE_S, text=True, **streams)


def injected(fault, *words):
    """`tcpkit probe` with system calls that fail as strace(1) is told, like "getsockopt:error=EPERM"."""
    call = fault.split(":")[0]
    return started([*TRACED, "-e", f"trace={call}", "-e", f"inject={fault}", BINARY, "probe", *words])


def in_namespaces(script, *kinds):
    """A line of sh in namespaces of its own, in which $T is the program."""
    return started(["unshare", *kinds, "/bin/sh", "-c", script], env={"T": BINARY})


class Resolver:
    """Files that take the place of the system's own inside a mount namespace."""

    def __init__(self, nameserver, hosts=""):
        self.folder = tempfile.TemporaryDirectory()
        self.write("resolv.conf", f"nameserver {nameserver}\noptions timeout:30 attempts:1\n")
        self.write("hosts", hosts)
        self.write("nsswitch.conf", "hosts: files dns\nservices: files\n")

    def write(self, name, text):
        (pathlib.Path(self.folder.name) / name).write_text(text)

    def script(self):
        names = ("resolv.conf", "hosts", "nsswitch.conf")
        folder = self.folder.name
        mounts = [f"{{ [ -e /etc/{name} ] || : >/etc/{name}; }} && mount --bind {folder}/{name} /etc/{name}"
                  for name in names]
        return " && ".join(mounts)

    def close(self):
        self.folder.cleanup()


class FailingProbe(unittest.TestCase):
    """Base class: the shape that an error has in text and in machine formats."""

    def check_lines(self, result, errors=1):
        """`errors` lines from tcpkit, at most one hint after them, nothing that a terminal would obey."""
        lines = result.stderr.split("\n")
        self.assertEqual(lines.pop(), "", result.stderr)
        self.assertTrue(all(line.startswith("tcpkit: ") for line in lines[:errors]), result.stderr)
        self.assertIn(len(lines), (errors, errors + 1), result.stderr)
        if len(lines) > errors:
            self.assertFalse(lines[-1].startswith("tcpkit: "), result.stderr)
        for line in lines:
            self.assertTrue(line.isascii() and line.isprintable(), repr(line))

    def check_text(self, result, status, *parts, errors=1):
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.check_lines(result, errors)
        for part in parts:
            self.assertIn(part, result.stderr)

    def check_json(self, result, status, errors=1):
        self.assertEqual(result.returncode, status, result.stderr)
        document = json.loads(result.stdout)
        self.assertEqual(list(document)[0], "schema")
        self.assertEqual(document["schema"], "tcpkit.probe/1")
        self.assertTrue({"doing", "code", "message"} <= set(document["error"]))
        self.assertIn(document["error"]["message"], result.stderr)
        self.check_lines(result, errors)
        return document

    def check(self, words, status, *parts, errors=1):
        with self.subTest(words):
            self.check_text(run("probe", *words), status, *parts, errors=errors)
            self.check_json(run("probe", "--json", *words), status, errors)


class timed:
    """How long a block took, in seconds."""

    def __enter__(self):
        self.begin = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.begin
