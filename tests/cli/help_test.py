"""Help texts: their width, their examples."""

import unittest

from help_pages import commands, examples, flags, help_of, words_of
from tcpkit_run import run


class Help(unittest.TestCase):
    def test_there_are_commands(self):
        self.assertIn("explain", commands())

    def test_no_line_is_wider_than_80_columns(self):
        for text in [run("--help").stdout] + [help_of(command) for command in commands()]:
            self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])

    def test_every_command_has_the_common_flags(self):
        common = {"--help", "--format", "--json", "--quiet", "--verbose", "--color"}
        for command in commands():
            self.assertLessEqual(common, flags(help_of(command)))

    def test_every_exit_status_is_listed(self):
        for command in commands():
            statuses = help_of(command).split("\nExit status:\n")[1]
            for status in [*map(str, range(10)), "128+N"]:
                self.assertIn(f"\n  {status} ", "\n" + statuses)

    def test_every_example_is_accepted(self):
        """With --help added, a command line is parsed and then answered with help instead of being run."""
        for command in commands():
            lines = examples(help_of(command))
            self.assertNotEqual(lines, [], command)
            for line in lines:
                words = words_of(line)
                self.assertEqual(words[:2], ["tcpkit", command])
                result = run(*words[1:], "--help")
                self.assertEqual((result.returncode, result.stderr), (0, ""), line)

    def test_every_example_of_explain_runs(self):
        for line in examples(help_of("explain")):
            self.assertEqual(run(*words_of(line)[1:]).returncode, 0, line)


if __name__ == "__main__":
    unittest.main()
