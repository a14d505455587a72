"""Every bad argument of serve: one line that names it, what was given and what is allowed; and what it cannot bind."""

import json
import os
import socket
import unittest

from probe_run import NOBODY, needs_root, started
from serve_run import FREE_PORT, Server
from tcpkit_run import BINARY, run, validated

SIZES = "K M G T or KiB MiB GiB TiB (1024) or KB MB GB TB (1000)"
DURATIONS = "give a whole number and a unit, like 250us 200ms 5s 30m 1h, or 0"


class FailingServe(unittest.TestCase):
    """Base class: the shape that an error has in text and in machine formats."""

    def check_stderr(self, result, parts):
        lines = result.stderr.splitlines()
        self.assertIn(len(lines), (1, 2), result.stderr)
        self.assertTrue(lines[0].startswith("tcpkit: "), result.stderr)
        self.assertTrue(all(line.isascii() and line.isprintable() for line in lines), result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def check(self, words, status, *parts):
        with self.subTest(words):
            text = run("serve", *words)
            self.assertEqual((text.returncode, text.stdout), (status, ""), text.stderr)
            self.check_stderr(text, parts)
            for form in (["--json"], ["--format", "ndjson"]):
                machine = run("serve", *form, *words)
                self.assertEqual(machine.returncode, status, machine.stderr)
                self.check_stderr(machine, parts)
                self.assertEqual(machine.stdout.count("\n"), 1)
                document = validated(machine.stdout)
                self.assertEqual(list(document), ["schema", "error"])
                self.assertEqual(document["schema"], "tcpkit.serve/1")


class Flags(FailingServe):
    def test_unknown_flag_gets_the_nearest(self):
        self.check(["--backlgo", "3"], 2, "unknown option --backlgo: did you mean --backlog?")

    def test_given_twice(self):
        self.check(["--backlog=3", "--backlog", "3"], 2, "option --backlog was given 2 times, once is allowed")

    def test_missing_value(self):
        self.check(["--threads"], 2, "option --threads needs a value: --threads N")

    def test_value_for_a_switch(self):
        self.check(["--one-shot=1"], 2, 'option --one-shot takes no value, "1" given')

    def test_contradictions(self):
        self.check(["-4", "-6"], 2, "-4 and -6 exclude each other")
        self.check(["--read-size", "10"], 2, "--read-size is for --one-shot only")
        self.check(["--one-shot", "--reply-every", "10"], 2, "--one-shot and --reply-every exclude each other")
        for mode in ("discard", "source"):
            self.check(["--one-shot", "--mode", mode], 2, f"--one-shot is an echo: it contradicts --mode {mode}")
            self.check(["--reply-every", "1", "--mode", mode], 2,
                       f"--reply-every is an echo: it contradicts --mode {mode}")
        self.check(["--threads", "2", "-o", "reuseport=off"], 2, "--threads 2: ", "-o reuseport=off turns it off")


class Addresses(FailingServe):
    def check_address(self, address, *parts):
        self.check([address], 2, "tcpkit: ADDRESS: ", *parts)

    def test_ports_that_are_none(self):
        for port in ("-1", "65536", "010", "0x50", "80.5", " 80", "99999999999999999999"):
            self.check_address(f":{port}", f'"{port}" is not a whole number from 0 to 65535')

    def test_no_port(self):
        self.check_address("127.0.0.1", '"127.0.0.1" has no port')
        self.check_address("*", '"*"')
        self.check_address("", '"" is empty')

    def test_ipv6_without_its_brackets(self):
        self.check_address("::1:80", '"::1:80"', "[::1]:80")

    def test_the_second_of_two(self):
        self.check([FREE_PORT, "nohost"], 2, 'ADDRESS: "nohost" has no port')

    def test_address_of_the_other_family(self):
        self.check(["-6", "127.0.0.1:0"], 2, "127.0.0.1 is an IPv4 address")
        self.check(["-4", "[::1]:0"], 2, "::1 is an IPv6 address")

    def test_name_that_does_not_exist(self):
        self.check(["nosuch.invalid:0"], 3, "nosuch.invalid")


class Values(FailingServe):
    def test_counts(self):
        limits = {"--backlog": (0, 2**31 - 1), "--threads": (1, 256), "--max-connections": (1, 10**9),
                  "--accept": (1, 2**63 - 1)}
        for flag, (least, most) in limits.items():
            for text in ("-1", "abc", "", "1.5", "+1", "0x10", str(most + 1), "9" * 30, *(["0"] if least else [])):
                self.check([flag, text], 2, f'{flag}: "{text}" is not a whole number from {least} to {most}')

    def test_sizes(self):
        most = {"--read-size": 256 << 10, "--reply-every": 16 << 20, "--max-bytes": 2**63 - 1}
        for flag, limit in most.items():
            words = ["--one-shot"] if flag == "--read-size" else []
            for text in ("-1", "abc", "", "1.5K", "1Q"):
                self.check([*words, flag, text], 2, f'{flag}: "{text}" is not a size', SIZES)
            self.check([*words, flag, "0"], 2, f'{flag}: "0" is too small: at least 1 byte')
            self.check([*words, flag, str(limit + 1)], 2, f'{flag}: "{limit + 1}" is too large: at most {limit}')

    def test_times(self):
        for flag in ("--idle-timeout", "--max-lifetime", "--for", "--grace"):
            for text in ("5", "-3s", "1.5s", "", "s"):
                self.check([flag, text], 2, f'{flag}: "{text}" is not a duration', DURATIONS)
            self.check([flag, "9999999999h"], 2, f'{flag}: "9999999999h" is too long')
        for flag in ("--max-lifetime", "--for"):
            self.check([flag, "0"], 2, f'{flag}: "0" is too short: it must be more than 0')

    def test_modes(self):
        for text in ("", "Echo", "chargen"):
            self.check(["--mode", text], 2, f'--mode: "{text}" is none: echo, discard or source is allowed')


class Options(FailingServe):
    def test_unknown_name_gets_the_nearest(self):
        self.check(["-o", "nodelai"], 2, '--option: unknown socket option "nodelai": did you mean nodelay?')

    def test_value_outside_the_range(self):
        self.check(["-o", "keepidle=0"], 2, '--option: keepidle: "0" is outside 1..32767')

    def test_option_that_no_connection_takes(self):
        """It is set on connections alone, and still ends the command before a client comes."""
        self.check([FREE_PORT, "-o", "ulp=nosuch"], 2, "ulp=nosuch: the kernel refuses it: No such file or directory")

    def test_congestion_control_that_does_not_exist(self):
        self.check([FREE_PORT, "-o", "congestion=nosuch"], 2, 'no congestion control "nosuch"', "available: ")

    def test_option_that_no_kernel_has(self):
        self.check([FREE_PORT, "-o", "6:9999=1"], 7, "set 6:9999=1: this kernel has no such option")


class Binding(FailingServe):
    def test_address_in_use(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            self.check([f"127.0.0.1:{port}"], 8, f"127.0.0.1:{port}: Address already in use",
                       f"held by pid {os.getpid()} (")

    def test_shared_port_turned_off(self):
        with Server() as server:
            self.check([f"127.0.0.1:{server.port}", "-o", "reuseport=off"], 8, "Address already in use",
                       f"held by pid {server.pid} (tcpkit)")

    def test_address_of_another_host(self):
        self.check(["192.0.2.1:0"], 8, "192.0.2.1:0: Cannot assign requested address")

    @needs_root
    def test_privileged_port(self):
        result = started(["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *NOBODY, BINARY, "serve",
                          "127.0.0.1:80"])
        self.assertEqual(result.returncode, 6, result.stderr)
        self.assertIn("127.0.0.1:80: Permission denied", result.stderr)

    def test_nothing_is_bound_when_one_address_cannot_be(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            taken = "127.0.0.1:{}".format(holder.getsockname()[1])
            result = run("serve", "--json", FREE_PORT, taken)
        self.assertEqual(result.returncode, 8)
        self.assertNotIn("listening", result.stdout)
        self.assertIn("error", json.loads(result.stdout))


class Before(FailingServe):
    def test_the_command_line_is_checked_before_anything_is_resolved(self):
        self.check(["nosuch.invalid:1", "--threads", "0"], 2, "--threads")


if __name__ == "__main__":
    unittest.main()
