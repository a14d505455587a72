"""The manual page of tcpkit probe names every section, limit, origin and JSON key that the program has."""

import json
import re
import shutil
import unittest

from man_page import ManPage, fixed_keys
from tcpkit_run import SCHEMAS, run

SCHEMA = json.loads((SCHEMAS / "tcpkit.probe-1.json").read_text())


@unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = ManPage("tcpkit-probe.1")
        cls.report = run("probe", "--all", "-n", "2", "--interval", "0", "--bandwidth", "1G", "-o", "0:6=1").stdout

    def test_every_section_of_the_report(self):
        titles = re.findall(r"^\S.*", self.report, re.MULTILINE)
        self.assertGreater(len(titles), 5)
        self.assertLessEqual({title.split(" to ")[0] for title in titles}, self.page.terms("OUTPUT"))

    def test_every_limit(self):
        limits = self.report.split("\nLimits\n")[1].split("\n\n")[0]
        labels = set(re.findall(r"^  (\S.*?)  ", limits, re.MULTILINE))
        self.assertGreater(len(labels), 5)
        for label in labels:
            self.assertIn(re.sub(r" for .*", " for", label), self.page.sections["OUTPUT"])

    def test_every_origin(self):
        self.assertLessEqual(set(SCHEMA["$defs"]["option"]["properties"]["origin"]["enum"]), self.page.terms("OUTPUT"))

    def test_every_json_key(self):
        words = set(re.findall(r"\w+", self.page.sections["OUTPUT FOR PROGRAMS"]))
        in_error = {"error", "doing", "code", "message", "hint"}  # tcpkit(1) has these, for all commands
        self.assertIn("send_", words)  # "for sending the same after send_"
        sending = {f"send_{key}" for key in words if key.endswith(("_bytes", "_per_s", "_cap"))}
        self.assertEqual(fixed_keys(SCHEMA) - in_error - sending - words, set())


if __name__ == "__main__":
    unittest.main()
