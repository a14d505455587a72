"""Which sockets inspect finds: selectors, namespaces, order."""

import os
import pathlib
import unittest

import namespace
from inspect_case import Holder, by_inode, inspect, inspected


class Find(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.here, cls.there = namespace.Namespace(), namespace.Namespace()
        cls.addClassCleanup(cls.here.close)
        cls.addClassCleanup(cls.there.close)
        cls.first, cls.second, cls.far = Holder(cls.here), Holder(cls.here), Holder(cls.there)
        for holder in (cls.first, cls.second, cls.far):
            cls.addClassCleanup(holder.__exit__)
        cls.ports = {cls.first: cls.first.connect("127.0.0.1"), cls.second: cls.second.connect("::1"),
                     cls.far: cls.far.connect("127.0.0.5")}

    def found(self, *words):
        return set(by_inode(inspected(*words, namespace=self.here)))

    def inodes(self, *pairs):
        return {holder.inode(name) for holder, name in pairs}

    def all_of(self, *holders):
        return self.inodes(*((holder, name) for holder in holders for name in ("listener", "client", "server")))

    def test_without_a_selector(self):
        self.assertEqual(self.found(), self.all_of(self.first, self.second))

    def test_whose_they_are(self):
        """Without a selector nobody looks at processes unless asked to."""
        rows = by_inode(inspected(namespace=self.here))
        self.assertEqual({(row["pid"], row["uid"], len(row["holders"])) for row in rows.values()}, {(None, 0, 0)})
        for row in rows.values():
            self.assertIn("-p names its process", row["reason"])
        rows = by_inode(inspected("-p", namespace=self.here))
        for holder in (self.first, self.second):
            self.assertEqual({rows[inode]["pid"] for inode in self.all_of(holder)}, {holder.pid})
        command = pathlib.Path(f"/proc/{self.first.pid}/comm").read_text().strip()
        for words, title, owner in ((), "USER ", "0 "), (("--processes",), "PROCESS ", f"{command}[{self.first.pid}]/"):
            head, *lines = inspect(*words, namespace=self.here).stdout.splitlines()
            self.assertTrue(head.startswith(title), head)
            self.assertTrue(any(line.startswith(owner) for line in lines), lines)

    def test_by_process(self):
        self.assertEqual(self.found("--pid", self.first.pid), self.all_of(self.first))
        self.assertEqual(self.found("--pid", self.first.pid, "--pid", self.second.pid),
                         self.all_of(self.first, self.second))

    def test_by_port(self):
        for holder in (self.first, self.second):
            self.assertEqual(self.found("--port", self.ports[holder]), self.all_of(holder))
        self.assertEqual(self.found("--port", self.ports[self.first], "--port", self.ports[self.second]),
                         self.all_of(self.first, self.second))

    def test_all_conditions_hold(self):
        done = inspect("--pid", self.first.pid, "--port", self.ports[self.second], namespace=self.here)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(self.found("--pid", self.first.pid, "--listening"), self.inodes((self.first, "listener")))

    def test_by_state(self):
        established = self.inodes((self.first, "client"), (self.first, "server"), (self.second, "client"),
                                  (self.second, "server"))
        listeners = self.inodes((self.first, "listener"), (self.second, "listener"))
        self.assertEqual(self.found("--state", "established"), established)
        self.assertEqual(self.found("--state", "listening"), listeners)
        self.assertEqual(self.found("--listening"), listeners)
        self.assertEqual(self.found("--state", "established", "--state", "listening"), established | listeners)
        self.assertEqual(self.found("--state", "connected"), established)

    def test_by_address(self):
        first, second = self.ports[self.first], self.ports[self.second]
        self.assertEqual(self.found("--local", f"127.0.0.1:{first}"),
                         self.inodes((self.first, "listener"), (self.first, "server")))
        self.assertEqual(self.found("--local", "127.0.0.0/8"), self.all_of(self.first))
        self.assertEqual(self.found("--local", "[::1]"), self.all_of(self.second))
        self.assertEqual(self.found("--local", "[::]/0"), self.all_of(self.second))
        self.assertEqual(self.found("--peer", f"127.0.0.1:{first}"), self.inodes((self.first, "client")))
        self.assertEqual(self.found("--peer", f"[::1]:{second}"), self.inodes((self.second, "client")))
        self.assertEqual(self.found("--peer", "127.0.0.0/30"),
                         self.inodes((self.first, "client"), (self.first, "server")))
        self.assertEqual(inspect("--peer", "10.0.0.0/8", namespace=self.here).returncode, 1)

    def test_another_namespace(self):
        own = os.stat("/proc/self/ns/net").st_ino
        for words in (("--netns", self.far.pid), ("--pid", self.far.pid)):
            rows = by_inode(inspected(*words, "--all", namespace=self.here))
            self.assertEqual(set(rows), self.all_of(self.far))
            for row in rows.values():
                self.assertEqual(row["netns"], os.fstat(self.there.fd).st_ino)
                self.assertNotEqual(row["netns"], own)
        self.assertEqual(self.found("--pid", self.far.pid, "--pid", self.first.pid), self.all_of(self.far, self.first))
        self.assertEqual(inspect("--pid", self.far.pid, "--netns", self.first.pid, namespace=self.here).returncode, 1)

    def test_a_named_namespace(self):
        name = f"tcpkit-test-{os.getpid()}"
        attach = self.here.run(["ip", "netns", "attach", name, str(self.far.pid)])
        if attach.returncode != 0:
            self.skipTest(f"ip netns attach: {attach.stderr.strip()}")
        try:
            self.assertEqual(self.found("--netns", name), self.all_of(self.far))
        finally:
            self.here.run(["ip", "netns", "delete", name])
        done = inspect("--netns", name)
        self.assertIn("--netns: ", done.stderr)
        self.assertNotIn(done.returncode, (0, 9))
        self.assertIn(name, done.stderr)

    def test_sysctls_of_the_sockets_own_namespace(self):
        self.there.set_sysctl("net.ipv4.tcp_keepalive_time", 4321)
        with Holder(self.there) as fresh:
            fresh.connect()
            row = by_inode(inspected("--pid", fresh.pid, namespace=self.here))[fresh.inode("client")]
        self.assertEqual((row["options"]["TCP_KEEPIDLE"]["value"], row["options"]["TCP_KEEPIDLE"]["origin"]),
                         (4321, "sysctl"))

    def test_order(self):
        with namespace.Namespace() as here, Holder(here) as holder:
            holder.connect()
            holder.do("others = [(socket.create_connection(listener.getsockname()), listener.accept()[0])"
                      " for _ in range(20)]\n"
                      "for number, (one, _) in enumerate(others): one.sendall(bytes(100 * (number * 7 % 20)))")
            sizes = [100 * size for size in reversed(range(20))] + [0] * 22
            for top in (1, 5, 42):
                rows = inspected("--sort", "recv-q", "--top", top, "--state", "established", namespace=here)["sockets"]
                self.assertEqual([row["queues"]["recv"] for row in rows], sizes[:top])
            rows = inspected("--sort", "rtt", "--state", "established", namespace=here)["sockets"]
            times = [row["tcp_info"]["rtt_us"] for row in rows]
            self.assertEqual(times, sorted(times, reverse=True))
            self.assertEqual(len(rows), 42)


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
