#!/usr/bin/env python3
"""Everything that is tested on one of Debian's kernels: suite.py VERSION [--update | UNITTEST-ARGUMENT...]

TCPKIT_BINARY is the static executable. One kernel is booted by every run of the tests, the others with TCPKIT_TEST_LONG=1.
"""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import golden
import inside_golden
import inside_inspect
import inside_netem
import inside_probe
import inside_proofs
import inside_settings
import inside_states
import inside_traffic
import inside_unit
from debian_kernel import RELEASES, Missing
from kernel_case import KERNEL_TESTS, TCPKIT, KernelCase, Machine
from kernel_vm import MEMORY_MIB
from python_files import python_files
from skip import skip

IN_EVERY_RUN = "6.1"
_MODULES = (inside_golden, inside_inspect, inside_netem, inside_probe, inside_proofs, inside_settings, inside_states,
            inside_traffic, inside_unit)
_OF_PYTHON = ("hold_states", "prove", *inside_inspect.MODULES, *inside_probe.MODULES, *inside_proofs.MODULES)


def _run(machine, version, words):
    if words == ["--update"]:
        (golden.FOLDER / f"{version}.txt").write_text(golden.table(machine, version, MEMORY_MIB))
        return True
    KernelCase.machine, KernelCase.version = machine, version
    load = unittest.defaultTestLoader
    load.testNamePatterns = [f"*{word}*" for word in words] or None
    suite = unittest.TestSuite(load.loadTestsFromModule(module) for module in _MODULES)
    return unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()


def _files(folder):
    """What is in the machine: tcpkit, the laboratory, Python, and tools of which busybox's namesakes do too little."""
    files = {TCPKIT: os.environ["TCPKIT_BINARY"], "/bin/path_lab": os.environ["TCPKIT_PATH_LAB"]}
    if tests := os.environ.get("TCPKIT_KERNEL_TESTS"):
        files[KERNEL_TESTS] = tests
    files |= {str(schema): schema for schema in pathlib.Path(os.environ["TCPKIT_SCHEMAS"]).iterdir()}
    files |= python_files(_OF_PYTHON, folder)
    for tool, package in (("ip", "iproute2"), ("setpriv", "util-linux"), ("ss", "iproute2"), ("tc", "iproute2")):
        place = shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin")
        if not place:
            raise Missing(f"no {tool}: Debian's package is {package}")
        files[f"/bin/{tool}"] = place
    return files


def main():
    version, *words = sys.argv[1:] or sys.exit(__doc__)
    if version not in RELEASES:
        sys.exit(f"kernels are {', '.join(RELEASES)}")
    if version != IN_EVERY_RUN and not words and not os.environ.get("TCPKIT_TEST_LONG"):
        skip(f"boots Linux {version}; TCPKIT_TEST_LONG=1 does")
    try:
        with tempfile.TemporaryDirectory() as folder, Machine(version, _files(pathlib.Path(folder))) as machine:
            sys.exit(not _run(machine, version, words))
    except Missing as missing:
        skip(str(missing))


if __name__ == "__main__":
    main()
