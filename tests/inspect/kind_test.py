"""Sockets of every kind: listeners, IPv6, multipath, time-wait, shared by processes, with bytes that wait."""

import pathlib
import socket
import unittest

import namespace
from inspect_case import InNamespace, by_inode, eventually, inspect, inspected

IPPROTO_MPTCP = 262
SOMAXCONN = pathlib.Path("/proc/sys/net/core/somaxconn")  # of the namespace that the thread is in


class Kinds(InNamespace):
    def setUp(self):
        super().setUp()
        self.holder = self.hold()

    def rows(self, *words):
        return by_inode(inspected(*words, namespace=self.here))

    def test_a_listener(self):
        with self.here.inside():
            SOMAXCONN.write_text("99")
        port = self.holder.connect()
        self.holder.do("wide = socket.create_server(('127.0.0.2', 0), backlog=5000)\n"
                       "waiting = [socket.create_connection(listener.getsockname()) for _ in range(3)]")
        for words in (("--pid", self.holder.pid), ("--listening", "--port", port), ("--listening",)):
            queues = self.rows(*words)[self.holder.inode("listener")]["queues"]
            self.assertEqual([queues[key] for key in ("accept_queue", "backlog", "somaxconn")], [3, 7, 99])
        self.assertEqual(self.rows("--listening")[self.holder.inode("wide")]["queues"]["backlog"], 99)
        text = inspect("--listening", "--port", port, namespace=self.here).stdout
        self.assertIn("3 of 7", text)
        self.assertIn("net.core.somaxconn = 99", text)

    def counters(self):
        names, numbers = self.here.run(["cat", "/proc/self/net/netstat"]).stdout.splitlines()[:2]
        return dict(zip(names.split(), numbers.split()))

    def test_overflows(self):
        self.holder.do("listener = socket.create_server(('127.0.0.1', 0), backlog=0)\n"
                       "first = socket.create_connection(listener.getsockname())\n"
                       "more = [socket.socket() for _ in range(3)]\n"
                       "for one in more: one.setblocking(False); one.connect_ex(listener.getsockname())")
        before = self.counters()
        queues = self.rows("--listening")[self.holder.inode("listener")]["queues"]
        after = self.counters()
        for key, name in {"overflows": "ListenOverflows", "drops": "ListenDrops"}.items():
            self.assertLessEqual(int(before[name]), queues[key])
            self.assertLessEqual(queues[key], int(after[name]))
            self.assertGreater(queues[key], 0)

    def test_listeners_that_share_an_address(self):
        self.holder.do("group = []\nfor _ in range(3):\n    group.append(socket.socket())\n"
                       "    group[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
                       "    group[-1].bind(('127.0.0.1', 7000))\n    group[-1].listen(5)")
        rows = self.rows("--pid", self.holder.pid, "--all")
        self.assertEqual([row["queues"]["sharing"] for row in rows.values()], [3, 3, 3])
        self.assertEqual({row["options"]["SO_REUSEPORT"]["value"] for row in rows.values()}, {True})

    def test_ipv6(self):
        port = self.holder.connect("::1")
        self.holder.do("client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 0x28)")
        rows = self.rows("--pid", self.holder.pid, "--all")
        client = rows[self.holder.inode("client")]
        self.assertEqual(client["peer"], f"[::1]:{port}")
        self.assertEqual((client["traffic_class"], client["options"]["IPV6_TCLASS"]["value"]), (0x28, 0x28))

    def test_a_v4_connection_of_a_v6_listener(self):
        self.holder.do("listener = socket.create_server(('::', 0), family=socket.AF_INET6, dualstack_ipv6=True)\n"
                       "client = socket.create_connection(('127.0.0.1', listener.getsockname()[1]))\n"
                       "server = listener.accept()[0]")
        rows = self.rows("--pid", self.holder.pid)
        self.assertEqual(len(rows), 3)
        self.assertFalse(rows[self.holder.inode("listener")]["v6only"])
        self.assertIsNone(rows[self.holder.inode("server")]["reason"])

    def test_multipath(self):
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP).close()
        except OSError:
            self.skipTest("this kernel has no multipath TCP")
        self.holder.do(f"listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, {IPPROTO_MPTCP})\n"
                       "listener.bind(('127.0.0.1', 0)); listener.listen(3)\n"
                       f"client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, {IPPROTO_MPTCP})\n"
                       "client.connect(listener.getsockname()); server = listener.accept()[0]\n"
                       "client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)\n"
                       "client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)")
        sockets = inspected("--pid", self.holder.pid, "--all", namespace=self.here)["sockets"]
        [client] = [row for row in sockets if row["mptcp"] and row["inode"] == self.holder.inode("client")]
        self.assertIsNone(client["reason"])
        self.assertEqual([client["options"][name]["value"] for name in ("TCP_NODELAY", "SO_KEEPALIVE")], [True, True])
        for option in client["options"].values():
            self.assertTrue(option["value"] is not None or option["reason"])
        for row in sockets:
            if row["ulp"] == "mptcp":
                self.assertIn("subflow", row["reason"])
                self.assertEqual({option["value"] for option in row["options"].values()}, {None})
        port = self.holder.ask("client.getsockname()[1]")
        one = ("--pid", self.holder.pid, "--local", f":{port}")
        self.assertEqual(client["options"]["TCP_USER_TIMEOUT"]["reason"], "not offered on multipath sockets")
        done = inspect(*one, "--set", "user-timeout=5s", namespace=self.here)
        self.assertIn("TCP_USER_TIMEOUT is not offered on multipath sockets", done.stderr)
        text = inspect(*one, namespace=self.here).stdout
        self.assertIn("\nSocket options\n", text, "one connection is shown in full, though the kernel lists two sockets")

    def test_time_wait(self):
        port = self.holder.connect()
        self.holder.do("client.close(); server.recv(1); server.close()")
        for words in (("--port", port), ("--port", port, "--all"), ("--state", "time-wait"), ()):
            rows = [row for row in inspected(*words, namespace=self.here)["sockets"] if row["state"] == "time-wait"]
            self.assertEqual(len(rows), 1)
            [row] = rows
            self.assertEqual((row["pid"], row["uid"], row["timer"]["name"]), (None, None, "time-wait"))
            self.assertEqual(set((row["tcp_info"] or {}).values()) - {None}, set())
            self.assertIn("absent", row["tcp_info_reason"])
            self.assertTrue(row["reason"])
        self.assertNotIn("time-wait", inspect("--pid", self.holder.pid, namespace=self.here).stdout)

    def test_a_socket_of_several_processes(self):
        self.holder.connect()
        self.holder.do("child = os.fork()\nif child == 0:\n    import signal; signal.pause()")
        child = self.holder.ask("child")
        self.addCleanup(self.holder.do, f"os.kill({child}, 9); os.waitpid({child}, 0)")
        self.holder.do("again = os.dup(client.fileno())")
        rows = self.rows("--pid", self.holder.pid, "--pid", child)
        holders = rows[self.holder.inode("client")]["holders"]
        expected = {(self.holder.pid, self.holder.ask("client.fileno()")), (self.holder.pid, self.holder.ask("again")),
                    (child, self.holder.ask("client.fileno()"))}
        self.assertEqual({(holder["pid"], holder["fd"]) for holder in holders}, expected)
        self.assertEqual(len(holders), 3)

    def test_bytes_that_wait(self):
        self.holder.connect()
        self.holder.do("server.sendall(bytes(1234))\nclient.setblocking(False)\n"
                       "try:\n    while True: client.send(bytes(65536))\nexcept BlockingIOError: pass")
        rows = self.rows("--pid", self.holder.pid)
        client, server = rows[self.holder.inode("client")], rows[self.holder.inode("server")]
        self.assertEqual(client["queues"]["recv"], 1234)
        self.assertGreater(client["queues"]["send"], 0)
        self.assertGreater(server["queues"]["recv"], 0)
        # The share of its time that the window was full grows from now on.
        limiter = eventually(lambda: self.rows("--pid", self.holder.pid)[self.holder.inode("client")]["limiter"])
        self.assertEqual(limiter, "peer window")


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
