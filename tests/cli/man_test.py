"""The manual pages: clean mdoc, and in step with the tables."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from help_pages import commands, examples, flags, help_of
from tcpkit_run import run, validated

MAN = pathlib.Path(os.environ["TCPKIT_MAN"])
MAN_TOOL = os.environ["TCPKIT_MAN_TOOL"]


def pages():
    return sorted(path for path in MAN.iterdir() if re.fullmatch(r"\.[178]", path.suffix))


def rendered(page):
    """The page as a terminal without bold or underline shows it, in lines that are never broken."""
    return subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", str(page)], text=True, check=True,
                          capture_output=True).stdout.replace("_\b", "").replace("\b", "\0")


def plain(page):
    return re.sub("(.)\0.", r"\1", rendered(page))


@unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
class Pages(unittest.TestCase):
    def test_there_is_one_for_every_command(self):
        names = {page.name for page in pages()}
        self.assertLessEqual({"tcpkit.1", "tcpkit-options.7"}, names)
        self.assertLessEqual({f"tcpkit-{command}.1" for command in commands()}, names)

    def test_mandoc_has_nothing_to_complain_about(self):
        for page in pages():
            result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], text=True,
                                    capture_output=True)
            self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_no_marker_is_left(self):
        for page in pages():
            self.assertNotIn('.\\" @', page.read_text())

    def test_options_of_help_and_page_are_the_same(self):
        for command in commands():
            listed = plain(MAN / f"tcpkit-{command}.1")
            on_page = set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", listed, re.MULTILINE))
            self.assertEqual(on_page, flags(help_of(command)), command)

    def test_examples_of_help_are_on_the_page(self):
        for command in commands():
            listed = plain(MAN / f"tcpkit-{command}.1")
            for line in examples(help_of(command)):
                self.assertIn(line, listed)

    def test_every_row_is_in_the_list_of_names(self):
        listed = plain(MAN / "tcpkit-options.7")
        tables = validated(run("explain", "--json").stdout)
        for symbol, row in tables["options"].items():
            self.assertRegex(listed, rf"(?m)^ +{re.escape(row['name'])} \({symbol}\)")
        for name in [*tables["sysctls"], *tables["tcp_info"]]:
            self.assertRegex(listed, rf"(?m)^ +{re.escape(name)}(\s|$)")


class Generator(unittest.TestCase):
    def splice(self, template):
        with tempfile.TemporaryDirectory() as directory:
            source, target = pathlib.Path(directory, "page.in"), pathlib.Path(directory, "page")
            source.write_text(template)
            result = subprocess.run([MAN_TOOL, str(source), str(target)], text=True, capture_output=True)
            return result, target.read_text() if target.exists() else None

    def test_unknown_section_fails_the_build(self):
        for marker in ("NONSENSE", "OPTIONS nonsense", "OPTIONS", "NONSENSE explain"):
            result, page = self.splice(f'.\\" @{marker}@\n')
            self.assertEqual((result.returncode, page), (1, None))
            self.assertIn("no section", result.stderr)

    def test_prose_stays_as_it_is(self):
        prose = '.Sh NAME\nwords\n.\\" a comment\n'
        self.assertEqual(self.splice(prose)[1], prose)


if __name__ == "__main__":
    unittest.main()
