"""What there is on this kernel, beside what there was."""

import golden
from kernel_case import KernelCase
from kernel_vm import MEMORY_MIB


class Golden(KernelCase):
    maxDiff = None

    def test_it_has_what_the_table_says(self):
        kept = (golden.FOLDER / f"{self.version}.txt").read_text()
        self.assertMultiLineEqual(kept, golden.table(self.machine, self.version, MEMORY_MIB))
