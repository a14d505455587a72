"""The manual page of tcpkit inspect names every JSON key and every event that the program has."""

import json
import unittest

from man_page import KeysOfPage
from tcpkit_run import SCHEMAS

DEFINITIONS = json.loads((SCHEMAS / "tcpkit.inspect-1.json").read_text())["$defs"]


class Page(KeysOfPage):
    NAME = "tcpkit-inspect.1"
    DEFINITIONS = DEFINITIONS

    def test_every_json_key(self):
        self.check_every_json_key()

    def test_every_event(self):
        events = {schema["properties"]["event"]["const"] for schema in DEFINITIONS.values()
                  if "const" in schema.get("properties", {}).get("event", {})}
        self.assertEqual(events, {"socket", "set", "summary"})
        self.assertEqual(events - self.words, set())

    def test_every_effect_and_limiter(self):
        text = self.page.sections["OUTPUT FOR PROGRAMS"]
        names = DEFINITIONS["change"]["properties"]["effect"]["enum"]
        names = names + DEFINITIONS["socket"]["properties"]["limiter"]["enum"]
        for name in filter(None, names):
            self.assertIn(name, text)

    def test_access_rules(self):
        for word in ("CAP_SYS_PTRACE", "Yama", "container", "seccomp", "SO_LINGER", "--no-dup"):
            self.assertIn(word, self.page.sections["DESCRIPTION"])


if __name__ == "__main__":
    unittest.main()
