"""The manual page of tcpkit probe names every section, limit, origin and JSON key that the program has."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from tcpkit_run import SCHEMAS, run

PAGE = pathlib.Path(os.environ["TCPKIT_MAN"], "tcpkit-probe.1")
SCHEMA = json.loads((SCHEMAS / "tcpkit.probe-1.json").read_text())


def sections():
    """By title, as a terminal without bold or underline shows them, in lines that are never broken."""
    page = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", str(PAGE)], text=True, check=True,
                          capture_output=True).stdout
    parts = re.split(r"^(\S.*)\n", re.sub(".\b", "", page), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def fixed_keys(schema):
    """Every key of every object in the schema whose keys are fixed."""
    if isinstance(schema, list):
        return set().union(*map(fixed_keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if schema.get("additionalProperties") is False else set()
    return own.union(*map(fixed_keys, schema.values()))


@unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sections = sections()
        cls.report = run("probe", "--all", "-n", "2", "--interval", "0", "--bandwidth", "1G", "-o", "0:6=1").stdout

    def terms(self, name):
        """What the lists of a section define."""
        return {term.strip() for line in self.sections[name].splitlines() if line.startswith("     ")
                for term in re.split(r" {2,}|, ", line.strip())[:2]}

    def test_every_section_of_the_report(self):
        titles = re.findall(r"^\S.*", self.report, re.MULTILINE)
        self.assertGreater(len(titles), 5)
        self.assertLessEqual({title.split(" to ")[0] for title in titles}, self.terms("OUTPUT"))

    def test_every_limit(self):
        limits = self.report.split("\nLimits\n")[1].split("\n\n")[0]
        labels = set(re.findall(r"^  (\S.*?)  ", limits, re.MULTILINE))
        self.assertGreater(len(labels), 5)
        for label in labels:
            self.assertIn(re.sub(r" for .*", " for", label), self.sections["OUTPUT"])

    def test_every_origin(self):
        self.assertLessEqual(set(SCHEMA["$defs"]["option"]["properties"]["origin"]["enum"]), self.terms("OUTPUT"))

    def test_every_json_key(self):
        words = set(re.findall(r"\w+", self.sections["OUTPUT FOR PROGRAMS"]))
        in_error = {"error", "doing", "code", "message", "hint"}  # tcpkit(1) has these, for all commands
        self.assertIn("send_", words)  # "for sending the same after send_"
        sending = {f"send_{key}" for key in words if key.endswith(("_bytes", "_per_s", "_cap"))}
        self.assertEqual(fixed_keys(SCHEMA) - in_error - sending - words, set())


if __name__ == "__main__":
    unittest.main()
