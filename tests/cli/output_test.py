"""Standard streams that are full, closed, or closed by the reader."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import unittest

from tcpkit_run import BINARY, read_terminal, run, run_shell, validated


def may_open_terminal():
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError:
        return False
    return True


needs_terminal = unittest.skipUnless(may_open_terminal(), "needs /dev/pts")


def on_terminal(*words, env=None, columns=80):
    """What the program writes to a terminal of that many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    plain = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen([BINARY, *words], stdout=theirs,
                               env={**plain, "TERM": "xterm", **(env or {})})
    os.close(theirs)
    text = read_terminal(ours)
    assert process.wait() == 0
    return text


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
        process = subprocess.Popen([BINARY, "explain", "--json"], stdout=writer)
        os.close(writer)
        with open(reader) as stream:
            text = stream.read()
        self.assertEqual(process.wait(), 0)
        self.assertIn("TCP_NODELAY", validated(text)["options"])


@needs_terminal
class Colour(unittest.TestCase):
    def test_none_in_a_pipe(self):
        self.assertNotIn("\x1b", run("explain", "nodelay").stdout)

    def test_always_means_always(self):
        coloured = run("explain", "nodelay", "--color=always", env={"NO_COLOR": "1", "TERM": "dumb"}).stdout
        self.assertIn("\x1b[", coloured)

    def test_machine_formats_have_none(self):
        self.assertNotIn("\x1b", run("explain", "nodelay", "--json", "--color=always").stdout)

    def test_on_a_terminal_by_itself(self):
        self.assertIn("\x1b[", on_terminal("explain", "nodelay"))

    def test_what_turns_it_off_on_a_terminal(self):
        self.assertNotIn("\x1b", on_terminal("explain", "nodelay", env={"NO_COLOR": "1"}))
        self.assertNotIn("\x1b", on_terminal("explain", "nodelay", env={"TERM": "dumb"}))
        self.assertNotIn("\x1b", on_terminal("explain", "nodelay", "--color=never"))

    def test_empty_no_color_does_not_count(self):
        self.assertIn("\x1b[", on_terminal("explain", "nodelay", env={"NO_COLOR": ""}))


@needs_terminal
class Width(unittest.TestCase):
    def width_of(self, text):
        """Columns of the paragraph that explains rcvbuf, which is far longer than one line."""
        return max(len(line.rstrip()) for line in text.split("What the kernel does with it")[1].splitlines())

    def test_80_in_a_pipe(self):
        self.assertIn(self.width_of(run("explain", "rcvbuf").stdout), range(70, 81))

    def test_columns_are_honoured(self):
        self.assertIn(self.width_of(run("explain", "rcvbuf", env={"COLUMNS": "50"}).stdout), range(40, 51))

    def test_columns_that_make_no_sense_are_not(self):
        for columns in ("", "0", "-5", "7", "0x50", "99999999999999999999", "80 "):
            text = run("explain", "rcvbuf", env={"COLUMNS": columns}).stdout
            self.assertEqual(text, run("explain", "rcvbuf").stdout)

    def test_that_of_the_terminal(self):
        plain = on_terminal("explain", "rcvbuf", "--color=never", columns=100)
        self.assertIn(self.width_of(plain), range(90, 101))


if __name__ == "__main__":
    unittest.main()
