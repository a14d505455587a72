"""What every shell must complete, held against what the program itself says."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from help_pages import commands, flags, help_of
from tcpkit_run import run

SCRIPTS = pathlib.Path(os.environ["TCPKIT_COMPLETIONS"])
EXPLAINED = json.loads(run("explain", "--json").stdout)
TEXTLESS = {"structure", "bytes", "address"}
SETTABLE = {symbol: row for symbol, row in EXPLAINED["options"].items()
            if row["access"] != "read-only" and row["kind"] not in TEXTLESS}

CARRIER = "import sys; open('/proc/self/comm', 'wb').write(sys.argv[1].encode()); print(flush=True); sys.stdin.read()"


def allowed(command, flag):
    """The words that the error about a bad value lists, if there is such a list."""
    target = [":1"] if command == "send" else []
    message = run(command, *target, flag, "?/?").stderr
    found = re.search(rf"^tcpkit: {flag}: .*: (.*) is allowed$", message, re.MULTILINE)
    return set(re.split(r", | or ", found.group(1))) if found else set()


def letters(text):
    return set(re.findall(r"^  (-\w), ", text, re.MULTILINE))


class Named:
    """A process with a name that is an attack."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-c", CARRIER, self.name], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        return self.process.pid

    def __exit__(self, *_):
        self.process.communicate()


class CompletionCase:
    """Mixed into a TestCase of each shell, which has start(folder) -> Terminal. Names with a line break in them are
    offered unless `lines_only`."""

    lines_only = False

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tcpkit-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.terminal = None
        cls.addClassCleanup(cls.leave)

    @classmethod
    def leave(cls):
        if cls.terminal:
            cls.terminal.close()
            cls.terminal = None

    def setUp(self):
        """A shell serves many tests, until one of them leaves it waiting for the end of a quote, say."""
        if not self.terminal:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            type(self).terminal = self.start(self.folder)

    def run(self, result=None):
        bad = len(result.failures) + len(result.errors)
        done = super().run(result)
        if len(result.failures) + len(result.errors) > bad:
            self.leave()
        return done

    def offered(self, line):
        """The last part of each candidate: shells differ in how much of the word before it they repeat."""
        typed = line.rsplit(" ", 1)[-1]
        start = re.match(r".*[=,+]|", typed).group()
        spellings = [start, start.partition("=")[2]]
        words = set()
        for word in self.terminal.offered(line):
            kept = next((s for s in spellings if s and word.startswith(s)), "")
            words.add(word[len(kept):])
        return words

    def bare(self, line):
        return {word.rstrip("=") for word in self.offered(line)}

    def test_every_command(self):
        self.assertEqual({word for word in self.offered("tcpkit ") if word[0] != "-"}, {*commands(), "help"})
        self.assertEqual(self.offered("tcpkit help "), set(commands()))
        self.assertEqual(self.offered("tcpkit --"), {"--help", "--version"})

    def test_every_flag_of_help_and_no_other(self):
        for command in commands():
            text = help_of(command)
            self.assertEqual(self.bare(f"tcpkit {command} --"), flags(text), command)
            self.assertEqual({word for word in self.bare(f"tcpkit {command} -") if len(word) == 2}, letters(text))

    def test_no_flag_behind_two_dashes(self):
        self.assertEqual(self.offered("tcpkit send -- --"), set())

    def test_every_option_that_can_be_set(self):
        names = {row["name"] for row in SETTABLE.values()}
        self.assertGreater(len(names), 60)
        for flag in ("probe -o", "serve --option", "inspect --set"):
            self.assertEqual(self.bare(f"tcpkit {flag} "), names)
        self.assertEqual(self.bare("tcpkit send -o TCP_"), {symbol for symbol in SETTABLE if symbol.startswith("TCP_")})

    def test_values_of_a_switch(self):
        for symbol, row in SETTABLE.items():
            if row["kind"] == "switch":
                more = {"always"} if symbol == "TCP_QUICKACK" else set()
                self.assertEqual(self.offered(f"tcpkit probe -o {row['name']}="), {"on", "off"} | more)
        self.assertEqual(self.offered("tcpkit inspect --set=TCP_NODELAY="), {"on", "off"})

    def test_values_of_an_enumeration(self):
        rows = [row for row in SETTABLE.values() if row["kind"] == "enumeration"]
        self.assertGreater(len(rows), 2)
        for row in rows:
            listed = re.search(r"is not one of: (.*)", run("probe", "-o", f"{row['name']}=?").stderr).group(1)
            self.assertEqual(self.offered(f"tcpkit probe -o {row['name']}="), set(listed.split()))

    def test_congestion_controls_of_this_host(self):
        available = pathlib.Path("/proc/sys/net/ipv4/tcp_available_congestion_control").read_text()
        self.assertEqual(self.offered("tcpkit send --option congestion="), set(available.split()))
        self.assertEqual(self.offered("tcpkit send --option=TCP_CONGESTION="), set(available.split()))

    def test_words_that_the_error_lists(self):
        sets = 0
        for command in commands():
            for flag in flags(help_of(command)) - {"--help"}:
                words = {word.split(":")[0] for word in allowed(command, flag)}
                if words:
                    sets += 1
                    self.assertEqual({word.rstrip(":") for word in self.offered(f"tcpkit {command} {flag} ")}, words)
                    self.assertEqual({word.rstrip(":") for word in self.offered(f"tcpkit {command} {flag}=")}, words)
                    self.assertEqual({word for word in words if word not in help_of(command)}, set())
        self.assertGreaterEqual(sets, 5 * 2 + 5)

    def test_names_that_explain_knows(self):
        symbols = set(EXPLAINED["options"])
        names = {row["name"] for row in EXPLAINED["options"].values()}
        others = set(EXPLAINED["sysctls"]) | set(EXPLAINED["tcp_info"])
        self.assertEqual(self.offered("tcpkit probe --only "), names | others)
        findings = {row["name"] for row in EXPLAINED["findings"].values()} | {"findings"}
        self.assertEqual(self.offered("tcpkit explain "), names | others | findings)
        self.assertEqual(self.offered("tcpkit explain SO_"), {name for name in symbols if name.startswith("SO_")})
        self.assertEqual({word for word in self.offered("tcpkit explain rtt ") if word[0] != "-"}, set())

    def test_findings_by_name_and_by_id(self):
        names = {row["name"] for row in EXPLAINED["findings"].values()}
        self.assertEqual(self.offered("tcpkit probe --ignore "), names)
        self.assertEqual(self.offered("tcpkit probe --ignore=F"), set(EXPLAINED["findings"]))

    def test_a_list_goes_on_behind_each_comma(self):
        for start in ("tcpkit probe --only ", "tcpkit inspect --only="):
            self.assertEqual(self.offered(start + "rtt_us,keepi"), {"keepidle", "keepintvl"})

    def test_interfaces_and_processes_of_this_host(self):
        self.assertEqual(self.offered("tcpkit probe --interface "), {name for _, name in socket.if_nameindex()})
        for flag in ("--pid", "--netns"):
            self.assertIn(str(os.getpid()), self.offered(f"tcpkit inspect {flag} "))

    def test_what_is_typed_is_what_tcpkit_gets(self):
        for line, more, words in (("tcpkit pro", "", ["probe"]),
                                  ("tcpkit send --mode=ww", ":1", ["send", "--mode=wwr", ":1"]),
                                  ("tcpkit send --mode ww", ":1", ["send", "--mode", "wwr", ":1"]),
                                  ("tcpkit probe -o keepidl", "30m", ["probe", "-o", "keepidle=30m"]),
                                  ("tcpkit probe --option=mtu-discover=PROB", "",
                                   ["probe", "--option=mtu-discover=PROBE"]),
                                  ("tcpkit serve -vo nodelay=of", "", ["serve", "-vo", "nodelay=off"]),
                                  ("tcpkit send --reply unt", "x", ["send", "--reply", "until:x"]),
                                  ("tcpkit probe --only rtt_us,keepid", "", ["probe", "--only", "rtt_us,keepidle"])):
            self.assertEqual(self.terminal.called(line, more), words)

    def test_a_line_with_more_than_one_command(self):
        for start in ("true; ", "true | ", "X=1 "):
            self.assertEqual(self.terminal.called(f"{start}tcpkit pro"), ["probe"])
            self.assertEqual(self.terminal.called(f"{start}tcpkit send --mode=ww"), ["send", "--mode=wwr"])
            self.assertEqual(self.terminal.called(f"{start}tcpkit send -o nodelay=of"), ["send", "-o", "nodelay=off"])

    def test_a_file(self):
        (self.folder / "with space").touch()
        self.assertEqual(self.terminal.called("tcpkit send :1 --file with"), ["send", ":1", "--file", "with space"])

    def test_names_of_processes_are_neither_expanded_nor_broken(self):
        for number, name in enumerate(("$(>bad)", "`>bad`", ";>bad;", "a b\tc", "'>bad'", '">bad"', "a\nb", "\\x\x1b[2J*?~!")):
            if self.lines_only and re.search(r"[\n\t]", name):
                continue
            whole = f"qz{number}{name}"
            with Named(whole) as pid:
                self.assertIn(str(pid), self.offered("tcpkit inspect --pid "))
                self.assertEqual(self.terminal.called(f"tcpkit inspect --name qz{number}"), ["inspect", "--name", whole])
                self.terminal.offered("tcpkit inspect --name ")
            self.assertFalse((self.folder / "bad").exists(), name)

    def test_a_name_behind_an_open_quote(self):
        for quote in "'\"":
            with Named("qz two words"):
                self.assertEqual(self.terminal.called(f"tcpkit inspect --name {quote}qz tw"),
                                 ["inspect", "--name", "qz two words"])
