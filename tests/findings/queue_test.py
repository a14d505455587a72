"""A listener whose queue is full: connections are dropped and cost a second, until there is room for them."""

import concurrent.futures
import re
import signal
import time
import unittest

import namespace
from finding_case import set_advised_sysctl
from serve_case import Stopped, wait_until
from serve_run import Server
from tcpkit_run import BINARY, validated

BACKLOG = 2
CLIENTS = 12
SYN_AGAIN_S = 1  # TCP_TIMEOUT_INIT: when an unanswered SYN is sent again


def advised_backlog(remedy):
    return ["--backlog", re.search(r"tcpkit serve --backlog (\d+)", remedy).group(1)]


class Queue(unittest.TestCase):
    def setUp(self):
        self.net = namespace.Namespace()
        self.addCleanup(self.net.close)

    def serve(self, *words):
        with self.net.inside():
            server = Server("--json", "--fail-on", "warning", *words)
        self.addCleanup(server.close)
        return server

    def connect(self, server):
        """A connection, and how long it took."""
        begin = time.monotonic()
        with self.net.inside():
            connection = server.connect()
        self.addCleanup(connection.close)
        return connection, time.monotonic() - begin

    def longest_connect_s(self, server):
        """Of clients that all come while the server stands still."""
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            with Stopped(server):
                visits = [pool.submit(self.connect, server) for _ in range(CLIENTS)]
                wait_until(lambda: all(visit.done() for visit in visits) or self.overflows() > 0)
            return max(visit.result()[1] for visit in visits)

    def overflows(self):
        """ListenOverflows of the namespace (/proc/net/netstat)."""
        with self.net.inside(), open("/proc/thread-self/net/netstat") as netstat:
            names, values = [line.split() for line in netstat if line.startswith("TcpExt:")]
        return int(values[names.index("ListenOverflows")])

    def found(self, server, identifier):
        return server.wait_for_event("finding", lambda event: event["finding"]["id"] == identifier)["finding"]

    def ids(self, server):
        return [event["finding"]["id"] for event in server.events("finding")]


class FullQueue(Queue):
    def test_a_server_that_stands_still_drops_clients_until_its_backlog_is_large(self):
        server = self.serve("--backlog", str(BACKLOG))
        self.assertGreaterEqual(self.longest_connect_s(server), 0.95 * SYN_AGAIN_S)
        finding = self.found(server, "F20")
        self.assertEqual(finding["severity"], "warning")  # there is room again when it can look
        evidence = finding["evidence"]
        self.assertEqual(evidence["backlog"], BACKLOG)
        self.assertGreaterEqual(evidence["drops"], 1)
        self.assertLessEqual(evidence["drops"], self.overflows())
        self.assertEqual(server.stop(), 1)

        before = self.overflows()
        mended = self.serve(*advised_backlog(finding["remedy"]))
        self.longest_connect_s(mended)
        self.assertEqual(self.overflows(), before)
        self.assertEqual(mended.stop(), 0)
        self.assertNotIn("F20", self.ids(mended))

    def test_inspect_sees_it_from_outside_while_the_server_stands_still(self):
        server = self.serve("--backlog", str(BACKLOG))
        with Stopped(server):
            for _ in range(BACKLOG + 1):  # it is full when there is one more than the backlog
                self.connect(server)
            done = self.net.run([BINARY, "inspect", "--json", "--pid", str(server.pid), "--fail-on", "error"])
        self.assertEqual(done.returncode, 1, done.stderr)
        listener, = (row for row in validated(done.stdout)["sockets"] if row["state"] == "listen")
        finding, = (finding for finding in listener["findings"] if finding["id"] == "F20")
        self.assertEqual(finding["severity"], "error")
        self.assertEqual(finding["evidence"]["accept_queue"], BACKLOG + 1)
        self.assertIn("call listen(2) again with a backlog of ", finding["remedy"])

    def test_a_queue_that_is_full_now_is_an_error(self):
        server = self.serve("--backlog", str(BACKLOG), "--max-connections", "1")
        only, _ = self.connect(server)
        server.wait_for_event("connected")
        for _ in range(BACKLOG + 1):
            self.connect(server)
        finding = self.found(server, "F20")
        self.assertEqual(finding["severity"], "error")
        self.assertEqual(finding["evidence"]["accept_queue"], BACKLOG + 1)
        self.assertEqual(finding["evidence"]["backlog"], BACKLOG)
        only.close()
        self.assertEqual(server.stop(), 1)


class ClampedBacklog(Queue):
    def test_it_is_found_before_anybody_comes_until_somaxconn_allows_it(self):
        self.net.set_sysctl("net.core.somaxconn", 100)
        with self.net.inside():
            clamped = Server("--json", "--backlog", "200")
        self.addCleanup(clamped.close)
        finding = self.found(clamped, "F21")
        self.assertEqual(finding["severity"], "warning")
        self.assertEqual(finding["evidence"], {"backlog_asked": 200, "backlog": 100, "net_core_somaxconn": 100})
        self.assertEqual(clamped.stop(), 0)
        with self.assertRaises(RuntimeError):  # --fail-on: it does not serve at all
            self.serve("--backlog", "200")

        set_advised_sysctl(finding["remedy"], self.net)
        self.assertEqual(self.net.sysctl("net.core.somaxconn"), "200")
        mended = self.serve(*advised_backlog(finding["remedy"]))
        self.assertEqual(mended.events("listening")[0]["backlog"]["effective"], 200)
        self.assertEqual(mended.stop(signal.SIGTERM), 0)
        self.assertEqual(self.ids(mended), [])


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main(verbosity=2)
