"""Looking changes nothing: what inspect does with the copies of other processes' sockets, call by call."""

import errno
import pathlib
import re
import shutil
import tempfile
import unittest

import namespace
from inspect_case import InNamespace, inspect, inspected
from probe_run import not_sanitized
from skip import skip
from tcpkit_run import BINARY

# What may be done with a copy; all other system calls that take a descriptor are none of inspect's business.
ALLOWED = {"getsockopt", "getsockname", "getpeername", "close"}
SOL_SOCKET, IPPROTO_TCP = 1, 6
CONSUMING = {(SOL_SOCKET, 4): "SO_ERROR", (IPPROTO_TCP, 28): "TCP_SAVED_SYN", (IPPROTO_TCP, 35): "TCP_ZEROCOPY_RECEIVE"}
FIRST = re.compile(r"\d+ +(\w+)\((0x[0-9a-f]+|\d+)(?:, (0x[0-9a-f]+|\d+), (0x[0-9a-f]+|\d+))?")
COPIED = re.compile(r"\d+ +(?:<\.\.\. )?pidfd_getfd(?: resumed)?.* = (0x[0-9a-f]+)$")


def calls_with_copies(trace):
    """How many copies there were, those left open, and every call with one: (name, level, number)."""
    copies, count, calls = set(), 0, []
    for line in trace.splitlines():
        copied = COPIED.match(line)
        if copied:
            copies.add(int(copied[1], 16))
            count += 1
            continue
        call = FIRST.match(line)
        if not call or int(call[2], 0) not in copies:
            continue
        calls.append((call[1], int(call[3] or "0", 0), int(call[4] or "0", 0)))
        if call[1] == "close":
            copies.discard(int(call[2], 0))
    return count, copies, calls


class Calls(InNamespace):
    def setUp(self):
        super().setUp()
        self.holder = self.hold()
        self.port = self.holder.connect()
        # A socket whose last close may wait takes another way out.
        self.holder.do("server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('@ii', 1, 2))")

    def traced(self, *words):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "trace"
            command = ["strace", "-f", "-o", str(file), "-e", "raw=all", BINARY, "inspect", *map(str, words)]
            done = self.here.run(command, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return calls_with_copies(file.read_text())

    @not_sanitized
    def test_every_option_of_every_socket(self):
        for words in (("--all", "--pid", self.holder.pid), ("--pid", self.holder.pid),
                      ("--pid", self.holder.pid, "--listening")):
            with self.subTest(words=words):
                copies, left_open, calls = self.traced(*words)
                # The listener is copied once more for what the server may have from it.
                self.assertEqual(copies, 1 if "--listening" in words else 4)
                self.assertEqual({name for name, *_ in calls} - ALLOWED, set())
                self.assertEqual(left_open, set())
                asked = {(level, number) for name, level, number in calls if name == "getsockopt"}
                self.assertEqual([CONSUMING[call] for call in asked & CONSUMING.keys()], [])
                self.assertIn((SOL_SOCKET, 57), asked)  # SO_COOKIE: that it is the socket meant
                self.assertGreater(len(asked), 15)

    def calls(self, names, script):
        """Lines of the trace of a shell's command that runs $T inspect."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "trace"
            traced = f"strace -f -o {file} -e trace={names} {BINARY} inspect"
            done = self.here.run(["sh", "-c", script.replace("$T inspect", traced)], timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return file.read_text().splitlines()

    @not_sanitized
    def test_processes_are_looked_at_where_somebody_asked(self):
        def looks(words):
            return [line for line in self.calls("openat,open", f"$T inspect {words}") if re.search(r"/proc/\d+/", line)]
        self.assertEqual(looks(""), [])
        for words in ("-p", "--listening"):
            self.assertGreater(len(looks(words)), 0)

    @not_sanitized
    def test_nothing_is_read_that_nobody_takes(self):
        self.holder.do("more = [socket.create_connection(listener.getsockname()) for _ in range(7)]\n"
                       "more += [listener.accept()[0] for _ in range(7)]")
        words = f"trap '' PIPE; $T inspect --json --all --pid {self.holder.pid}"
        for rest, least, most in (("cat", 17, 1000), ("head -c 1", 1, 12)):
            copied = sum("pidfd_getfd" in line for line in self.calls("pidfd_getfd", f"{words} | {rest} >/dev/null"))
            self.assertTrue(least <= copied <= most, f"{rest}: {copied}")

    @not_sanitized
    def test_without_copies(self):
        self.assertEqual(self.traced("--no-dup", "--pid", self.holder.pid)[0], 0)
        self.assertEqual(self.traced()[0], 0)

    @not_sanitized
    def test_the_trace_tells_a_change(self):
        """Else the tests above would say nothing."""
        copies, _, calls = self.traced("--pid", self.holder.pid, "--state", "established", "--set", "keepidle=60s",
                                       "--yes")
        self.assertGreaterEqual(copies, 2)
        self.assertIn(("setsockopt", IPPROTO_TCP, 4), calls)

    def test_an_error_stays_with_the_program(self):
        self.holder.do("client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('@ii', 1, 0))\n"
                       "client.close()\n")  # a reset: the server has an error to be told
        inspected("--all", "--pid", self.holder.pid, namespace=self.here)
        code = self.holder.ask("server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)")
        self.assertEqual(code, errno.ECONNRESET)

    def test_bytes_and_flags_stay(self):
        self.holder.do("client.sendall(b'unread'); server.setblocking(False)")
        flags = "[(s.getblocking(), s.get_inheritable()) for s in (client, server, listener)]"
        before = self.holder.ask(flags)
        self.assertEqual(inspect("--all", "--pid", self.holder.pid, namespace=self.here).returncode, 0)
        self.assertEqual(self.holder.ask(flags), before)
        self.assertEqual(self.holder.ask("server.recv(100)"), b"unread")


if __name__ == "__main__":
    namespace.skip_unless_possible()
    if shutil.which("strace") is None:
        skip("there is no strace")
    unittest.main()
