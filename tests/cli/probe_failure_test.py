"""Connects that fail: refused, timed out, unresolvable, unreachable; and how long that may take."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from probe_run import TRACED, FailingProbe, Resolver, in_namespaces, injected, needs_root, needs_strace, timed
from tcpkit_run import BINARY, run

# Its neighbour never answers, and no ARP failure tells so early.
BLACK_HOLE = ("ip link set lo up && ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up && "
              "ip address add 10.9.9.1/24 dev v0 && "
              "ip neighbour replace 10.9.9.2 lladdr 02:00:00:00:00:99 dev v0 nud permanent && ")
# Takes every question and answers none.
SILENT_NAME_SERVER = ("ip link set lo up && {{ socat -u UDP4-RECV:53,bind=127.0.0.1 /dev/null & server=$!; }} && "
                      "until ss -Hlnu 'sport = 53' | grep -q :53; do :; done && {} ; status=$?; kill $server; "
                      "exit $status")
START_S = 0.4  # for namespaces, shells, a sanitizer and a busy machine


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Refused(FailingProbe):
    def test_ipv4(self):
        self.check(["127.0.0.1:1"], 4, "connect to 127.0.0.1:1: Connection refused")

    def test_ipv6(self):
        self.check(["[::1]:1"], 4, "connect to [::1]:1: Connection refused")

    def test_the_last_port(self):
        self.check(["127.0.0.1:65535"], 4, "connect to 127.0.0.1:65535: Connection refused")

    def test_service_name(self):
        self.check(["127.0.0.1:tcpmux"], 4, "connect to 127.0.0.1:1: Connection refused")

    def test_every_address_is_tried_in_order_and_listed(self):
        self.check([":1"], 4, "127.0.0.1:1: Connection refused\ntcpkit: connect to [::1]:1: Connection refused\n",
                   errors=2)

    def test_quiet_says_the_last_one_only(self):
        self.check_text(run("probe", "-q", ":1"), 4, "connect to [::1]:1")

    def test_one_family_of_both(self):
        self.check(["-6", ":1"], 4, "connect to [::1]:1: Connection refused")

    def test_source_decides_which_addresses_of_a_name_are_tried(self):
        self.check(["--source", "::1", ":1"], 4, "connect to [::1]:1: Connection refused")

    def test_a_second_address_that_answers(self):
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            result = run("probe", "--json", f":{server.getsockname()[1]}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.check_lines(result)
        self.assertEqual(json.loads(result.stdout)["target"]["address"], "::1")


class LocalFaults(FailingProbe):
    def test_source_that_is_not_ours(self):
        self.check(["--source", "192.0.2.1"], 8, "bind to 192.0.2.1:0: Cannot assign requested address")

    def test_source_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.check(["--source", f"127.0.0.1:{port}"], 8, f"bind to 127.0.0.1:{port}: Address already in use")


@needs_strace
class Injected(FailingProbe):
    """What this machine's network will not do by itself."""

    def test_errors_of_connect(self):
        statuses = {"ENETUNREACH": 4, "EHOSTUNREACH": 4, "ENETDOWN": 4, "EINVAL": 4, "EPROTO": 4, "ENODEV": 4,
                    "ETIMEDOUT": 5, "EPERM": 6, "EACCES": 6, "EADDRNOTAVAIL": 8, "EAGAIN": 8, "ENOMEM": 8}
        for name, status in statuses.items():
            with self.subTest(name):
                self.check_text(injected(f"connect:error={name}", "127.0.0.1:1"), status, "connect to 127.0.0.1:1: ")


@needs_root
class Unreachable(FailingProbe):
    def check_in(self, setup, target, status, *parts):
        self.check_text(in_namespaces(f'{setup} exec "$T" probe {target}', "-n"), status, *parts)
        self.check_json(in_namespaces(f'{setup} exec "$T" probe --json {target}', "-n"), status)

    def test_no_route(self):
        self.check_in("ip link set lo up;", "10.0.0.1:80", 4, "connect to 10.0.0.1:80: Network is unreachable")

    def test_loopback_down(self):
        self.check_in("", "127.0.0.1:80", 4, "connect to 127.0.0.1:80: Network is unreachable")
        self.check_in("", "", 4, "Network is unreachable")

    def test_no_ipv6_at_all(self):
        self.check_in("", "[2001:db8::1]:80", 8, "[2001:db8::1]:80: Cannot assign requested address",
                      "this host has no IPv6 address to connect from")

    def test_name_of_an_interface_with_bytes_for_a_terminal(self):
        name = os.fsdecode(b"\x1b[1m\xff")
        setup = f"ip link add '{name}' type veth peer name v1 && ip link set '{name}' up; "
        self.check_in(setup, f"--timeout 100ms '[fe80::1%{name}]:80'", 8, "connect to [fe80::1%\\x1b[1m\\xff]:80: ")

    def test_kinds_of_routes(self):
        for kind, status in (("blackhole", 4), ("unreachable", 4), ("throw", 4), ("prohibit", 6)):
            with self.subTest(kind):
                self.check_in(f"ip link set lo up; ip route add {kind} 10.0.0.0/8;", "10.0.0.1:80", status)


@needs_root
class TimedOut(FailingProbe):
    def probe(self, words):
        return in_namespaces(f'{BLACK_HOLE} exec "$T" probe {words}', "-n")

    def check_time(self, words, status, seconds, *parts, errors=1):
        with timed() as block:
            result = self.probe(words)
        self.check_text(result, status, *parts, errors=errors)
        self.assertGreaterEqual(block.seconds, seconds * 0.99)
        self.assertLess(block.seconds, seconds * 1.2 + START_S)

    def test_timeout_of_one_address(self):
        self.check_time("--timeout 1s 10.9.9.2:80", 5, 1, "connect to 10.9.9.2:80: Connection timed out",
                        "no answer within 1")

    def test_error_object(self):
        self.check_json(self.probe("--json --timeout 200ms 10.9.9.2:80"), 5)

    def test_deadline_is_before_the_timeout(self):
        self.check_time("--deadline 500ms 10.9.9.2:80", 5, 0.5)

    def test_deadline_over_several_connects(self):
        self.check_time("-n 100 --interval 0 --timeout 300ms --deadline 800ms 10.9.9.2:80", 5, 0.8, errors=2)

    def test_kernel_gives_up_first(self):
        self.check_text(self.probe("-o user-timeout=300ms -o syncnt=1 --timeout 9s 10.9.9.2:80"), 5)

    @needs_strace
    def test_interrupted_system_call_goes_on(self):
        fault = " ".join(TRACED) + " -e trace=ppoll -e inject=ppoll:error=EINTR:when=1..3"
        with timed() as block:
            result = in_namespaces(f'{BLACK_HOLE} exec {fault} "$T" probe --timeout 500ms 10.9.9.2:80', "-n")
        self.check_text(result, 5)
        self.assertGreaterEqual(block.seconds, 0.49)

    def test_wait_ends_a_connect_that_nobody_answers(self):
        self.check_time("--wait 500ms 10.9.9.2:80", 5, 0.5)

    def await_handshake(self, process):
        """Until a socket of the process's network is in SYN_SENT, state 02 of proc_net_tcp(5)."""
        give_up = time.monotonic() + 20
        while " 0209090A:0050 02 " not in pathlib.Path(f"/proc/{process.pid}/net/tcp").read_text():
            self.assertLess(time.monotonic(), give_up)
            time.sleep(0.01)

    def test_interrupt(self):
        words = ["unshare", "-n", "/bin/sh", "-c", f'{BLACK_HOLE} echo go; exec "$T" probe 10.9.9.2:80']
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "T": BINARY}) as process:
            self.assertEqual(process.stdout.readline(), "go\n")
            self.await_handshake(process)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=3)
        self.assertEqual((process.returncode, out, err), (-signal.SIGINT, "", ""))


FAST_OPEN_SERVER = """
import pathlib, socket
pathlib.Path("/proc/sys/net/ipv4/tcp_fastopen").write_text("3")
server = socket.create_server(("127.0.0.1", 8080))
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
server.settimeout(20)
for _ in range(2):
    server.accept()
"""


@needs_root
class FastOpen(FailingProbe):
    def test_a_connect_that_sent_nothing_is_no_connection(self):
        """The first connect gets the cookie with which the others could be put off until there are data."""
        probe = '"$T" probe --json -o fastopen-connect 127.0.0.1:8080'
        server = f"{{ {sys.executable} -c '{FAST_OPEN_SERVER}' >/dev/null & server=$!; }}"
        listening = "until ss -Hltn | grep -q :8080; do :; done"
        result = in_namespaces(f"ip link set lo up && {server} && {listening} && {probe} >/dev/null && {probe} "
                               f"&& wait $server && exec {probe} >&2", "-n")
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertNotEqual(json.loads(result.stdout)["tcp_info"]["state"], 2)  # TCP_SYN_SENT
        self.assertIn("connect to 127.0.0.1:8080: Connection refused", result.stderr)


class Deadline(FailingProbe):
    def test_it_holds_before_the_first_byte(self):
        self.check(["--deadline", "1ns"], 5, "Connection timed out")
        self.check(["--timeout", "1ns"], 5, "Connection timed out")

    def test_it_cuts_the_connects_short_and_reports_those_made(self):
        with timed() as block:
            result = run("probe", "--json", "-n", "3", "--interval", "99999h", "--deadline", "300ms")
        self.assertEqual(result.returncode, 5)
        self.assertEqual(result.stderr, "tcpkit: --deadline 300 ms passed after 1 of 3 connects\n")
        connects = json.loads(result.stdout)["connects"]
        self.assertEqual((connects["tried"], connects["failed"]), (1, 0))
        self.assertLess(block.seconds, 0.3 * 1.2 + START_S)

    def test_as_fast_as_possible(self):
        result = run("probe", "--json", "-n", "1000000", "--interval", "0", "--deadline", "500ms")
        self.assertEqual(result.returncode, 5)
        self.check_lines(result)
        self.assertEqual(json.loads(result.stdout)["connects"]["failed"], 0)


class Wait(FailingProbe):
    def test_a_server_that_starts_later(self):
        port = free_port()

        def serve():
            time.sleep(0.5)
            with socket.create_server(("127.0.0.1", port)) as server:
                server.settimeout(20)
                server.accept()[0].close()

        thread = threading.Thread(target=serve)
        thread.start()
        result = run("probe", "--wait", "10s", f"127.0.0.1:{port}")
        thread.join()
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_a_server_that_never_starts(self):
        for target, status in (("127.0.0.1:1", 4), ("nosuch.invalid:1", 3)):
            with self.subTest(target):
                with timed() as block:
                    result = run("probe", "--wait", "1s", target)
                self.check_text(result, status)
                self.assertGreaterEqual(block.seconds, 0.99)
                self.assertLess(block.seconds, 1.3 + START_S)

    def test_a_fault_of_the_command_line_is_not_waited_for(self):
        with timed() as block:
            self.check(["--wait", "30s", "-o", "6:9999=1", "127.0.0.1:1"], 7)
        self.assertLess(block.seconds, 5)


@needs_root
class Names(FailingProbe):
    def probe(self, words, nameserver="127.0.0.1", hosts="", script="{}"):
        resolver = Resolver(nameserver, hosts)
        self.addCleanup(resolver.close)
        return in_namespaces(f"{resolver.script()} && {script.format(f'$T probe {words}')}", "-n", "-m")

    def test_no_network_to_ask_over(self):
        for server in ("192.0.2.1", "127.0.0.1"):
            with self.subTest(server):
                self.check_text(self.probe("example.org:80", server), 3, "resolve example.org: ")
                self.check_json(self.probe("--json example.org:80", server), 3)

    def test_the_longest_name_is_asked_for(self):
        name = ".".join(["a" * 61] * 4 + ["aaaaa"])
        self.check_text(self.probe(f"{name}:80"), 3, f"resolve {name}: ")

    def test_numeric_addresses_ask_nobody(self):
        self.check_text(self.probe("127.0.0.1:80"), 4, "Network is unreachable")

    def test_no_address_of_the_family(self):
        self.check_text(self.probe("-6 four:80", hosts="127.0.0.1 four\n"), 3, "resolve four: ")

    def test_every_address_of_a_name_is_tried(self):
        hosts = "127.0.0.1 both\n::1 both\n"
        result = self.probe("both:1", hosts=hosts, script="ip link set lo up && {}")
        self.check_text(result, 4, "connect to 127.0.0.1:1", "connect to [::1]:1", errors=2)

    def test_source_decides_which_addresses_of_a_name_are_tried(self):
        hosts = "::1 both\n127.0.0.1 both\n"
        for source, peer in (("127.0.0.1", "127.0.0.1:1"), ("::1", "[::1]:1")):
            result = self.probe(f"--source {source} both:1", hosts=hosts, script="ip link set lo up && {}")
            self.check_text(result, 4, f"connect to {peer}: Connection refused")

    def test_silent_name_server(self):
        for words in ("--timeout 1s", "--deadline 1s", "--wait 1s"):
            with self.subTest(words):
                with timed() as block:
                    result = self.probe(f"{words} example.org:80", script=SILENT_NAME_SERVER)
                self.check_text(result, 5, "resolve example.org: Connection timed out")
                self.assertGreaterEqual(block.seconds, 0.99)
                self.assertLess(block.seconds, 1.5 + START_S)


if __name__ == "__main__":
    unittest.main()
