"""--output FILE: the results of a run, whole or not at all."""

import json
import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

from tcpkit_run import BINARY, run, validated


class OutputFile(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "result"

    def left(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_it_has_what_would_stand_on_standard_output(self):
        for words in (("probe", "--json", "--only", "rcvbuf"), ("explain", "rcvbuf"), ("inspect", "--json")):
            with self.subTest(words):
                done = run(*words, "--output", str(self.file))
                self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))
                if "--json" in words:
                    validated(self.file.read_text())
        self.assertEqual(["result"], self.left())

    def test_everybody_may_read_it(self):
        done = subprocess.run(["sh", "-c", 'umask 077; exec "$@"', "sh", BINARY, "probe", "--output", self.file], check=False)
        self.assertEqual(0, done.returncode)
        self.assertEqual(0o644, stat.S_IMODE(self.file.stat().st_mode))

    def test_a_reader_of_the_old_file_keeps_it(self):
        self.file.write_text("old")
        with self.file.open() as reader:
            self.assertEqual(0, run("probe", "--json", "--output", str(self.file)).returncode)
            self.assertEqual("old", reader.read())
        self.assertEqual("tcpkit.probe/1", json.loads(self.file.read_text())["schema"])

    def test_a_link_is_followed(self):
        link = self.folder / "link"
        link.symlink_to(self.file)
        self.file.write_text("old")
        self.assertEqual(0, run("probe", "--json", "--output", str(link)).returncode)
        self.assertTrue(link.is_symlink())
        validated(self.file.read_text())

    def test_a_failed_run_says_so_in_the_file_too(self):
        done = run("probe", "--json", "--output", str(self.file), "127.0.0.1:1")
        self.assertEqual((4, ""), (done.returncode, done.stdout))
        self.assertEqual("ECONNREFUSED", validated(self.file.read_text())["error"]["code"])

    def test_what_cannot_be_written_is_named_before_anything_is_done(self):
        for path in (f"{self.folder}/missing/result", str(self.folder), "/dev/null", f"{self.folder}/"):
            with self.subTest(path):
                done = run("probe", "--output", path)
                self.assertEqual(8, done.returncode, done.stderr)
                self.assertIn(f"write {path}", done.stderr)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))

    def test_a_full_disk_leaves_the_old_file_and_nothing_else(self):
        self.file.write_text("old")
        limited = 'ulimit -f 1; trap "" XFSZ; exec "$@"'  # a file of 512 or 1024 bytes at most
        done = subprocess.run(["sh", "-c", limited, "sh", BINARY, "probe", "--json", "--output", self.file], check=False,
                              text=True, stderr=subprocess.PIPE)
        self.assertEqual(8, done.returncode)
        self.assertIn(f"write {self.file}: File too large", done.stderr)
        self.assertEqual(("old", ["result"]), (self.file.read_text(), self.left()))

    def test_results_that_go_on_are_refused(self):
        for words in (("serve",), ("inspect", "--watch"), ("probe", "--watch"), ("send", "127.0.0.1:9", "x")):
            done = run(*words, "--output", str(self.file))
            self.assertEqual(2, done.returncode)
            self.assertIn("--output", done.stderr)
        self.assertEqual([], self.left())


if __name__ == "__main__":
    unittest.main()
