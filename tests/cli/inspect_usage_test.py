"""The command line of tcpkit inspect: what it refuses, before it looks at anything, and how it says so."""

import os
import socket
import unittest

from tcpkit_run import run

REFUSED = (
    (("--pid", "0"), '--pid: "0" is not a whole number from 1 to 2147483647'),
    (("--pid", "-1"), '--pid: "-1" is not'),
    (("--pid", "2147483648"), '--pid: "2147483648" is not'),
    (("--pid", "1x"), '--pid: "1x" is not'),
    (("--name", ""), "--name: a command has a name"),
    (("--port", "0"), '--port: "0" is no port'),
    (("--port", "1.2.3.4:5"), '--port: "1.2.3.4:5" is no port'),
    (("--port", "65536"), '--port: "65536" is no port'),
    (("--local", "10.0.0.0/33"), "--local: "),
    (("--peer", "example.org"), "--peer: "),
    (("--state", "open"), "--state: "),
    (("--listening", "--state", "established"), "--listening and --state exclude each other"),
    (("--netns", ""), "--netns: a name"),
    (("--all", "--only", "rtt"), "--all and --only exclude each other"),
    (("--only", "nothing"), "--only: "),
    (("--sort", "name"), '--sort: "name" is none: rtt, retrans, recv-q or send-q is allowed'),
    (("--top", "3"), "--top is for --sort only"),
    (("--sort", "rtt", "--top", "0"), '--top: "0" is not'),
    (("--watch=0",), '--watch: "0" is too short'),
    (("--watch=fast",), "--watch: "),
    (("--watch=1s", "--watch=2s"), "option --watch was given 2 times"),
    (("--deadline", "0"), '--deadline: "0" is too short'),
    (("--yes",), "--yes is for --set only"),
    (("--set", "keepidle=1m"), "--set needs to be told which sockets"),
    (("--pid", "1", "--watch", "--set", "keepidle=1m"), "--set and --watch exclude each other"),
    (("--pid", "1", "--no-dup", "--set", "keepidle=1m"), "--set and --no-dup exclude each other"),
    (("--pid", "1", "--set", "keepidle=fast"), "--set: "),
    (("nginx",), 'unexpected argument "nginx": inspect takes options only'),
)


class Usage(unittest.TestCase):
    def test_what_is_refused(self):
        for words, sentence in REFUSED:
            with self.subTest(words=words):
                result = run("inspect", *words)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertTrue(result.stderr.startswith(f"tcpkit: {sentence}"), result.stderr)

    def test_a_value_after_watch_is_no_value_of_it(self):
        result = run("inspect", "--watch", "5s")
        self.assertEqual(result.returncode, 2)
        self.assertIn('unexpected argument "5s"', result.stderr)


class NothingFound(unittest.TestCase):
    def test_no_socket(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))  # not listening, so that the kernel has no socket with this port to tell
            port = str(free.getsockname()[1])
            result = run("inspect", "--listening", "--port", port)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr, f"tcpkit: no TCP socket matches --port {port} --listening\n")

    def test_no_process(self):
        pid = os.posix_spawn("/bin/true", ["true"], {})
        os.waitpid(pid, 0)
        result = run("inspect", "--pid", str(pid))
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr, f"tcpkit: process {pid}: there is none\n")

    def test_no_namespace(self):
        result = run("inspect", "--netns", "there-is-no-such-name")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertTrue(result.stderr.startswith("tcpkit: --netns: "), result.stderr)


if __name__ == "__main__":
    unittest.main()
