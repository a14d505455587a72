"""serve, send and inspect with each other on this kernel, and time as its timers run."""

import json

from kernel_case import KernelCase

# A neighbour that takes frames and never answers: the far end of a veth, at an address it does not have.
BLACK_HOLE = """ip link add hole0 type veth && ip address add 10.9.0.1/24 dev hole0 &&
ip link set hole0 up && ip link set veth0 up && arp -i hole0 -s 10.9.0.2 02:00:00:00:00:09"""


class Traffic(KernelCase):
    def test_send_gets_back_what_it_sent(self):
        with self.machine.server("127.0.0.1:7000"):
            result = self.machine.tcpkit_json("send", "--json", "-n", "20", "--keep", "127.0.0.1:7000", "hello")
        self.assertEqual((result["requests"], result["errors"], result["bytes_received"]), (20, 0, 100))

    def test_a_stream_arrives(self):
        with self.machine.server("[::1]:7000", "--mode", "discard"):
            result = self.machine.tcpkit_json("send", "--json", "--mode", "stream", "-d", "2s", "[::1]:7000")
        self.assertEqual(result["errors"], 0)
        self.assertGreater(result["bytes_sent"], 1 << 20)

    def test_a_listener_of_another_process_is_shown(self):
        with self.machine.server("127.0.0.1:7000", "--backlog", "17", "-o", "keepidle=90s") as pid:
            sockets = self.machine.tcpkit_json("inspect", "--json", "--pid", pid)["sockets"]
        self.assertEqual([(row["state"], row["local"]) for row in sockets], [("listen", "127.0.0.1:7000")])
        self.assertEqual(sockets[0]["queues"]["backlog"], 17)
        self.assertEqual(sockets[0]["options"]["TCP_KEEPIDLE"]["value"], 90)

    def test_a_connection_of_another_process_is_shown(self):
        with self.machine.server("127.0.0.1:7000"):
            pid = self.machine.run("sleep 60 | nc 127.0.0.1 7000 >/dev/null 2>&1 & echo $!").stdout.strip()
            try:
                self.machine.wait_for("grep -q connected /tmp/serve")
                rows = self.machine.tcpkit_json("inspect", "--json", "--port", "7000", "--state", "established")
            finally:
                self.machine.run(f"kill {pid}")
        by_command = {row["command"]: row for row in rows["sockets"]}
        self.assertEqual(set(by_command), {"nc", "tcpkit"})
        self.assertGreater(by_command["nc"]["tcp_info"]["rtt_us"], 0)
        self.assertEqual(by_command["nc"]["peer"], "127.0.0.1:7000")

    def test_connect_gives_up_when_it_was_said_to(self):
        """Kernels resend another number of SYNs in the same time."""
        told = self.machine.tcpkit_json("probe", "--json", "-o", "syncnt=2")["limits"]["connect_timeout_ms"] / 1000
        done = self.machine.run(BLACK_HOLE)
        self.assertEqual(done.status, 0, done.stderr)
        self.addCleanup(self.machine.run, "ip link delete hole0")
        begin = self.machine.uptime_s()
        done = self.machine.tcpkit("probe", "--json", "--timeout", "60s", "-o", "syncnt=2", "10.9.0.2:9")
        took = self.machine.uptime_s() - begin
        self.assertEqual(done.status, 5, done.stderr)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "ETIMEDOUT")
        self.assertGreater(took, told - 0.5)
        self.assertLess(took, 1.5 * told + 5)


class Findings(KernelCase):
    def found(self, *words):
        return {found["id"]: found for found in self.machine.tcpkit_json("probe", "--json", *words)["findings"]}

    def test_nothing_is_wrong_with_a_kernel_as_it_comes(self):
        grave = [found for found in self.found().values() if found["severity"] != "note"]
        self.assertEqual(grave, [])

    def test_a_buffer_that_was_cut_is_found_and_its_remedy_mends_it(self):
        found = self.found("-o", "rcvbuf=2M")["F02"]
        name, value = found["remedy"].split()[2].split("=")
        self.assertEqual(name, "net.core.rmem_max")
        with self.machine.sysctl(name, value):
            self.assertNotIn("F02", self.found("-o", "rcvbuf=2M"))

    def test_a_backlog_that_was_cut_is_found_before_anybody_connects(self):
        with self.machine.sysctl("net.core.somaxconn", 16), self.machine.server("127.0.0.1:7000", "--backlog", "64"):
            lines = self.machine.run("cat /tmp/serve").stdout.splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        found = [event["finding"] for event in events if event["event"] == "finding"]
        self.assertEqual([(row["id"], row["evidence"]["backlog"]) for row in found], [("F21", 16)])
