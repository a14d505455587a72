"""--format prometheus: the text format 0.0.4, of probe and inspect."""

import json
import os
import shutil
import socket
import subprocess
import unittest

from prometheus_text import read_metrics, value
from tcpkit_run import PATIENCE_S, run


def metrics(*words):
    done = run(*words, "--format", "prometheus")
    assert done.returncode == 0, done.stderr
    return read_metrics(done.stdout)


def check_with_promtool(test, text):
    if shutil.which("promtool") is None:
        test.skipTest("there is no promtool")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, timeout=PATIENCE_S, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    test.assertEqual((done.returncode, done.stdout), (0, ""))


class OfAProbe(unittest.TestCase):
    def setUp(self):
        self.listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        self.target = "127.0.0.1:{}".format(self.listener.getsockname()[1])

    def test_times_are_seconds_and_sizes_bytes(self):
        families = metrics("probe", "-o", "keepidle=77s", "-o", "user-timeout=1500ms", "-o", "rcvbuf=64K", self.target)
        self.assertEqual("77", value(families, "tcpkit_option_keepidle_seconds", target=self.target))
        self.assertEqual("1.5", value(families, "tcpkit_option_user_timeout_seconds"))
        self.assertEqual("131072", value(families, "tcpkit_option_rcvbuf_bytes"))
        self.assertLess(0, float(value(families, "tcpkit_tcp_info_rtt_seconds")))
        self.assertGreater(10, float(value(families, "tcpkit_tcp_info_rtt_seconds")))

    def test_what_only_grows_is_a_counter(self):
        families = metrics("probe", self.target)
        self.assertEqual("counter", families["tcpkit_tcp_info_segs_out_total"][0])
        self.assertEqual("gauge", families["tcpkit_tcp_info_rtt_seconds"][0])
        self.assertEqual("counter", families["tcpkit_tcp_info_busy_time_seconds_total"][0])

    def test_what_is_unlimited_or_unreadable_has_no_sample(self):
        families = metrics("probe", self.target)
        self.assertNotIn("tcpkit_tcp_info_max_pacing_rate_bytes_per_second", families)
        self.assertNotIn("tcpkit_option_error", families)

    def test_findings_are_counted_by_rule_and_severity(self):
        families = metrics("probe", self.target)
        found = json.loads(run("probe", "--json", self.target).stdout)["findings"]
        self.assertLess(0, len(found))
        for finding in found:
            self.assertEqual("1", value(families, "tcpkit_findings", id=finding["id"], severity=finding["severity"]))

    def test_the_series_of_two_runs_are_the_same(self):
        for words in ((self.target,), ()):
            first, second = ({(name, labels) for name, (_, samples) in metrics("probe", *words).items()
                              for labels in samples if name != "tcpkit_findings"} for _ in range(2))
            self.assertEqual(first, second)

    def test_a_failure_is_a_metric_as_well(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            done = run("probe", "--format", "prometheus", "127.0.0.1:{}".format(taken.getsockname()[1]))
        self.assertEqual(4, done.returncode)
        self.assertEqual("1", value(read_metrics(done.stdout), "tcpkit_error", command="probe", code="ECONNREFUSED"))

    def test_promtool_finds_nothing_to_say(self):
        check_with_promtool(self, run("probe", "--format", "prometheus", "-n", "2", "--interval", "1ms", self.target).stdout)


class OfSockets(unittest.TestCase):
    def setUp(self):
        self.listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        self.port = str(self.listener.getsockname()[1])
        self.clients = []

    def connect(self, count):
        for _ in range(count):
            self.clients.append(self.enterContext(socket.create_connection(self.listener.getsockname())))
            self.enterContext(self.listener.accept()[0])

    def test_many_are_counted_by_state_and_process(self):
        self.connect(5)
        self.clients[0].sendall(b"x" * 1000)
        families = metrics("inspect", "--port", self.port)
        with open("/proc/self/comm", encoding="ascii") as file:
            command = file.read().strip()
        self.assertEqual("10", value(families, "tcpkit_sockets", state="established", command=command))
        self.assertEqual("1", value(families, "tcpkit_sockets", state="listen", command=command))
        self.assertEqual("1000", value(families, "tcpkit_sockets_receive_queue_bytes", state="established"))
        self.assertNotIn("tcpkit_tcp_info_rtt_seconds", families)

    def test_the_number_of_series_does_not_grow_with_the_sockets(self):
        self.connect(3)
        few = metrics("inspect", "--port", self.port)
        self.connect(20)
        many = metrics("inspect", "--port", self.port)
        self.assertEqual({name: len(samples) for name, (_, samples) in few.items()},
                         {name: len(samples) for name, (_, samples) in many.items()})

    def test_a_single_one_is_told_in_full(self):
        self.connect(1)
        address = "{}:{}".format(*self.clients[0].getsockname())
        families = metrics("inspect", "--local", address, "--peer", f"127.0.0.1:{self.port}")
        self.assertLess(0, float(value(families, "tcpkit_tcp_info_rtt_seconds", local=address, pid=str(os.getpid()))))
        self.assertEqual("0", value(families, "tcpkit_send_queue_bytes", local=address))

    def test_the_first_of_an_order_have_series_of_their_own(self):
        self.connect(5)
        families = metrics("inspect", "--port", self.port, "--sort", "rtt", "--top", "3")
        self.assertEqual(3, len(families["tcpkit_tcp_info_rtt_seconds"][1]))

    def test_a_name_with_quotes_stays_one_label(self):
        name = 'a"b\\c\n'
        code = f"import socket,sys; open('/proc/self/comm','w').write({name!r}); s=socket.create_server(('127.0.0.1',0));" \
               "print(s.getsockname()[1], flush=True); sys.stdin.read()"
        with subprocess.Popen(["python3", "-c", code], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            port = child.stdout.readline().strip()
            text = run("inspect", "--port", port, "--format", "prometheus").stdout
            child.stdin.close()
        self.assertEqual("1", value(read_metrics(text), "tcpkit_sockets", command='a"b\\\\c\\n'))

    def test_promtool_finds_nothing_to_say(self):
        self.connect(2)
        check_with_promtool(self, run("inspect", "--format", "prometheus", "--port", self.port).stdout)
        check_with_promtool(self, run("inspect", "--format", "prometheus", "--port", self.port, "--sort", "rtt", "--top",
                                      "2").stdout)


class WhatHasNone(unittest.TestCase):
    def test_commands_without_metrics_say_so(self):
        for words in (("serve",), ("explain",), ("send", "127.0.0.1:9", "x")):
            done = run(*words, "--format", "prometheus")
            self.assertEqual(2, done.returncode, done.stderr)
            self.assertIn("has no metrics", done.stderr)

    def test_what_goes_on_has_no_metrics(self):
        for words in (("--watch",), ("--port", "9", "--set", "nodelay")):
            done = run("inspect", *words, "--format", "prometheus")
            self.assertEqual(2, done.returncode)
            self.assertIn("exclude each other", done.stderr)


if __name__ == "__main__":
    unittest.main()
