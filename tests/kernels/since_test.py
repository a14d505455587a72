#!/usr/bin/env python3
"""The kernel version that explain says a name is there since, beside the tables of what kernels have."""

import json
import os
import re
import subprocess
import unittest

import golden

# Left out of a kernel by its maker's configuration; a module that nobody loaded is the same.
LEFT_OUT = {"5.10": ("net.mptcp.", "net.netfilter."), "6.1": ("net.netfilter.",), "6.12": ("net.netfilter.",)}
# There from the beginning, or from a kernel that is not known.
NOT_SAID = {"IP_OPTIONS", "IP_TOS", "IP_TTL", "net.core.warnings"}
UNSEEN = (golden.ABSENT, "not applicable", "write-only")


def _number(version):
    return tuple(map(int, version.split(".")))


def _is_gone(row, kernel):
    found = re.search(r"gone since kernel ([\d.]+)", row.get("caveat") or "")
    return bool(found) and _number(found[1]) <= _number(kernel)


class Since(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run([os.environ["TCPKIT_BINARY"], "explain", "--json"], capture_output=True, check=True)
        cls.explained = json.loads(done.stdout)

    def rows(self):
        """(kernel, name, value in its table, row) of each name that explain says a "since" of."""
        for kernel in LEFT_OUT:
            for kind, names in golden.read(kernel).items():
                for name, value in names.items():
                    row = self.explained.get(kind, {}).get(name, {})
                    if row.get("since"):
                        yield kernel, name, value, row

    def test_the_tables_are_of_what_explain_knows(self):
        for kernel in LEFT_OUT:
            table = golden.read(kernel)
            for kind in ("options", "sysctls", "tcp_info"):
                self.assertEqual(set(table[kind]), set(self.explained[kind]), f"{kind} of {kernel}")

    def test_it_is_said_of_everything_else(self):
        for kind in ("options", "sysctls", "tcp_info"):
            said = {name for name, row in self.explained[kind].items() if row["since"]}
            self.assertEqual(set(self.explained[kind]) - said, NOT_SAID & set(self.explained[kind]))

    def test_a_kernel_has_what_is_there_since_it_or_before(self):
        for kernel, name, value, row in self.rows():
            if value == golden.ABSENT and not name.startswith(LEFT_OUT[kernel]) and not _is_gone(row, kernel):
                self.assertGreater(_number(row["since"]), _number(kernel), f"{name} is not in {kernel}")

    def test_what_is_gone_is_in_no_newer_kernel(self):
        for kernel, name, value, row in self.rows():
            if _is_gone(row, kernel):
                self.assertEqual(value, golden.ABSENT, f"{name} is in {kernel}")

    def test_an_older_kernel_has_it_only_from_a_stable_release_and_that_is_said(self):
        for kernel, name, value, row in self.rows():
            if value not in UNSEEN and _number(row["since"]) > _number(kernel):
                said = row.get("detail") or row.get("caveat") or ""
                self.assertIn("older stable", said, f"{name} is in {kernel}, since {row['since']}")


if __name__ == "__main__":
    unittest.main()
