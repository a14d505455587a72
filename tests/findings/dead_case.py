"""What proofs share whose remedy is a setting, or whose connections end: flags out of a remedy, any exit status."""

import os
import re
import subprocess

from finding_case import PORT, FindingCase
from probe import tcp_info, words_of
from tcpkit_run import BINARY, PATIENCE_S, validated


def advised_settings(remedy, way=0):
    """Of the ways that a remedy has (", or "), the settings of its "-o SETTING"."""
    words = remedy.split(", or ")[way].split(" in place of ")[0]
    return re.findall(r"-o (\S+?)[,:;]?(?= |$)", words)


def with_advice(settings, finding, way=0):
    """The settings with those that the remedy has in place of some of them."""
    advised = advised_settings(finding["remedy"], way)
    names = {setting.split("=")[0] for setting in advised}
    return [setting for setting in settings if setting.split("=")[0] not in names] + advised


def backoff(connection):
    """How often the retransmission timeout was doubled."""
    return tcp_info(connection)[4]  # tcpi_backoff, <linux/tcp.h>


def inspected(end, connection):
    """What tcpkit inspect at this end of the path says of a connection of this process."""
    done = end.run([BINARY, "inspect", "--json", "--findings", "--pid", str(os.getpid())], timeout=PATIENCE_S)
    local, peer = ("{}:{}".format(*name) for name in (connection.getsockname(), connection.getpeername()))
    return next(row for row in validated(done.stdout)["sockets"] if (row["local"], row["peer"]) == (local, peer))


class DeadCase(FindingCase):
    def attempt(self, lab, *words, settings=(), message=()):
        """What tcpkit send at the near end reports, however it ends."""
        done = lab.near.run([BINARY, "send", "--json", *words, *words_of(settings), f"{lab.FAR}:{PORT}", *message],
                            timeout=PATIENCE_S)
        return validated(done.stdout)

    def probe(self, lab, *words, settings=()):
        done = lab.near.run([BINARY, "probe", "--json", *words, *words_of(settings), f"{lab.FAR}:{PORT}"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return validated(done.stdout)

    def start_sending(self, lab, *words, settings=(), message=()):
        """A tcpkit send at the near end that runs; it is gone after the test."""
        command = [BINARY, "send", *words, *words_of(settings), f"{lab.FAR}:{PORT}", *message]
        sending = lab.near.popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._stack.enter_context(sending)
        self._stack.callback(sending.kill)
        return sending
