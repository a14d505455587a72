"""The manual page of tcpkit serve names every event, reason and JSON key that the program has."""

import json
import re
import shutil
import unittest

from man_page import ManPage, fixed_keys
from tcpkit_run import SCHEMAS, run

DEFINITIONS = json.loads((SCHEMAS / "tcpkit.serve-1.json").read_text())["$defs"]
EVENTS = {name: schema for name, schema in DEFINITIONS.items() if "event" in schema.get("properties", {})}


@unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = ManPage("tcpkit-serve.1")

    def test_every_event(self):
        self.assertGreater(len(EVENTS), 8)
        self.assertLessEqual(set(EVENTS), self.page.terms("OUTPUT FOR PROGRAMS"))

    def test_every_event_that_people_see(self):
        seen = {"listening", "connected", "received", "sent", "closed", "dropped", "summary"}
        self.assertLessEqual(seen, self.page.terms("OUTPUT"))

    def test_every_reason(self):
        reasons = set(EVENTS["closed"]["properties"]["reason"]["enum"])
        self.assertLessEqual(reasons, self.page.terms("OUTPUT FOR PROGRAMS"))

    def test_every_json_key(self):
        words = set(re.findall(r"\w+", self.page.sections["OUTPUT FOR PROGRAMS"]))
        in_error = {"doing", "message", "hint"}  # tcpkit(1) has these, for all commands
        keys = fixed_keys({name: DEFINITIONS[name] for name in EVENTS}) | set(DEFINITIONS["option"]["properties"])
        self.assertGreater(len(keys), 30)
        self.assertEqual(keys - in_error - words, set())

    def test_every_default_setting(self):
        with_defaults = run("serve", "--help").stdout.replace("\n", " ")
        listed = re.search(r"that name: (.*?)\.\s", re.sub(r"\s+", " ", with_defaults)).group(1)
        settings = self.page.sections["DESCRIPTION"].replace(" and ", ", ")
        for setting in listed.split(", "):
            self.assertIn(setting, settings)


if __name__ == "__main__":
    unittest.main()
