"""tcpkit explain: every spelling of every row, and what it says about this host."""

import pathlib
import re
import socket
import unittest

from tcpkit_run import run, validated


def explain(*words):
    result = run("explain", *words)
    assert result.returncode == 0, result.stderr
    return result.stdout


def row_of(table, *words):
    """The only row of the only table that the answer has."""
    document = validated(explain("--json", *words))
    assert set(document) == {"schema", table}, document.keys()
    (row,) = document[table].values()
    return row


class OneName(unittest.TestCase):
    def test_every_spelling_of_an_option(self):
        texts = {explain(name) for name in ("user-timeout", "user_timeout", "TCP_USER_TIMEOUT", "tcp_user_timeout")}
        self.assertEqual(len(texts), 1)

    def test_every_spelling_of_a_sysctl(self):
        texts = {explain(name) for name in ("tcp_rmem", "net.ipv4.tcp_rmem", "net/ipv4/tcp_rmem",
                                            "/proc/sys/net/ipv4/tcp_rmem")}
        self.assertEqual(len(texts), 1)

    def test_every_spelling_of_a_field(self):
        texts = {explain(name) for name in ("rtt", "rtt_us", "tcpi_rtt")}
        self.assertEqual(len(texts), 1)

    def test_text_says_what_a_reader_asks(self):
        text = explain("rcvbuf")
        for words in ("SO_RCVBUF", "bytes", "before connect or listen", "net.core.rmem_max = ", "global",
                      "per namespace", "doubled", "accepted sockets take it over", "tcp(7)"):
            self.assertIn(words, text)

    def test_text_is_readable_at_80_columns(self):
        for name in ("rcvbuf", "user-timeout", "net.core.rmem_max", "tcp_rmem", "rtt", "linger"):
            for line in explain(name).splitlines():
                self.assertLessEqual(len(line), 80)

    def test_default_is_that_of_a_fresh_socket(self):
        with socket.socket() as fresh:
            for name, number in (("rcvbuf", socket.SO_RCVBUF), ("sndbuf", socket.SO_SNDBUF)):
                row = row_of("options", name)
                self.assertEqual(row["default"], {"value": fresh.getsockopt(socket.SOL_SOCKET, number),
                                                  "reason": None})
            row = row_of("options", "keepidle")
            self.assertEqual(row["default"]["value"], fresh.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))

    def test_off_and_unreadable_are_different(self):
        self.assertEqual(row_of("options", "nodelay")["default"],
                         {"value": False, "reason": None})
        self.assertEqual(row_of("options", "SO_ERROR")["default"],
                         {"value": None, "reason": "consuming read"})

    def test_sysctl_has_its_value_now(self):
        row = row_of("sysctls", "tcp_rmem")
        on_disk = pathlib.Path(row["path"]).read_text().split()
        self.assertEqual(row["now"], {"value": [int(number) for number in on_disk], "reason": None})
        self.assertIn("SO_RCVBUF", row["options"])

    def test_name_in_several_tables_shows_all(self):
        document = validated(explain("--json", "max_pacing_rate"))
        self.assertEqual(list(document["options"]), ["SO_MAX_PACING_RATE"])
        self.assertEqual(list(document["tcp_info"]), ["max_pacing_rate_bytes_per_s"])
        self.assertIn("SO_MAX_PACING_RATE", explain("max_pacing_rate"))
        self.assertIn("tcpi_max_pacing_rate", explain("max_pacing_rate"))

    def test_last_part_of_several_sysctls_shows_all(self):
        names = {"net.ipv4.fwmark_reflect", "net.ipv6.fwmark_reflect"}
        self.assertEqual(set(validated(explain("--json", "fwmark_reflect"))["sysctls"]), names)

    def test_every_spelling_of_a_finding(self):
        texts = {explain(name) for name in ("F02", "f02", "rcvbuf-clamped", "RCVBUF_CLAMPED")}
        self.assertEqual(len(texts), 1)
        for words in ("F02 rcvbuf-clamped", "Found when", "Remedy", "net.core.rmem_max", "warning"):
            self.assertIn(words, texts.copy().pop())

    def test_findings_alone_are_listed(self):
        document = validated(explain("--json", "findings"))
        self.assertEqual(list(document), ["schema", "findings"])
        self.assertEqual(document["findings"], validated(explain("--json"))["findings"])

    def test_name_after_two_dashes(self):
        self.assertEqual(explain("--", "nodelay"), explain("nodelay"))


class UnknownName(unittest.TestCase):
    def check(self, name, line):
        result = run("explain", name)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(result.stderr.splitlines(), ["tcpkit: " + line, "tcpkit explain lists every name"])

    def test_near_miss_in_each_table(self):
        self.check("nodely", 'unknown name "nodely": did you mean nodelay?')
        self.check("tcp_user_timeot", 'unknown name "tcp_user_timeot": did you mean TCP_USER_TIMEOUT?')
        self.check("net.ipv4.tcp_rmen", 'unknown name "net.ipv4.tcp_rmen": did you mean net.ipv4.tcp_rmem?')

    def test_empty(self):
        self.check("", 'unknown name "": a socket option, sysctl, TCP_INFO field or finding is allowed')

    def test_long_name_is_cut(self):
        result = run("explain", "x" * 5000)
        self.assertEqual(result.returncode, 2)
        self.assertLess(len(result.stderr), 300)

    def test_escape_bytes_never_reach_the_terminal(self):
        result = run("explain", b"\x1b]0;pwned\x07\xc3\x28\n")
        self.assertEqual(result.returncode, 2)
        self.assertTrue(result.stderr.startswith('tcpkit: unknown name "\\x1b]0;pwned\\x07\\xc3(\\n"'))

    def test_path_outside_the_tables_is_not_opened(self):
        self.assertEqual(run("explain", "/proc/sys/../../etc/passwd").returncode, 2)

    def test_error_object(self):
        for form in (["--json"], ["--format=ndjson"]):
            result = run("explain", *form, b"no\x1bdely")
            self.assertEqual(result.returncode, 2)
            error = validated(result.stdout)["error"]
            self.assertEqual(error["code"], "bad_value")
            self.assertIn("\\x1b", error["message"])
            self.assertEqual(error["hint"], "tcpkit explain lists every name")


class Everything(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = validated(explain("--json"))

    def test_tables_are_there(self):
        self.assertIn("TCP_NODELAY", self.document["options"])
        self.assertIn("net.core.rmem_max", self.document["sysctls"])
        self.assertIn("rtt_us", self.document["tcp_info"])

    def test_text_has_a_line_for_every_row(self):
        names = {line.split()[0] for line in explain().splitlines() if re.match(r"  \S", line)}
        rows = ({row["name"] for row in self.document["options"].values()} | set(self.document["sysctls"])
                | set(self.document["tcp_info"]) | set(self.document["findings"]))
        self.assertEqual(names, rows)

    def test_text_is_readable_at_80_columns(self):
        self.assertEqual([line for line in explain().splitlines() if len(line) > 80], [])

    def test_every_row_alone_is_the_same_row(self):
        for table in ("options", "sysctls", "tcp_info", "findings"):
            for name, row in list(self.document[table].items())[::7]:
                alone = validated(explain("--json", name))[table]
                self.assertEqual([found["name"] for found in alone.values()], [row["name"]])

    def test_ndjson_is_one_line(self):
        lines = explain("--format", "ndjson", "rcvbuf").splitlines()
        self.assertEqual(len(lines), 1)
        self.assertEqual(list(validated(lines[0])["options"]), ["SO_RCVBUF"])


if __name__ == "__main__":
    unittest.main()
