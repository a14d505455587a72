"""Standard streams that are full, closed, or closed by the reader."""

import os
import signal
import subprocess
import unittest

from tcpkit_run import run, run_shell


class Unwritable(unittest.TestCase):
    def test_full_device(self):
        with open("/dev/full", "w") as full:
            result = run("explain", stdout=full)
        self.assertEqual(result.returncode, 8)
        self.assertEqual(result.stderr, "tcpkit: write to standard output: No space left on device\n")

    def test_closed_stdout(self):
        result = run_shell('"$T" explain >&-')
        self.assertEqual(result.returncode, 8)
        self.assertEqual(result.stderr, "tcpkit: write to standard output: Bad file descriptor\n")

    def test_closed_stdout_does_not_matter_to_an_error_without_output(self):
        result = run_shell('"$T" explain zzzzzzz >&-')
        self.assertEqual(result.returncode, 2)

    def test_error_object_on_a_full_device(self):
        with open("/dev/full", "w") as full:
            result = run("explain", "--json", "--bogus", stdout=full)
        self.assertEqual(result.returncode, 8)
        self.assertIn("unknown option --bogus", result.stderr)

    def test_all_streams_closed(self):
        result = run_shell('"$T" explain nodelay <&- >&- 2>&-')
        self.assertEqual(result.returncode, 8)

    def test_closed_stderr_changes_nothing(self):
        result = run_shell('"$T" explain zzzzzzz 2>&-')
        self.assertEqual((result.returncode, result.stdout), (2, ""))

    def test_closed_stdin_changes_nothing(self):
        self.assertEqual(run_shell('"$T" explain nodelay <&-').stdout, run("explain", "nodelay").stdout)


class ClosedPipe(unittest.TestCase):
    def run_with_closed_reader(self, restore_signals):
        reader, writer = os.pipe()
        os.close(reader)
        result = run("explain", stdout=writer, restore_signals=restore_signals)
        os.close(writer)
        return result

    def test_dies_quietly_of_the_signal(self):
        result = self.run_with_closed_reader(restore_signals=True)
        self.assertEqual((result.returncode, result.stderr), (-signal.SIGPIPE, ""))

    def test_ends_quietly_where_the_signal_is_ignored(self):
        result = self.run_with_closed_reader(restore_signals=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class NonBlockingPipe(unittest.TestCase):
    def test_waits_for_the_reader(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        process = subprocess.Popen([os.environ["TCPKIT_BINARY"], "explain", "--json"], stdout=writer)
        os.close(writer)
        with open(reader) as stream:
            text = stream.read()
        self.assertEqual(process.wait(), 0)
        self.assertEqual(text, run("explain", "--json").stdout)


class Colour(unittest.TestCase):
    def test_none_in_a_pipe(self):
        self.assertNotIn("\x1b", run("explain", "nodelay").stdout)

    def test_always_means_always(self):
        coloured = run("explain", "nodelay", "--color=always", env={"NO_COLOR": "1", "TERM": "dumb"}).stdout
        self.assertIn("\x1b[", coloured)

    def test_machine_formats_have_none(self):
        self.assertNotIn("\x1b", run("explain", "nodelay", "--json", "--color=always").stdout)


if __name__ == "__main__":
    unittest.main()
