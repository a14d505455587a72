"""The manual page of tcpkit serve names every event, reason and JSON key that the program has."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from tcpkit_run import SCHEMAS, run

PAGE = pathlib.Path(os.environ["TCPKIT_MAN"], "tcpkit-serve.1")
DEFINITIONS = json.loads((SCHEMAS / "tcpkit.serve-1.json").read_text())["$defs"]
EVENTS = {name: schema for name, schema in DEFINITIONS.items() if "event" in schema.get("properties", {})}


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

    def terms(self, name):
        """What the lists of a section define."""
        return {term.strip() for line in self.sections[name].splitlines() if re.match(r" {5}", line)
                for term in re.split(r" {2,}|, ", line.strip())[:2]}

    def test_every_event(self):
        self.assertGreater(len(EVENTS), 8)
        self.assertLessEqual(set(EVENTS), self.terms("OUTPUT FOR PROGRAMS"))

    def test_every_event_that_people_see(self):
        seen = {"listening", "connected", "received", "sent", "closed", "dropped", "summary"}
        self.assertLessEqual(seen, self.terms("OUTPUT"))

    def test_every_reason(self):
        reasons = set(EVENTS["closed"]["properties"]["reason"]["enum"])
        self.assertLessEqual(reasons, self.terms("OUTPUT FOR PROGRAMS"))

    def test_every_json_key(self):
        words = set(re.findall(r"\w+", self.sections["OUTPUT FOR PROGRAMS"]))
        in_error = {"doing", "message", "hint"}  # tcpkit(1) has these, for all commands
        keys = fixed_keys({name: DEFINITIONS[name] for name in EVENTS}) | set(DEFINITIONS["option"]["properties"])
        self.assertGreater(len(keys), 30)
        self.assertEqual(keys - in_error - words, set())

    def test_every_default_setting(self):
        with_defaults = run("serve", "--help").stdout.replace("\n", " ")
        listed = re.search(r"that name: (.*?)\.\s", re.sub(r"\s+", " ", with_defaults)).group(1)
        settings = self.sections["DESCRIPTION"].replace(" and ", ", ")
        for setting in listed.split(", "):
            self.assertIn(setting, settings)


if __name__ == "__main__":
    unittest.main()
