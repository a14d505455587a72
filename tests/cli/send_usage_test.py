"""Bad command lines of send: one line that names what is wrong, status 2, and nothing was opened."""

import unittest

from probe_run import FailingProbe
from tcpkit_run import run, validated


class FailingSend(FailingProbe):
    def check_json(self, result, status, errors=1):
        self.assertEqual(result.returncode, status, result.stderr)
        document = validated(result.stdout)
        self.assertEqual(list(document), ["schema", "error"])
        self.assertEqual(document["schema"], "tcpkit.send/1")
        self.assertIn(document["error"]["message"], result.stderr)
        self.check_lines(result, errors)

    def check(self, words, status, *parts, errors=1):
        with self.subTest(words):
            self.check_text(run("send", *words), status, *parts, errors=errors)
            self.check_json(run("send", "--json", *words), status, errors)


class Target(FailingSend):
    def test_none(self):
        self.check([], 2, "HOST:PORT is missing: tcpkit send HOST:PORT [MESSAGE]")

    def test_bad(self):
        self.check(["host"], 2, 'HOST:PORT: "host" has no port')
        self.check([":0"], 2, 'HOST:PORT: ', '"0" is not a whole number from 1 to 65535')
        self.check(["::1:80"], 2, "[::1]:80")

    def test_third_argument(self):
        self.check([":1", "hello", "there"], 2, 'unexpected argument "there": tcpkit send HOST:PORT [MESSAGE]')

    def test_families(self):
        self.check(["-4", "-6", ":1"], 2, "-4 and -6 exclude each other")


class Flags(FailingSend):
    def check_flags(self, words, *parts):
        self.check([":1", "hello", *words], 2, *parts)

    def test_near_miss(self):
        self.check_flags(["--repyl", "any"], "did you mean --reply?")
        self.check_flags(["--precentiles", "5"], "did you mean --percentiles?")

    def test_message_with_a_dash(self):
        self.check([":1", "-x"], 2, "unknown option -x")

    def test_reply_rules(self):
        self.check_flags(["--reply", "nosuch"], '--reply: "nosuch"', "until:TEXT")
        self.check_flags(["--reply", "until:"], "--reply: until: there is no text")
        self.check_flags(["--reply", "bytes:0"], "--reply: bytes: a reply of 0 bytes is none")
        self.check_flags(["--reply", "match:\\q"], "--reply: match: ")

    def test_times(self):
        for flag in ("--timeout", "--deadline", "--wait", "-d", "--warmup"):
            name = {"-d": "--duration"}.get(flag, flag)
            self.check_flags(["-c", "1", flag, "5"], f'{name}: "5" is not a duration')
            self.check_flags(["-c", "1", flag, "0"], f'{name}: "0" is too short')

    def test_numbers(self):
        for flag, name, most in (("-n", "--count", 10**12), ("-c", "--connections", 10**6), ("--rate", "--rate", 10**8)):
            for number in ("0", "-1", "x", "", "1.5", str(most + 1)):
                self.check_flags([flag, number], f'{name}: "{number}" is not a whole number from 1 to {most}')

    def test_contradictions(self):
        self.check_flags(["--file", "x"], "--file and MESSAGE exclude each other")
        self.check_flags(["--keep", "-d", "1s", "-n", "2"], "--keep is for messages, and --duration asks")
        self.check_flags(["--warmup", "1s"], "--warmup is for measurements: it needs --mode, -d, --rate, -s or -c")
        self.check_flags(["--mode", "idle"], "MESSAGE: --mode idle sends nothing")
        self.check_flags(["-c", "1", "--reply", "none"], "--reply none: ")

    def test_percentiles(self):
        for text in ("0", "101", "", "50,", "x"):
            self.check([":1", "-c", "1", "--percentiles", text], 2, "--percentiles: ", "is no percentile")

    def test_settings(self):
        self.check_flags(["-o", "nodlay"], "did you mean nodelay?")

    def test_the_command_line_is_checked_before_a_name_is_resolved(self):
        self.check(["nosuch.invalid:1", "hello", "-n", "0"], 2, "--count")


class Bytes(unittest.TestCase):
    def test_what_was_typed_is_escaped(self):
        result = run("send", ":1", "-e", "\x1b[2J\\q")
        self.assertEqual(result.returncode, 2)
        self.assertNotIn("\x1b", result.stderr)


if __name__ == "__main__":
    unittest.main()
