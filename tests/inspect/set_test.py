"""--set changes options of sockets in use: their process reads them, and the command that is told takes them back."""

import shlex
import socket
import subprocess
import unittest

import namespace
from inspect_case import NOBODY, Holder, InNamespace, by_inode, inspect, inspected
from tcpkit_run import validated

TCP, SOL = socket.IPPROTO_TCP, socket.SOL_SOCKET
# (setting, level, number, what the process reads then)
SETTINGS = (
    ("nodelay=on", TCP, socket.TCP_NODELAY, 1),
    ("keepalive=on", SOL, socket.SO_KEEPALIVE, 1),
    ("keepidle=1m", TCP, socket.TCP_KEEPIDLE, 60),
    ("keepintvl=7s", TCP, socket.TCP_KEEPINTVL, 7),
    ("keepcnt=3", TCP, socket.TCP_KEEPCNT, 3),
    ("user-timeout=20s", TCP, socket.TCP_USER_TIMEOUT, 20_000),
    ("notsent-lowat=16K", TCP, 25, 16_384),
    ("tos=40", socket.IPPROTO_IP, socket.IP_TOS, 40),
    ("cork=on", TCP, socket.TCP_CORK, 1),
)
REFUSED = ("maxseg=1000", "fastopen=5", "reuseport=on", "reuseaddr=on", "defer-accept=5s", "6:99=1", "quickack=always",
           "save-syn=1", "type=1", "error=0", "syncnt=3", "rcvlowat=5")


class Set(InNamespace):
    def setUp(self):
        super().setUp()
        self.holder = self.hold()
        self.port = self.holder.connect()
        self.client = ("--pid", self.holder.pid, "--peer", f":{self.port}")

    def read(self, level, number, name="client"):
        return self.holder.ask(f"{name}.getsockopt({level}, {number})")

    def all_options(self, name="client"):
        return {symbol: option["value"] for symbol, option in
                by_inode(inspected("--pid", self.holder.pid, "--all", namespace=self.here))
                [self.holder.inode(name)]["options"].items()}

    def changes(self, *words):
        document = inspected(*words, namespace=self.here)
        return [change for row in document["sockets"] for change in row["changes"]]

    def undo(self, command):
        program, command_name, *words = shlex.split(command)
        self.assertEqual((program, command_name), ("tcpkit", "inspect"))
        done = inspect(*words, namespace=self.here)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_there_and_back(self):
        for setting, level, number, value in SETTINGS:
            with self.subTest(setting=setting):
                before = self.read(level, number)
                [change] = self.changes(*self.client, "--set", setting)
                self.assertNotEqual(before, value)
                self.assertEqual(self.read(level, number), value)
                self.assertIn(change["effect"], ("exact", "adjusted"))
                self.assertIsNone(change["error"])
                self.assertTrue(change["undo"], change)
                self.undo(change["undo"])
                self.assertEqual(self.read(level, number), before)

    def test_nothing_else_changes(self):
        before = {name: self.all_options(name) for name in ("client", "server", "listener")}
        self.changes(*self.client, "--set", "keepidle=1m", "--set", "nodelay=on")
        after = {name: self.all_options(name) for name in ("client", "server", "listener")}
        moving = {"TCP_TIMESTAMP", "TCP_CC_INFO", "TCP_QUICKACK", "SO_MEMINFO"}  # older kernels give memory back late
        changed = {(name, symbol) for name in before for symbol in before[name]
                   if before[name][symbol] != after[name][symbol] and symbol not in moving}
        self.assertEqual(changed, {("client", "TCP_KEEPIDLE"), ("client", "TCP_NODELAY")})

    def test_what_the_kernel_made_of_it(self):
        """A buffer is doubled; setting it pins it, and the way back lets autotuning have it again."""
        lock = by_inode(inspected("--pid", self.holder.pid, namespace=self.here))[self.holder.inode("client")]
        if lock["options"]["SO_BUF_LOCK"]["reason"] == "not known to this kernel":
            self.skipTest("this kernel has no SO_BUF_LOCK")
        self.assertEqual(lock["options"]["SO_BUF_LOCK"]["value"], 0)
        [change] = self.changes(*self.client, "--set", "rcvbuf=100000")
        self.assertEqual(self.read(SOL, socket.SO_RCVBUF), 200_000)
        self.assertEqual((change["requested"], change["value"]), (100_000, 200_000))
        self.undo(change["undo"])
        self.assertEqual(self.all_options()["SO_BUF_LOCK"], 0)

    def test_more_than_the_kernel_allows(self):
        [change] = self.changes(*self.client, "--set", "rcvbuf=1G")
        self.assertEqual(change["effect"], "changed")
        self.assertIn("rmem_max", f"{change['why']} {change['sysctl']}")
        self.assertLess(self.read(SOL, socket.SO_RCVBUF), 2**30)

    def test_what_is_refused_changes_nothing(self):
        before = self.all_options()
        for setting in REFUSED:
            with self.subTest(setting=setting):
                done = inspect(*self.client, "--set", "nodelay=on", "--set", setting, "--yes", namespace=self.here)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertEqual(self.read(TCP, socket.TCP_NODELAY), 0)
        self.assertEqual(self.all_options()["TCP_NODELAY"], before["TCP_NODELAY"])

    def test_a_listener(self):
        [change] = self.changes("--pid", self.holder.pid, "--listening", "--set", "keepidle=1m")
        self.assertEqual(self.read(TCP, socket.TCP_KEEPIDLE, "listener"), 60)
        self.holder.do("later = socket.create_connection(listener.getsockname()); accepted = listener.accept()[0]")
        self.assertEqual(self.read(TCP, socket.TCP_KEEPIDLE, "accepted"), 60)
        self.assertTrue(change["undo"])

    def test_several_need_consent(self):
        words = ("--pid", self.holder.pid, "--state", "established", "--set", "keepidle=1m")
        done = inspect(*words, namespace=self.here, stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertNotEqual(self.read(TCP, socket.TCP_KEEPIDLE), 60)
        self.assertEqual(len(self.changes(*words, "--yes")), 2)
        for name in ("client", "server"):
            self.assertEqual(self.read(TCP, socket.TCP_KEEPIDLE, name), 60)

    def test_what_is_so_already(self):
        done = inspect(*self.client, "--set", "nodelay=off", namespace=self.here)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nodelay off -> off", done.stdout)
        self.assertNotIn("undo", done.stdout)
        self.assertNotIn("cannot", done.stdout)

    def test_nothing_matches(self):
        done = inspect("--port", 1, "--set", "nodelay=on", namespace=self.here)
        self.assertEqual((done.returncode, done.stdout), (1, ""))

    def test_what_nobody_has_open_is_left_out(self):
        self.holder.do("other = socket.create_connection(listener.getsockname()); gone = listener.accept()[0]\n"
                       "other.close(); gone.recv(1); gone.close()")
        self.assertEqual(len(self.changes("--port", self.port, "--set", "keepidle=1m", "--yes")), 3)

    def test_some_fail(self):
        """Of a connection between two users, one end may be changed."""
        with Holder(self.here, user=NOBODY) as other:
            other.do(f"client = socket.create_connection(('127.0.0.1', {self.port}))")
            port = other.ask("client.getsockname()[1]")
            self.holder.do("peer = listener.accept()[0]")
            before = self.read(TCP, socket.TCP_KEEPIDLE, "peer")
            done = inspect("--port", port, "--set", "keepidle=1m", "--yes", "--json", namespace=self.here, user=NOBODY)
            self.assertEqual(done.returncode, 1, done.stderr)
            document = validated(done.stdout)
            self.assertEqual((document["changed"], document["failed"]), (1, 1))
            self.assertEqual(other.ask("client.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)"), 60)
            self.assertEqual(self.read(TCP, socket.TCP_KEEPIDLE, "peer"), before)


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
