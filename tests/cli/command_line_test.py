"""What happens before a command runs: no command, an unknown one, a wrong option."""

import unittest

from tcpkit_run import run, validated


class WithoutACommand(unittest.TestCase):
    def check_usage(self, result, first_line):
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "")
        lines = result.stderr.splitlines()
        self.assertEqual(lines[0], first_line)
        self.assertLessEqual(len(lines), 6)
        self.assertTrue(any(line.startswith("usage: tcpkit COMMAND") for line in lines))

    def test_no_command(self):
        self.check_usage(run(), "tcpkit: no command given")

    def test_unknown_command_suggests_the_nearest(self):
        self.check_usage(run("explian"), 'tcpkit: unknown command "explian": did you mean explain?')

    def test_unknown_command_like_none(self):
        self.check_usage(run("zzzzzzz"), 'tcpkit: unknown command "zzzzzzz"')

    def test_empty_command(self):
        self.check_usage(run(""), 'tcpkit: unknown command ""')

    def test_control_bytes_are_escaped(self):
        self.check_usage(run(b"\x1b[31m\xff\n"), 'tcpkit: unknown command "\\x1b[31m\\xff\\n"')

    def test_option_before_the_command(self):
        self.check_usage(run("--verbose", "explain"), 'tcpkit: "--verbose": options come after the command')

    def test_misspelt_option_suggests_the_nearest(self):
        self.check_usage(run("--versoin"), 'tcpkit: unknown option "--versoin": did you mean --version?')

    def test_words_after_what_takes_none(self):
        self.check_usage(run("--version", "now"), 'tcpkit: unexpected argument "now"')
        self.check_usage(run("help", "explain", "it"), 'tcpkit: unexpected argument "it"')

    def test_machine_formats_get_an_error_object_too(self):
        for words in (["--json"], ["zzz", "--format", "json"], ["zzz", "--format=ndjson"]):
            with self.subTest(words):
                result = run(*words)
                self.assertEqual(result.returncode, 2)
                error = validated(result.stdout)["error"]
                self.assertEqual(error["code"], "bad_value")
                self.assertIn(error["message"], result.stderr)


class Help(unittest.TestCase):
    def test_version(self):
        result = run("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^tcpkit \d+\.\d+\.\d+\n$")

    def test_overview_has_every_spelling(self):
        texts = {run(word).stdout for word in ("--help", "-h", "help")}
        self.assertEqual(len(texts), 1)
        self.assertIn("explain", texts.pop())

    def test_command_help_has_every_spelling(self):
        spellings = (["explain", "--help"], ["explain", "-h"], ["help", "explain"], ["explain", "a", "b", "-qh"])
        results = [run(*words) for words in spellings]
        self.assertEqual({result.returncode for result in results}, {0})
        self.assertEqual({result.stderr for result in results}, {""})
        self.assertEqual(len({result.stdout for result in results}), 1)

    def test_help_about_an_unknown_command(self):
        result = run("help", "explan")
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean explain?", result.stderr)

    def test_help_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            result = run("--help", stdout=full)
        self.assertEqual(result.returncode, 8)


class WrongOptions(unittest.TestCase):
    def check(self, words, line):
        result = run("explain", *words)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr.splitlines()[0], "tcpkit: " + line)
        self.assertEqual(result.stdout, "")

    def test_unknown_option(self):
        self.check(["--fromat=json"], "unknown option --fromat: did you mean --format?")

    def test_format_names_what_is_allowed(self):
        self.check(["--format", "xml"], '--format: "xml" is none: text, json, ndjson or prometheus is allowed')

    def test_format_is_checked_before_the_name(self):
        self.check(["--format", "xml", "no-such-name"], '--format: "xml" is none: text, json, ndjson or prometheus is allowed')

    def test_colour_names_what_is_allowed(self):
        self.check(["--color=pink"], '--color: "pink" is none: auto, always or never is allowed')

    def test_value_with_control_bytes(self):
        self.check([b"--color=\x1b[2J\xff"], '--color: "\\x1b[2J\\xff" is none: auto, always or never is allowed')

    def test_missing_value(self):
        self.check(["--format"], "option --format needs a value: --format FORMAT")

    def test_twice(self):
        self.check(["--color=auto", "--color=never"], "option --color was given 2 times, once is allowed")

    def test_unexpected_argument(self):
        self.check(["nodelay", "rcvbuf"], 'unexpected argument "rcvbuf": tcpkit explain [NAME]')

    def test_contradiction(self):
        result = run("explain", "--json", "--format=text")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--json contradicts --format text", result.stderr)

    def test_error_object_of_a_command_has_its_schema(self):
        result = run("explain", "--json", "--bogus")
        self.assertEqual(result.returncode, 2)
        document = validated(result.stdout)
        self.assertEqual(document["schema"], "tcpkit.explain/1")
        self.assertEqual(document["error"]["message"], "unknown option --bogus")
        self.assertEqual(list(document)[0], "schema")


if __name__ == "__main__":
    unittest.main()
