#!/usr/bin/env python3
"""Everything that is tested on one of Debian's kernels: suite.py VERSION [--update | UNITTEST-ARGUMENT...]

TCPKIT_BINARY is the static executable. One kernel is booted by every run of the tests, the others with TCPKIT_TEST_LONG=1.
"""

import os
import shutil
import sys
import unittest

import golden
import inside_golden
import inside_netem
import inside_settings
import inside_traffic
from debian_kernel import RELEASES, Missing
from kernel_case import TCPKIT, KernelCase, Machine
from kernel_vm import MEMORY_MIB
from skip import skip

IN_EVERY_RUN = "6.1"
_MODULES = (inside_golden, inside_netem, inside_settings, inside_traffic)


def _run(machine, version, words):
    if words == ["--update"]:
        (golden.FOLDER / f"{version}.txt").write_text(golden.table(machine, version, MEMORY_MIB))
        return True
    KernelCase.machine, KernelCase.version = machine, version
    load = unittest.defaultTestLoader
    load.testNamePatterns = [f"*{word}*" for word in words] or None
    suite = unittest.TestSuite(load.loadTestsFromModule(module) for module in _MODULES)
    return unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()


def _files():
    """What is in the machine: tcpkit and, for paths, the laboratory and iproute2; busybox's ip and tc do too little."""
    files = {TCPKIT: os.environ["TCPKIT_BINARY"], "/bin/path_lab": os.environ["TCPKIT_PATH_LAB"]}
    for tool in ("ip", "tc"):
        place = shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin")
        if not place:
            raise Missing(f"no {tool}: Debian's package is iproute2")
        files[f"/bin/{tool}"] = place
    return files


def main():
    version, *words = sys.argv[1:] or sys.exit(__doc__)
    if version not in RELEASES:
        sys.exit(f"kernels are {', '.join(RELEASES)}")
    if version != IN_EVERY_RUN and not words and not os.environ.get("TCPKIT_TEST_LONG"):
        skip(f"boots Linux {version}; TCPKIT_TEST_LONG=1 does")
    try:
        with Machine(version, _files()) as machine:
            sys.exit(not _run(machine, version, words))
    except Missing as missing:
        skip(str(missing))


if __name__ == "__main__":
    main()
