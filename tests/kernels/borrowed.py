"""Tests of other directories, run as they are by Python in the machine."""

import os
import unittest

from kernel_case import KernelCase

WITHOUT_LONG = None if os.environ.get("TCPKIT_TEST_LONG") == "1" else "TCPKIT_TEST_LONG=1 runs it"  # why it is skipped
_PATIENCE_S = 600


class Borrowed(KernelCase):
    def run_inside(self, *tests):
        done = self.machine.python("prove", *tests, timeout=_PATIENCE_S)
        print(done.stderr)
        self.assertEqual(done.status, 0, f"{tests}\n{done.stdout}")


def borrow(case, names, skip_because=None):
    """A test of the case for each module, or test of one."""
    for name in names:
        def test(self, name=name):
            self.run_inside(name)
        if skip_because:
            test = unittest.skip(skip_because)(test)
        short = name.rsplit(".", 1)[-1].removeprefix("test_").removesuffix("_test")
        setattr(case, f"test_{short}", test)
