#!/usr/bin/env python3
"""README's runs are accepted on hosts tuned otherwise: readme_test.py in network namespaces with other sysctls.

Without this its table of what follows from what would be wrong where nobody has looked."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from skip import skip

README_TEST = pathlib.Path(__file__).resolve().with_name("readme_test.py")

# Sysctls below net.ipv4, and the MTU of loopback where it is not the usual one.
HOSTS = {
    "small buffers": ({"tcp_rmem": "4096 65536 65536", "tcp_wmem": "4096 32768 65536", "tcp_moderate_rcvbuf": 0}, None),
    "large buffers": ({"tcp_rmem": "4096 262144 67108864", "tcp_wmem": "4096 65536 67108864"}, None),
    "no window scaling": ({"tcp_window_scaling": 0}, None),
    "no timestamps or sack, but ecn": ({"tcp_timestamps": 0, "tcp_sack": 0, "tcp_ecn": 1}, None),
    "another congestion control": ({"tcp_congestion_control": "reno"}, None),
    "impatient": ({"tcp_retries2": 8, "tcp_syn_retries": 3, "tcp_keepalive_time": 600, "tcp_keepalive_intvl": 10,
                   "tcp_keepalive_probes": 3}, None),
    "an Ethernet's MTU": ({"tcp_notsent_lowat": 131072}, 1500),
}


def in_namespace(script):
    return subprocess.run(["unshare", "-n", "sh", "-ec", "ip link set lo up\n" + script], env=os.environ, text=True,
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def reason_to_skip():
    for tool in ("unshare", "ip"):
        if not shutil.which(tool):
            return f"there is no {tool}"
    attempt = in_namespace("echo 1 >/proc/sys/net/ipv4/tcp_sack")
    return f"no network namespace to tune: {attempt.stdout.strip()}" if attempt.returncode else None


class OtherHosts(unittest.TestCase):
    def test_readme_is_true_there(self):
        for name, (sysctls, mtu) in HOSTS.items():
            script = "".join(f"echo '{value}' >/proc/sys/net/ipv4/{sysctl}\n" for sysctl, value in sysctls.items())
            script += f"ip link set lo mtu {mtu}\n" if mtu else ""
            with self.subTest(host=name):
                done = in_namespace(f"{script}exec '{sys.executable}' -B '{README_TEST}' Readme")
                self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    if reason := reason_to_skip():
        skip(reason)
    unittest.main()
