"""The unit tests that look at the kernel itself, the walk over the catalogue on all states of a socket among them."""

import os

from kernel_case import KERNEL_TESTS, KernelCase


class Unit(KernelCase):
    def test_all_pass(self):
        if not os.environ.get("TCPKIT_KERNEL_TESTS"):
            self.skipTest("built without Catch2; Debian's package is catch2")
        done = self.machine.run(KERNEL_TESTS)
        self.assertEqual(done.status, 0, done.stdout)
