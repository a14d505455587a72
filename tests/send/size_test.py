"""Requests of the smallest and of a large size, and those that are none."""

import unittest

from send_case import SLACK_S, SendCase
from serve_run import Server


class Sizes(SendCase):
    def check(self, size, *words, server_words=(), count=3):
        with Server(*server_words) as server:
            document = self.measure("-s", str(size), "-n", str(count), *words, server.addresses[0])
            self.assertEqual(server.stop(), 0)
            told = server.stderr.text() + server.stdout.text()
        self.assertEqual((document["requests"], document["errors"]), (count, 0), told)
        self.assertEqual((document["bytes_sent"], document["bytes_received"]), (count * size, count * size))

    def test_one_byte(self):
        self.check(1)

    def test_one_byte_once(self):
        self.check(1, "-c", "1", count=1)

    def test_two_bytes_in_two_writes(self):
        self.check(2, "--mode", "wwr")

    def test_a_mebibyte(self):
        self.check(1 << 20)
        self.check(1 << 20, "--mode", "wwr")
        self.check(1 << 20, "--mode", "crr")
        self.check(1 << 20, "-c", "3", "--rate", "20")

    def test_a_mebibyte_that_is_answered_when_it_is_whole(self):
        self.check(1 << 20, "--mode", "wwr", server_words=("--reply-every", "1MiB"))

    def test_odd_sizes_in_two_writes(self):
        for size in (3, 1447, 65537):
            self.check(size, "--mode", "wwr")

    def test_more_connections_than_requests(self):
        with Server() as server:
            document = self.measure("--mode", "rr", "-n", "3", "-c", "8", server.addresses[0])
        self.assertEqual((document["requests"], document["errors"], document["opened"]), (3, 0, 8))

    def test_a_message_from_a_file(self):
        with Server() as server:
            document = self.measure("--mode", "rr", "-n", "2", "--file", __file__, server.addresses[0])
        self.assertEqual(document["plan"]["request_bytes"], len(open(__file__, "rb").read()))

    def check_refused(self, *words):
        """A usage error: the port is one where nobody listens."""
        sending = self.run_send(*words, "127.0.0.1:1", status=2, within_s=SLACK_S)
        self.assertEqual((sending.stdout.text(), len(sending.stderr.all())), ("", 1), sending.stderr.text())
        self.assertTrue(sending.stderr.text().isascii())

    def test_none_is_refused(self):
        for mode in ("rr", "crr", "stream", "bidir", "wwr"):
            self.check_refused("--mode", mode, "-s", "0")
        sending = self.run_send("--mode", "rr", "127.0.0.1:1", "", status=2, within_s=SLACK_S)
        self.assertIn("MESSAGE: 0 bytes cannot be measured", sending.stderr.text())

    def test_one_byte_cannot_be_written_in_two_writes(self):
        self.check_refused("--mode", "wwr", "-s", "1")

    def test_an_empty_file_is_refused(self):
        self.check_refused("--mode", "rr", "--file", "/dev/null")

    def test_files_that_are_none(self):
        for name in ("nonexistent/file", "/tmp"):
            self.check_refused("--mode", "rr", "--file", name)


if __name__ == "__main__":
    unittest.main()
