"""Healthy hosts: nothing that the program looks at there gives cause for more than a note.

Notes are welcome: they are printed at the end with the scenarios that have them, and so is what was not checked.
"""

import collections
import json
import resource
import unittest

from namespace import PATIENCE_S, Namespace, skip_unless_possible
from probe import Listener
from send_run import Peer
from serve_run import Server
from tcpkit_run import BINARY, validated

LOOPBACK = ("127.0.0.1", "[::1]")
OWN_ADDRESSES = ("192.0.2.1", "[2001:db8::1]")  # as hosts have them on other interfaces; RFC 5737, RFC 3849
CROWD = 10_000
# --connect-within is not given; a namespace of one's own has no net.ipv4.tcp_mem; not all traffic is of requests, and a
# probe does not watch the connection.
NOT_CHECKED = {"F01", "F08", "F19", "F35"}
OLDER_KERNEL = (": this kernel does not return it", ": absent: no such file in this network namespace")


def options(*settings):
    return [word for setting in settings for word in ("-o", setting)]


def measure(mode, *words):
    return ["send", "--mode", mode, "-d", "200ms", *words]


TIMERS = options("nodelay", "keepalive", "keepidle=60s", "keepintvl=10s", "keepcnt=6", "user-timeout=120s")
BUFFERS = options("rcvbuf=1M", "sndbuf=1M")

CRR = "a connection for each request"

# The name of a scenario, the mode of the server, and what the client is told.
TRAFFIC = (
    ("probe", "echo", ["probe"]),
    ("idle", "echo", measure("idle", "-c", "100")),
    ("requests", "echo", measure("rr")),
    ("requests, 100 at once", "echo", measure("rr", "-c", "100")),
    ("requests on a schedule", "echo", measure("rr", "--rate", "200")),
    (CRR, "echo", measure("crr")),
    ("requests in two writes", "echo", measure("wwr", *options("nodelay"))),
    ("both ways", "echo", measure("bidir")),
    ("bulk", "discard", measure("stream")),
    ("bulk, 100 at once", "discard", measure("stream", "-c", "100")),
    ("bulk of 1 Gbit/s", "discard", measure("stream", *options("max-pacing-rate=125MB"))),
    ("download", "source", measure("stream", "-R")),
    ("download, 100 at once", "source", measure("stream", "-R", "-c", "100")),
)
SETTINGS = (
    ("probe, timers", "echo", ["probe", *TIMERS]),
    ("probe, buffers", "echo", ["probe", "--bandwidth", "1G", *BUFFERS]),
    ("requests, timers", "echo", measure("rr", *TIMERS)),
    ("requests, two timers", "echo", measure("rr", *options("keepalive", "keepidle=60s", "user-timeout=30s"))),
    ("requests, quickack", "echo", measure("rr", *options("quickack=always"))),
    ("requests, tos and priority", "echo", measure("rr", *options("tos=16", "priority=6"))),
    ("requests, other congestion control", "echo", measure("rr", *options("congestion=reno"))),
    ("bulk, timers", "discard", measure("stream", *TIMERS)),
    ("bulk, buffers", "discard", measure("stream", "--bandwidth", "1G", *BUFFERS)),
    ("bulk, little unsent", "discard", measure("stream", *options("notsent-lowat=128K"))),
    ("bulk, small segments", "discard", measure("stream", *options("maxseg=1400"))),
    ("download, buffers", "source", measure("stream", "-R", "--bandwidth", "1G", *BUFFERS)),
    ("both ways, buffers", "echo", measure("bidir", *BUFFERS)),
)


def slow_reader(peer, connection):
    """Lives, and reads no faster than 13 MB/s: its window is shut most of the time."""
    while connection.recv(1 << 16):
        peer.over.wait(0.005)


class Healthy(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.seen = collections.defaultdict(set)

    @classmethod
    def tearDownClass(cls):
        for what, scenarios in sorted(cls.seen.items()):
            print(f"{what}: {', '.join(sorted(scenarios))}")

    def host(self):
        """Like one that was just started."""
        namespace = self.enterContext(Namespace())
        for address in OWN_ADDRESSES:
            namespace.ip("addr", "add", address.strip("[]"), "dev", "lo", "nodad")
        return namespace

    def assert_notes_only(self, findings, scenario):
        for finding in findings:
            self.seen[f"{finding['severity']} {finding['id']}"].add(scenario)
        self.assertLessEqual({finding["severity"] for finding in findings}, {"note"}, json.dumps(findings, indent=1))

    def assert_healthy(self, host, command, scenario):
        """Of a client that does what it is told."""
        done = host.run([BINARY, command[0], "--json", *command[1:]], timeout=3 * PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = validated(done.stdout)
        self.assert_all_checked(report["findings_not_checked"], scenario)
        self.assert_notes_only(report["findings"], scenario)

    def assert_all_checked(self, not_checked, scenario):
        """As much as can be: of a connection for each request there is none at the end."""
        for rule in not_checked:
            self.seen[f"not checked {rule['id']} ({rule['reason']})"].add(scenario)
        open_ones = [rule for rule in not_checked if not rule["reason"].endswith(": the connection is closed")]
        could_be = [rule for rule in open_ones if not rule["reason"].endswith(OLDER_KERNEL)]
        self.assertLessEqual({rule["id"] for rule in could_be}, NOT_CHECKED, not_checked)
        self.assertTrue(len(open_ones) == len(not_checked) or scenario == CRR, not_checked)

    def assert_healthy_server(self, server, scenario):
        """It has ended; of its many events only those are looked at that tell what was found."""
        self.assertEqual(server.stop(), 0, server.stderr.text())
        events = [json.loads(line) for line in server.stdout.all()]
        self.assertEqual(events[-1]["event"], "summary")
        self.assert_notes_only([event["finding"] for event in events if event["event"] == "finding"], scenario)

    def run_all(self, scenarios, addresses, settings=()):
        host = self.host()
        for mode in sorted({mode for _, mode, _ in scenarios}):
            with host.inside():
                server = Server("--json", "--mode", mode, *settings, addresses=[f"{one}:0" for one in addresses])
            with server:
                for name, _, command in [one for one in scenarios if one[1] == mode]:
                    for target in server.addresses:
                        with self.subTest(scenario=name, target=target):
                            self.assert_healthy(host, [*command, *settings, target], name)
                self.assert_healthy_server(server, f"serve --mode {mode}")

    def test_traffic_under_each_congestion_control(self):
        for congestion in self.host().sysctl("net.ipv4.tcp_available_congestion_control").split():
            with self.subTest(congestion=congestion):
                self.run_all(TRAFFIC, LOOPBACK, options(f"congestion={congestion}"))

    def test_traffic_to_addresses_of_other_interfaces(self):
        self.run_all(TRAFFIC, OWN_ADDRESSES)

    def test_what_users_set(self):
        self.run_all(SETTINGS, LOOPBACK)

    def test_a_peer_that_only_listens(self):
        host = self.host()
        for address in LOOPBACK:
            with self.subTest(address=address), Listener(host, address.strip("[]")) as listener:
                self.assert_healthy(host, ["probe", listener.target], "probe of a listener")

    def test_a_slow_reader_is_not_taken_for_dead(self):
        host = self.host()
        with host.inside():
            peer = Peer(slow_reader)
        with peer:
            for _ in range(5):
                self.assert_healthy(host, [*measure("stream", *options("user-timeout=30s")), peer.target], "slow reader")

    def test_a_crowd_of_idle_connections(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if most != resource.RLIM_INFINITY and most < CROWD + 100:
            self.skipTest(f"{CROWD} connections need more than {most} descriptors")
        host = self.host()
        with host.inside():
            server = Server("--json", "--max-connections", str(CROWD), "--backlog", "4096")
        with server:
            self.assert_healthy(host, ["send", "--mode", "idle", "-c", str(CROWD), "-d", "1s", server.addresses[0]],
                                "10,000 connections")
            self.assert_healthy_server(server, "serve 10,000 connections")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
