"""Processes that are none, that end meanwhile, or have a name for a terminal; descriptors that are no TCP sockets."""

import json
import os
import subprocess
import sys
import unittest

import namespace
from inspect_case import PATIENCE_S, Holder, InNamespace, by_inode, inspect, inspected, looking
from tcpkit_run import run_shell, validated

PR_SET_NAME = 15
MANY = 300
NAME = "a\x1b[31m\x07\nb\xff"  # 9 bytes in Latin 1; the kernel keeps 15


def gone_pid():
    ended = subprocess.Popen([sys.executable, "-I", "-c", ""])
    ended.wait()
    return ended.pid


class Processes(InNamespace):
    def test_no_process(self):
        for pid in ("0", "-1", "2147483648", "99999999999999999999", "1.0", " 1", "0x1", "self", ""):
            with self.subTest(pid=pid):
                done = inspect("--pid", pid, namespace=self.here)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_process_that_has_ended(self):
        for pid in (gone_pid(), 2147483647):
            done = inspect("--pid", pid, namespace=self.here)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(f"process {pid}: there is none", done.stderr)

    def test_one_that_has_ended_loses_no_other(self):
        holder, gone = self.hold(), gone_pid()
        holder.connect()
        done = inspect("--json", "--pid", gone, "--pid", holder.pid, namespace=self.here)
        self.assertEqual(done.returncode, 0)
        document = validated(done.stdout)
        self.assertEqual(len(document["sockets"]), 3)
        self.assertEqual([process["pid"] for process in document["unreadable_processes"]], [gone])

    def test_a_zombie(self):
        child = subprocess.Popen([sys.executable, "-I", "-c", ""], stdout=subprocess.PIPE)
        child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        done = inspect("--pid", child.pid, namespace=self.here)
        child.wait()
        child.stdout.close()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_the_first_process(self):
        self.assertIn(inspect("--pid", 1).returncode, (0, 1, 6))

    def test_itself(self):
        """It has no TCP socket that it would not have without looking."""
        done = run_shell("exec $T inspect --pid $$")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)

    def test_it_ends_while_it_is_read(self):
        holder = self.hold()
        holder.do(f"resource.setrlimit(resource.RLIMIT_NOFILE, ({2 * MANY}, {2 * MANY}))\nheld = []\n"
                  f"for _ in range({MANY}):\n    held.append(socket.socket())\n"
                  "    held[-1].bind(('127.0.0.1', 0))\n    held[-1].listen()\n")
        # A pipe takes a little of what there is to say, then inspect waits for its reader.
        with looking("--json", "--all", "--deadline", "5m", "--pid", holder.pid, namespace=self.here) as look:
            text = look.stdout.read(10_000)
            holder.end()
            text += look.stdout.read()
            look.wait(PATIENCE_S)
        self.assertEqual(look.returncode, 0)
        document = json.loads(text)
        reasons = [row["reason"] for row in document["sockets"]]
        self.assertIsNone(reasons[0])
        self.assertTrue(reasons[-1].startswith("gone: "), reasons[-1])
        for row in document["sockets"]:
            if row["reason"]:
                self.assertEqual({option["value"] for option in row["options"].values()}, {None})

    def test_a_watch_ends_with_its_processes(self):
        holder, gone = self.hold(), gone_pid()
        holder.connect()
        words = ("--watch=20ms", "--pid", gone, "--pid", holder.pid)
        with looking(*words, namespace=self.here, stderr=subprocess.PIPE) as watch:
            for _ in range(8):  # lines: more than one look
                watch.stdout.readline()
            holder.end()
            _, errors = watch.communicate(timeout=PATIENCE_S)
        self.assertEqual(watch.returncode, 0)
        self.assertEqual(errors.count(f"process {holder.pid}: there is none"), 1, errors)
        self.assertLessEqual(errors.count(f"process {gone}: there is none"), 2, "once, and once more with the other")
        self.assertEqual(inspect("--watch=20ms", "--pid", gone, namespace=self.here).returncode, 1)

    def test_no_time_to_look_at_processes(self):
        holder = self.hold()
        holder.connect()
        done = inspect("--pid", holder.pid, "--deadline", "1ns", namespace=self.here)
        self.assertIn("not all processes could be looked at before --deadline", done.stderr)

    def test_a_name_for_a_terminal(self):
        holder = self.hold()
        holder.connect()
        holder.do(f"ctypes.CDLL(None).prctl({PR_SET_NAME}, {NAME.encode('latin-1')!r}, 0, 0, 0)")
        for words in ((), ("--listening",), ("--only", "nodelay"), ("--all",)):
            done = inspect("--pid", holder.pid, *words, namespace=self.here)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"a\\x1b\[31m\\(x07|a)\\nb\\xff\[")
            for character in done.stdout + done.stderr:
                self.assertTrue(character == "\n" or character.isprintable(), repr(character))
        document = inspected("--pid", holder.pid, namespace=self.here)
        self.assertEqual(len(document["sockets"]), 3)

    def test_by_name(self):
        holder, other = self.hold(), self.hold()
        holder.connect()
        other.connect()
        holder.do(f"ctypes.CDLL(None).prctl({PR_SET_NAME}, b'averylongnameofaprogram', 0, 0, 0)")
        for name in ("averylongnameofaprogram", "averylongnameof"):
            rows = inspected("--name", name, namespace=self.here)["sockets"]
            self.assertEqual([row["pid"] for row in rows], [holder.pid] * 3)


class Descriptors(unittest.TestCase):
    OTHERS = """
import tempfile
pipe = os.pipe()
udp = socket.socket(type=socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
unix = socket.socketpair()
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
file = tempfile.TemporaryFile()
folder = os.open("/", os.O_RDONLY)
fresh = socket.socket()
"""

    def test_what_is_no_tcp_socket(self):
        with namespace.Namespace() as here, Holder(here) as holder:
            holder.do(self.OTHERS)
            done = inspect("--pid", holder.pid, namespace=here)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            holder.connect()
            for words in ((), ("--all",), ("--no-dup",)):
                rows = by_inode(inspected("--pid", holder.pid, *words, namespace=here))
                self.assertEqual(set(rows), {holder.inode(name) for name in ("listener", "client", "server")})

    def test_a_descriptor_that_is_another_socket_by_now(self):
        with namespace.Namespace() as here, Holder(here) as holder:
            holder.connect()
            holder.do("spare = socket.create_connection(listener.getsockname())\n"
                      "inode = os.fstat(client.fileno()).st_ino\nos.dup2(spare.fileno(), client.fileno())")
            rows = by_inode(inspected("--pid", holder.pid, namespace=here))
            self.assertNotIn(holder.ask("inode"), rows)
            self.assertEqual(len(rows[holder.inode("spare")]["holders"]), 2)


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
