"""probe --watch on a terminal: drawn over itself, within the window, whatever happens to that."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from terminal_screen import Screen
from tcpkit_run import BINARY, PATIENCE_S
from skip import skip
from watch_case import PACE, WatchCase

FRAME = "\x1b[H"


class OnTerminal:
    """A watch on a pseudo terminal that it controls, and what is to be seen there."""

    def __init__(self, *words, columns=80, lines=24, **environment):
        self.ours, self.theirs = pty.openpty()
        self.screen = Screen(columns, lines)
        self.written = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.resize(columns, lines)
        plain = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LC_CTYPE", "LANG")}
        self.process = subprocess.Popen([BINARY, "probe", PACE, *words], stdin=self.theirs, stdout=self.theirs,
                                        stderr=self.theirs, start_new_session=True, preexec_fn=self._take,
                                        env={**plain, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})
        os.close(self.theirs)

    def _take(self):
        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)

    def resize(self, columns, lines):
        """As a terminal does: the kernel tells its foreground process."""
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self):
        """What comes next, as it comes; nothing at the end."""
        ready, _, _ = select.select([self.ours], [], [], PATIENCE_S)
        if not ready:
            raise TimeoutError(self.written[-500:])
        try:
            text = self.decoder.decode(os.read(self.ours, 65536))
        except OSError:  # how a terminal without a program ends
            return ""
        self.written += text
        self.screen.feed(text)
        return text or self.read()

    def read_until(self, holds):
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(self.screen.text())
            if not self.read():
                raise EOFError(self.written[-500:])

    def read_frames(self, count):
        """So many more, and the last of them whole."""
        wanted = self.written.count(FRAME) + count + 1
        self.read_until(lambda: self.written.count(FRAME) >= wanted)

    def read_to_end(self):
        """Until it has ended; its exit status."""
        while self.read():
            pass
        return self.process.wait(PATIENCE_S)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


class Terminal(WatchCase):
    def open(self, *words, **options):
        terminal = OnTerminal(*words, **options)
        self.addCleanup(terminal.close)
        return terminal

    def check_frame(self, screen):
        self.assertFalse(screen.wrapped, screen.text())
        self.assertEqual(sum(": ESTABLISHED, " in row for row in screen.rows), 1, screen.text())
        self.assertEqual(sum(row.startswith("  rtt ") for row in screen.rows), 1, screen.text())

    def test_it_is_drawn_over_itself_with_charts(self):
        terminal = self.open()
        terminal.read_frames(10)
        self.check_frame(terminal.screen)
        self.assertIn("ESTABLISHED", terminal.screen.rows[1])
        self.assertRegex(terminal.screen.rows[2], r"echo of 64 B: \d+ of \d+ came back, the last one in ")
        rtt = next(row for row in terminal.screen.rows if row.startswith("  rtt "))
        self.assertRegex(rtt, "[\u2582-\u2588]{8,} +max ")
        self.assertNotIn("\x1b[?", terminal.written)  # no mode is left to restore: cursor, second screen

    def test_a_locale_without_block_elements_gets_ascii(self):
        terminal = self.open(LC_ALL="C")
        terminal.read_frames(10)
        self.assertTrue(terminal.written.isascii())
        rtt = next(row for row in terminal.screen.rows if row.startswith("  rtt "))
        self.assertRegex(rtt, r"[.:=+*#-]{8,} +max ")

    def test_what_stood_there_can_be_scrolled_back_to(self):
        terminal = self.open("-o", "rcvbuf=2000000000", lines=24)
        terminal.screen.feed("$ tcpkit probe --watch\r\n")
        terminal.read_frames(2)
        self.assertIn("$ tcpkit probe --watch", terminal.screen.scrolled)
        self.assertIn("net.core.rmem_max", "".join(terminal.screen.scrolled))

    def test_ctrl_c_leaves_the_last_view_and_the_cursor_below_it(self):
        terminal = self.open()
        terminal.read_frames(3)
        os.write(terminal.ours, b"\x03")
        self.assertEqual(terminal.read_to_end(), 128 + signal.SIGINT)
        self.check_frame(terminal.screen)
        self.assertEqual(terminal.screen.rows[terminal.screen.row], "")  # and no ^C
        last_shown = max(at for at, row in enumerate(terminal.screen.rows) if row)
        self.assertGreaterEqual(terminal.screen.row, last_shown)

    def test_a_narrow_and_low_terminal(self):
        for columns, lines in ((40, 24), (40, 8), (20, 5), (200, 60)):
            with self.subTest(columns=columns, lines=lines):
                terminal = self.open("--only", "rtt,snd_cwnd,bytes_acked", columns=columns, lines=lines)
                terminal.read_frames(5)
                self.assertFalse(terminal.screen.wrapped, terminal.screen.text())
                self.assertEqual(terminal.screen.rows[0][:9], "tcpkit's ")

    def test_a_resized_terminal_is_drawn_anew_at_once(self):
        terminal = self.open(columns=100)
        terminal.read_frames(3)
        terminal.screen = Screen(40, 12)
        terminal.resize(40, 12)
        terminal.written = ""
        terminal.read_until(lambda: "\x1b[2J" in terminal.written)
        terminal.screen = Screen(40, 12)
        terminal.read_frames(2)
        self.check_frame(terminal.screen)

    def test_a_watch_that_was_suspended_goes_on(self):
        terminal = self.open()
        terminal.read_frames(3)
        terminal.process.send_signal(signal.SIGSTOP)  # SIGTSTP does not stop a session without a shell
        os.waitpid(terminal.process.pid, os.WUNTRACED)
        terminal.screen.feed("\r\n[1]+  Stopped\r\n$ fg\r\n")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.read_frames(3)
        self.check_frame(terminal.screen)
        self.assertNotIn("Stopped", terminal.screen.text())
        os.write(terminal.ours, b"\x03")
        self.assertEqual(terminal.read_to_end(), 128 + signal.SIGINT)

    def test_a_peer_that_closes_is_told_below_the_last_view(self):
        listening = self.listener()
        terminal = self.open("127.0.0.1:{1}".format(*listening.getsockname()))
        peer = listening.accept()[0]
        terminal.read_frames(3)
        self.assertIn("no data has moved", terminal.screen.text())
        peer.close()
        self.assertEqual(terminal.read_to_end(), 1)
        self.assertRegex(terminal.screen.rows[0], r"^127.0.0.1:\d+ from 127.0.0.1:\d+$")
        self.assertIn("CLOSE_WAIT", terminal.screen.rows[1])
        self.assertRegex(terminal.screen.text(), "(?m)^tcpkit: .* the peer closed the connection, after ")

    def test_a_dumb_terminal_gets_lines(self):
        terminal = self.open("-n", "3", TERM="dumb")
        self.assertEqual(terminal.read_to_end(), 0)
        self.assertNotIn("\x1b", terminal.written)
        self.assertEqual(len(re.findall(r"^\d\d:\d\d:\d\d  rtt ", terminal.written, re.M)), 3)

    def test_json_is_json_on_a_terminal_too(self):
        terminal = self.open("-n", "2", "--json")
        self.assertEqual(terminal.read_to_end(), 0)
        self.assertNotIn("\x1b", terminal.written)


if __name__ == "__main__":
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        skip(f"no pseudo terminal: {error}")
    unittest.main()
