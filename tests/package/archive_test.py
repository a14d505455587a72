#!/usr/bin/env python3
"""The archive and the RPM: the one runs wherever it is unpacked, the other says what it has."""

import pathlib
import subprocess
import tempfile
import unittest

from packages import packed


def said_by(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


class Archives(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        [cls.archive] = packed("TGZ", cls.folder, "tar")

    def test_an_archive_runs_where_it_is_unpacked(self):
        said_by("tar", "-xzf", self.archive, "-C", self.folder)
        [program] = self.folder.glob("tcpkit-*/bin/tcpkit")
        self.assertIn("rcvbuf", said_by(program, "probe", "--only", "rcvbuf"))

    def test_an_archive_names_its_files_in_order_and_with_one_time(self):
        names = said_by("tar", "-tzf", self.archive).split()
        self.assertEqual(names, sorted(names, key=lambda name: name.rstrip("/").split("/")))
        lines = said_by("tar", "--full-time", "-tvzf", self.archive).splitlines()
        self.assertEqual(len({tuple(line.split()[3:5]) for line in lines}), 1)

    def test_the_rpm_has_program_pages_and_schemas(self):
        packages = {package.name.split("-0.")[0]: package for package in packed("RPM", self.folder, "rpmbuild")}
        self.assertEqual(sorted(packages), ["libtcpkit-devel", "libtcpkit0", "tcpkit"])
        files = said_by("rpm", "-qpl", packages["tcpkit"]).split()
        for place in ("/usr/bin/tcpkit", "/usr/share/man/man1/tcpkit-probe.1.gz",
                      "/usr/share/tcpkit/schema/tcpkit.probe-1.json"):
            self.assertIn(place, files)
        self.assertEqual([name for name in files if name.startswith("/usr/lib/.build-id")], [])


if __name__ == "__main__":
    unittest.main()
