#!/usr/bin/env python3
"""The Debian packages: what lintian says, and a life in an empty root directory from install to purge."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from debian_root import DebianRoot
from packages import packed
from skip import skip


class DebianPackages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.packages = packed("DEB", folder.name, "dpkg-shlibdeps")

    def test_the_tool_the_library_and_its_headers_are_apart(self):
        names = [package.name.split("_")[0] for package in self.packages]
        self.assertEqual(names, ["libtcpkit-dev", "libtcpkit0", "tcpkit"])

    def test_lintian_finds_no_error(self):
        if shutil.which("lintian") is None:
            self.skipTest("there is no lintian")
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", *self.packages], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_an_empty_root_runs_probe_and_is_left_as_it_was(self):
        if os.geteuid() != 0:
            self.skipTest("only root may enter another root directory")
        with DebianRoot(self.packages) as root:
            before = root.listing()
            root.install()
            done = root.run("/usr/bin/tcpkit", "probe", "--json", "--only", "rcvbuf")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertGreater(json.loads(done.stdout)["options"]["SO_RCVBUF"]["value"], 0)
            self.check_places(set(root.listing()) - set(before))
            root.purge()
            self.assertEqual(root.listing(), before)

    def check_places(self, installed):
        for place in ("/usr/bin/tcpkit", "/usr/share/man/man1/tcpkit-probe.1.gz", "/usr/share/man/man7/tcpkit-options.7.gz",
                      "/usr/share/tcpkit/schema/tcpkit.probe-1.json", "/usr/include/tcpkit/net/connect.hpp",
                      "/usr/share/doc/tcpkit/copyright", "/usr/lib/systemd/system/tcpkit-serve.socket"):
            self.assertIn(place, installed)
        self.assertTrue(all(place.startswith("/usr") for place in installed), installed)


if __name__ == "__main__":
    if shutil.which("dpkg") is None:
        skip("there is no dpkg")
    unittest.main()
