"""Every bad argument of probe: one line that names it, what was given and what is allowed, and status 2."""

import json
import os
import unittest

from probe_run import FailingProbe
from tcpkit_run import run, validated

PORTS = "1 to 65535"
SIZES = "K M G T or KiB MiB GiB TiB (1024) or KB MB GB TB (1000)"
DURATIONS = "give a whole number and a unit, like 250us 200ms 5s 30m 1h, or 0"


class Flags(FailingProbe):
    def test_unknown_flag_gets_the_nearest(self):
        self.check(["--tiemout", "3s"], 2, "unknown option --tiemout: did you mean --timeout?")
        self.check(["--bogus"], 2, "unknown option --bogus\n")

    def test_unknown_letter(self):
        self.check(["-45"], 2, "unknown option -5")

    def test_missing_value(self):
        self.check(["-o"], 2, "option -o needs a value: -o NAME[=VALUE]")
        self.check(["-o", "nodelay", "--timeout"], 2, "option --timeout needs a value: --timeout D")

    def test_value_for_a_switch(self):
        self.check(["--strict=1"], 2, 'option --strict takes no value, "1" given')

    def test_given_twice(self):
        self.check(["--count=3", "-n", "3"], 2, "option --count was given 2 times, once is allowed")

    def test_second_argument(self):
        self.check([":1", "extra"], 2, 'unexpected argument "extra": tcpkit probe [HOST:PORT]')

    def test_both_families(self):
        self.check(["-4", "-6"], 2, "-4 and -6 exclude each other")

    def test_address_of_the_other_family(self):
        self.check(["-4", "[::1]:80"], 2, "::1 is an IPv6 address, and only IPv4 is asked for")
        self.check(["-6", "127.0.0.1:80"], 2, "127.0.0.1 is an IPv4 address, and only IPv6 is asked for")


class Watching(FailingProbe):
    def test_paces_that_are_none(self):
        for pace in ("0", "1ms", "9999us"):
            self.check([f"--watch={pace}"], 2, f'--watch: "{pace}" is too short: at least 10ms')
        self.check(["--watch=1"], 2, "--watch: ", DURATIONS)

    def test_a_pace_after_a_space_is_no_pace(self):
        self.check(["--watch", "5s"], 2, '"5s" has no port')

    def test_what_has_no_meaning_for_one_connection_without_an_end(self):
        for words in (["--interval", "1s"], ["--all"]):
            self.check(["--watch", *words], 2, f"--watch and {words[0]} exclude each other")
        result = run("probe", "--watch", "--format", "prometheus")
        self.assertEqual((result.returncode, result.stderr),
                         (2, "tcpkit: --watch and --format prometheus exclude each other\n"))

    def test_only_what_can_be_watched(self):
        for name in ("rcvbuf", "tcp_rmem"):
            self.check(["--watch", "--only", f"rtt,{name}"], 2, "--watch shows TCP_INFO", "of --only is no field of it")

    def test_sizes_of_an_echo(self):
        self.check(["--echo", ":1"], 2, "--echo is for --watch only")
        self.check(["--watch", "--echo=0", ":1"], 2, '--echo: "0" is too small: at least 1 byte')
        self.check(["--watch", "--echo=lots", ":1"], 2, "--echo: ")


class Targets(FailingProbe):
    def check_target(self, target, *parts):
        self.check([target], 2, "tcpkit: HOST:PORT: ", *parts)

    def test_empty(self):
        self.check_target("", '"" is empty: give HOST:PORT')

    def test_ports_that_are_none(self):
        for port in ("-1", "0", "65536", "010", "0x50", " 80", "+80", "80.5", "99999999999999999999", "8\u0660"):
            shown = port if port.isascii() else "8\\xd9\\xa0"
            self.check_target(f":{port}", f'"{shown}" is not a whole number from {PORTS}')

    def test_no_port(self):
        self.check_target("host", '"host" has no port: give HOST:PORT')
        self.check_target("host:", '"host:" has no port after')
        self.check_target("[::1]", '"[::1]" has no port: give [ADDRESS]:PORT')

    def test_unknown_service(self):
        self.check_target("localhost:nosuchsvc", 'names no TCP service this host knows: "nosuchsvc"')

    def test_names_that_are_too_long(self):
        label = "a" * 61
        name = ".".join([label] * 4 + ["aaaaa"])
        self.assertEqual(len(name), 253)
        self.check_target("a" + name + ":80", "longer than 253 bytes")
        self.check_target("a." * 2048 + ":80", "longer than 253 bytes")
        self.check_target("a" * 64 + ":80", "parts of 1 to 63")

    def test_bytes_that_no_name_has(self):
        for raw, shown in ((b"a\x01b", "a\\x01b"), (b"a\x1b[31m", "a\\x1b[31m"), (b"\xff\xfe", "\\xff\\xfe"),
                           (b"a\nb", "a\\nb"), (b"a\\b", "a\\\\b"), (b"a b", "a b"), (b"\xc3\xa4", "\\xc3\\xa4")):
            self.check_target(os.fsdecode(raw + b":80"), f'"{shown}" is not a host name')

    def test_ipv6_without_its_brackets(self):
        self.check_target("::1:80", '"::1:80"', "[::1]:80")
        self.check_target("[::1", "\"[::1\" has '[' without ']'")
        self.check_target("[]:80", "has no address between '[' and ']'")
        self.check_target("[::1]x:80", "something other than :PORT after ']'")

    def test_ipv6_that_is_none(self):
        self.check_target("[::g]:80", '"::g" is not an IPv6 address')
        self.check_target("[127.0.0.1]:80", '"127.0.0.1" is not an IPv6 address')

    def test_unknown_scope(self):
        self.check_target("[fe80::1%nosuch]:80", '"nosuch" is not an interface of this host')

    def test_ipv4_in_other_spellings(self):
        for host in ("1.2.3", "0x7f.1", "256.1.1.1", "127.1", "1.2.3.4.5", "01.2.3.4", "2130706433"):
            self.check_target(f"{host}:80", f'"{host}" is not an IPv4 address: four numbers from 0 to 255')

    def test_user_and_url(self):
        self.check_target("user@host:80", '"user@host:80" names a user: give HOST:PORT')
        self.check_target("http://x:80", '"http://x:80" is a URL: give HOST:PORT')

    def test_link_local_address_without_an_interface(self):
        self.check(["[fe80::1]:80"], 2, "fe80::1 is a link-local address: name its interface, like [fe80::1%eth0]:80")


class Options(FailingProbe):
    def check_option(self, text, *parts):
        self.check(["-o", text], 2, *parts)

    def test_unknown_name_gets_the_nearest(self):
        self.check_option("nodelai", 'unknown socket option "nodelai": did you mean nodelay?')

    def test_unknown_name_is_escaped(self):
        self.check_option(os.fsdecode(b"\x1b]0;x\xff"), 'unknown socket option "\\x1b]0;x\\xff"')

    def test_no_name(self):
        for text in ("", "=5"):
            self.check_option(text, f'"{text}" names no socket option: give NAME or NAME=VALUE')

    def test_no_value(self):
        self.check_option("rcvbuf", "rcvbuf needs a value: rcvbuf=VALUE")
        self.check_option("rcvbuf=", 'rcvbuf: ""', SIZES)
        self.check_option("nodelay=", 'nodelay: "" is not on or off')

    def test_sizes(self):
        for size in ("-1", "1.5K", "1Q", "nan", "0x10", "010", " 1", "1 K", "+1"):
            self.check_option(f"rcvbuf={size}", f'rcvbuf: "{size}" is not a size', SIZES)
        for size in (2**31, 2**63, 2**64, "2G", "9999999T"):
            self.check_option(f"rcvbuf={size}", f'rcvbuf: "{size}" is too large: at most {2**31 - 1} bytes')

    def test_durations(self):
        for time in ("5", "-3s", "1e400s", "1.5s", "s", "3 s"):
            self.check_option(f"keepidle={time}", f'keepidle: "{time}" is not a duration', DURATIONS)
        self.check_option("keepidle=0", 'keepidle: "0" is outside 1..32767')
        for time in ("9999999999h", "10h", "32768s"):
            self.check_option(f"keepidle={time}", f'keepidle: "{time}" is too long: at most 32767s')
        self.check_option("keepidle=1500ms", 'keepidle: "1500ms" is not a whole number of s')

    def test_linger_says_what_is_allowed(self):
        for time in ("99999999999s", "1ms", "x"):
            self.check_option(f"linger={time}", f'linger: "{time}" is not "off" or whole seconds from 0s to 2147483647s')

    def test_congestion_controls(self):
        self.check_option("congestion=nosuch", 'no congestion control "nosuch"', "available: ", "allowed without")
        self.check_option("congestion=" + "a" * 16, f'"{"a" * 16}" is not a name of 1 to 15 printable characters')
        self.check_option("congestion=a b", "1 to 15 printable characters")

    def test_near_congestion_control(self):
        self.check_option("congestion=renoo", "did you mean reno?")

    def test_options_that_can_only_be_read(self):
        for name in ("mtu", "error"):
            for text in (name, f"{name}=5"):
                self.check_option(text, f"{name} can only be read, not set")

    def test_repair_is_not_offered(self):
        for number in (19, 20, 21, 22, 29):
            self.check_option(f"6:{number}=1", f"6:{number} is TCP_REPAIR or belongs to it")

    def test_raw_options(self):
        for text in ("6:1", "6:1=", "6:1=x", "6:1=2147483648"):
            self.check_option(text, "6:1: ", "is not a whole number from -2147483648 to 2147483647")
        for name in ("6:-1", "::", "6:99999999999", "6:1:2", "06:1"):
            self.check_option(f"{name}=1", f'"{name}" is not LEVEL:NUMBER')

    def test_raw_option_that_no_kernel_has(self):
        self.check(["-o", "6:9999=1"], 7, "set 6:9999=1: this kernel has no such option")

    def test_interface_by_number(self):
        for text in ("2147483647", "nosuch", "-1", "", "01"):
            self.check_option(f"unicast-if={text}", f'unicast-if: "{text}" is not an interface of this host')

    def test_interface(self):
        self.check(["--interface", "nosuch"], 2, "--interface nosuch: the kernel refuses it: No such device")
        self.check(["--interface", ""], 2, '--interface: bindtodevice: "" is not a name of 1 to 15')
        self.check(["--interface", "a" * 16], 2, "is not a name of 1 to 15")


class Values(FailingProbe):
    def test_timeouts(self):
        for flag in ("--timeout", "--deadline", "--wait"):
            for time in ("5", "-3s", "1e400s", ""):
                self.check([flag, time], 2, f'{flag}: "{time}" is not a duration', DURATIONS)
            for time in ("0", "0s"):
                self.check([flag, time], 2, f'{flag}: "{time}" is too short: it must be more than 0')
            self.check([flag, "9999999999h"], 2, f'{flag}: "9999999999h" is too long')

    def test_interval(self):
        self.check(["--interval", "1"], 2, '--interval: "1" is not a duration')

    def test_counts(self):
        for count in ("0", "-1", "abc", "", "1.5", "1000000001", "99999999999999999999"):
            self.check(["-n", count], 2, f'--count: "{count}" is not a whole number from 1 to 1000000000')

    def test_only(self):
        self.check(["--only", "nosuch"], 2, '--only: "nosuch" is no socket option, sysctl or TCP_INFO field')
        self.check(["--only", "rcvbuff"], 2, '"rcvbuff"', "did you mean rcvbuf?")
        for text in ("", "rcvbuf,", ",rcvbuf"):
            self.check(["--only", text], 2, '--only: "" is no socket option')

    def test_bandwidth(self):
        for rate in ("1X", "", "-1", "1.5M"):
            self.check(["--bandwidth", rate], 2, f'--bandwidth: "{rate}" is not a bit rate')
        self.check(["--bandwidth", "99999999999999999999"], 2, "is too large: at most 18446744073709551615")

    def test_source(self):
        for text in ("badaddr", "", "1.2.3", "256.1.1.1"):
            self.check(["--source", text], 2, f'--source: "{text}" is not an IPv4 address')
        self.check(["--source", "localhost:1"], 2, '--source: "localhost:1" is not a numeric address')
        self.check(["--source", "127.0.0.1:65536"], 2, "--source: ", f"from {PORTS}")

    def test_source_of_the_other_family(self):
        given = "--source: ::1 is an IPv6 address"
        self.check(["--source", "::1", "-4"], 2, f"{given}, and -4 is given")
        self.check(["--source", "::1", "127.0.0.1:1"], 2, f"{given}: it cannot connect to 127.0.0.1:1")

    def test_the_command_line_is_checked_before_anything_is_opened(self):
        self.check(["nosuch.invalid:1", "-n", "0"], 2, "--count")


class Before(unittest.TestCase):
    def test_errors_before_the_command_is_known(self):
        for words in ([], ["prob"], ["--json", "prob"]):
            with self.subTest(words):
                self.assertEqual(run(*words).returncode, 2)
        self.assertIn("did you mean probe?", run("prob").stderr)

    def test_error_object_of_an_unknown_command(self):
        document = validated(run("prob", "--json").stdout)
        self.assertEqual(list(document), ["schema", "error"])


class Allowed(unittest.TestCase):
    """The other side of each limit."""

    def check(self, *words):
        with self.subTest(words):
            result = run("probe", *words)
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_least_and_the_most(self):
        for text in ("rcvbuf=0", "rcvbuf=2147483647", "keepidle=1s", "keepidle=32767s", "linger=0s", "linger=off"):
            self.check("-o", text)
        self.check("--timeout", "2562047h", "--deadline", "2562047h", "--wait", "2562047h")
        self.check("--bandwidth", "18446744073709551615")

    def test_many_settings_and_names(self):
        self.check(*["-o", "nodelay"] * 10_000)
        self.check("--only", "rcvbuf," * 1000 + "rtt")

    def test_source_settles_the_family(self):
        for source in ("::1", "127.0.0.1"):
            document = json.loads(run("probe", "--json", "--source", source).stdout)
            self.assertEqual(document["target"]["address"], source)

    def test_widths_of_any_kind(self):
        for columns in ("0", "-1", "1", "2", "19", "1e9", "abc", "1000000", "4294967296"):
            with self.subTest(columns):
                self.assertEqual(run("probe", "--all", env={"COLUMNS": columns}).returncode, 0)

    def test_locales_and_terminals_of_any_kind(self):
        strange = {"LC_ALL": "xx_YY.bogus", "LANG": "tr_TR.UTF-8", "TERM": "nosuch", "TZ": "x"}
        self.assertEqual(run("probe", env=strange).returncode, 0)


if __name__ == "__main__":
    unittest.main()
