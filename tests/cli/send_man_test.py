"""The manual page of tcpkit send names every mode, rule, note, failure and JSON key that the program has."""

import json
import re
import unittest

from man_page import KeysOfPage
from tcpkit_run import SCHEMAS, run

DEFINITIONS = json.loads((SCHEMAS / "tcpkit.send-1.json").read_text())["$defs"]
MEASUREMENT = DEFINITIONS["measurement"]["properties"]


def listed(text, what):
    """The words that an error message says are allowed."""
    return re.search(what, text).group(1).replace(" or ", ", ").split(", ")


class Page(KeysOfPage):
    NAME = "tcpkit-send.1"
    DEFINITIONS = DEFINITIONS

    def test_every_json_key(self):
        self.check_every_json_key()

    def test_every_note(self):
        notes = MEASUREMENT["notes"]["items"]["properties"]["id"]["enum"]
        self.assertGreater(len(notes), 8)
        self.assertEqual(set(notes) - self.words, set())

    def test_every_limiter(self):
        text = self.page.sections["OUTPUT FOR PROGRAMS"]
        for name in DEFINITIONS["path"]["properties"]["limiter"]["enum"]:
            self.assertIn(name, text)

    def test_every_event(self):
        events = {schema["properties"]["event"]["const"] for schema in DEFINITIONS.values()
                  if "event" in schema.get("properties", {})}
        self.assertEqual(events, {"summary", "reply", "interval"})
        self.assertEqual(events - self.words, set())

    def test_every_mode(self):
        modes = listed(run("send", ":1", "--mode", "x").stderr, r"none: (.*) is allowed")
        self.assertEqual(modes, MEASUREMENT["mode"]["enum"])
        for mode in modes:
            self.assertIn(f"--mode {mode}", self.page.sections["DESCRIPTION"])

    def test_every_rule(self):
        rules = listed(run("send", ":1", "--reply", "x").stderr, r": (echo.*) is allowed")
        self.assertEqual(len(rules), 6)
        for rule in rules:
            self.assertRegex(self.page.sections["DESCRIPTION"], rf"(?m)^ +{rule}(\s|$)")


if __name__ == "__main__":
    unittest.main()
