"""A manual page as its readers see it, and what a schema says it must name."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest


class ManPage:
    def __init__(self, name):
        """`name` is like "tcpkit-probe.1"."""
        page = pathlib.Path(os.environ["TCPKIT_MAN"], name)
        text = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", str(page)], text=True, check=True,
                              capture_output=True).stdout
        parts = re.split(r"^(\S.*)\n", re.sub(".\b", "", text), flags=re.MULTILINE)
        # By title, as a terminal without bold or underline shows them, in lines that are never broken.
        self.sections = dict(zip(parts[1::2], parts[2::2]))

    def terms(self, section):
        """What the lists of a section define."""
        return {term.strip() for line in self.sections[section].splitlines() if re.match(r" {5}", line)
                for term in re.split(r" {2,}|, ", line.strip())[:2]}


def fixed_keys(schema):
    """Every key of every object in the schema whose keys are fixed."""
    if isinstance(schema, list):
        return set().union(*map(fixed_keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if schema.get("additionalProperties") is False else set()
    return own.union(*map(fixed_keys, schema.values()))


class KeysOfPage(unittest.TestCase):
    """For pages of commands whose JSON has a schema: every key is named. A subclass sets NAME and DEFINITIONS."""

    @classmethod
    def setUpClass(cls):
        if shutil.which("mandoc") is None:
            raise unittest.SkipTest("mandoc is not installed")
        cls.page = ManPage(cls.NAME)
        cls.words = set(re.findall(r"[\w-]+", cls.page.sections["OUTPUT FOR PROGRAMS"]))

    def check_every_json_key(self):
        in_error = {"hint"}  # tcpkit(1) has it, for all commands
        keys = fixed_keys(self.DEFINITIONS)
        self.assertGreater(len(keys), 80)
        self.assertEqual(keys - in_error - self.words, set())
