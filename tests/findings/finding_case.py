"""What live proofs of findings share: a path, a transfer over it, what was found, and doing what a remedy says."""

import contextlib
import re
import subprocess
import unittest

from path_lab import PathLab
from tcpkit_run import BINARY, PATIENCE_S, validated

PORT = 8888
# A queue of twice what the path holds: slow start overshoots it, and what is lost then is soon made good.
LONG_PATH = {"delay": "25ms", "rate": "40M", "queue": "300p"}
LONG_PATH_RTT_S = 0.050  # no round trip is shorter, and on a busy machine all of them are longer
LONG_PATH_BYTES_PER_S = 40_000_000 / 8
ATTEMPTS = 3  # of a busy machine, on which round trips differ, and a transfer may wait for a processor


class FindingCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)

    def path(self, **settings):
        """With reno at both ends: every host has it, any namespace may choose it, and it paces nothing."""
        lab = self._stack.enter_context(PathLab(**settings))
        for end in (lab.near, lab.far):
            end.set_sysctl("net.ipv4.tcp_congestion_control", "reno")
        return lab

    @contextlib.contextmanager
    def serving(self, lab, *words):
        """tcpkit serve at the far end, from when it listens to the end of a with block."""
        command = [BINARY, "serve", "--json", *words, f"{lab.FAR}:{PORT}"]
        with lab.far.popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
            try:
                self.assertIn('"listening"', server.stdout.readline())
                yield server
            finally:
                server.kill()

    def send(self, lab, *words):
        """What tcpkit send at the near end reports."""
        done = lab.near.run([BINARY, "send", "--json", *words, f"{lab.FAR}:{PORT}"], timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return validated(done.stdout)

    def download(self, lab, *words):
        """The near end receives for three seconds."""
        with self.serving(lab, "--mode", "source"):
            return self.send(lab, "--mode", "stream", "-R", "-d", "3s", *words)

    def upload(self, lab, *words, server=()):
        """The near end sends for three seconds."""
        with self.serving(lab, "--mode", "discard", *server):
            return self.send(lab, "--mode", "stream", "-d", "3s", *words)

    def fill(self, transfer, lab, *words):
        """The report of a transfer that takes at least 80 % of the long path, once slow start is over."""
        for _ in range(ATTEMPTS):
            report = transfer(lab, "--warmup", "2s", *words)
            rate = report["sent_bytes_per_s"] + report["received_bytes_per_s"]
            if rate >= 0.8 * LONG_PATH_BYTES_PER_S:
                return report
        raise self.failureException(f"{rate} bytes/s are less than 80 % of {LONG_PATH_BYTES_PER_S}")

    def found(self, report, identifier, severity):
        """The finding, which is there and of this severity."""
        findings = {one["id"]: one for one in report["findings"]}
        self.assertIn(identifier, findings)
        self.assertEqual(findings[identifier]["severity"], severity, findings[identifier])
        return findings[identifier]

    def assert_gone(self, report, identifier, but_for=None):
        """It was looked for and is not there, or only with a severity that does not count."""
        findings = [one for one in report["findings"] if one["severity"] != but_for]
        for one in findings + report["findings_not_checked"]:
            self.assertNotEqual(one["id"], identifier, one)


def left_out(remedy, words):
    """The words without the option that the remedy says to leave out."""
    setting = re.search(r"\bleave out -o ([^\s,:]+)", remedy).group(1)
    at = words.index(setting)
    return words[:at - 1] + words[at + 1:]


def set_advised_sysctl(remedy, end):
    """Sets what the remedy's "sysctl -w NAME=VALUE" says."""
    end.set_sysctl(*re.search(r'sysctl -w ([^\s=]+)=([^\s",]+|"[^"]+")', remedy).groups())
