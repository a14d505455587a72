"""Buffers: doubled, clamped, raised to the minimum, autotuned, and what says so."""

import json
import unittest

from namespace import skip_unless_possible
from probe import run_probe, words_of
from probe_case import LoopbackCase
from program import may_mount

DOUBLED = "the kernel doubles it"


class Explicit(LoopbackCase):
    def host_maximum(self, name):
        return int(self.namespace.sysctl(name))

    def test_doubled(self):
        document = self.probe("rcvbuf=100000", "sndbuf=50000")
        self.assert_row(document, "SO_RCVBUF", value=200000, requested=100000, origin="requested", sysctl=None,
                        note=["asked 100000", DOUBLED])
        self.assert_row(document, "SO_SNDBUF", value=100000, requested=50000, origin="requested", sysctl=None,
                        note=["asked 50000", DOUBLED])
        self.assert_warnings(document)

    def test_at_the_maximum_is_not_a_change(self):
        most = self.host_maximum("net.core.rmem_max")
        document = self.probe(f"rcvbuf={most}")
        self.assert_row(document, "SO_RCVBUF", value=2 * most, requested=most, origin="requested", sysctl=None)
        self.assert_warnings(document)

    def test_clamped_by_the_maximum_of_the_host(self):
        for option, symbol, sysctl in (("rcvbuf", "SO_RCVBUF", "net.core.rmem_max"),
                                       ("sndbuf", "SO_SNDBUF", "net.core.wmem_max")):
            with self.subTest(option):
                most = self.host_maximum(sysctl)
                document = self.probe(f"{option}={4 * most}")
                known = f"{sysctl} = {most}" if self.namespace.shows(sysctl) else f"{sysctl}, which cannot be read here"
                self.assert_row(document, symbol, value=2 * most, requested=4 * most, origin="requested",
                                sysctl=sysctl, note=["asked", known])
                self.assert_warnings(document, f"{option}: asked ")
                self.assertIn(known, document["stderr"])

    def test_raised_to_the_minimum(self):
        document = self.probe("rcvbuf=1", "sndbuf=1")
        for option, symbol in (("rcvbuf", "SO_RCVBUF"), ("sndbuf", "SO_SNDBUF")):
            least = document["options"][symbol]["value"]
            self.assertGreater(least, 1000)
            self.assert_row(document, symbol, requested=1, origin="requested", sysctl=None,
                            note=["asked 1", f"raised to {least}"])
        self.assert_warnings(document, "rcvbuf: asked 1 bytes, got ", "sndbuf: asked 1 bytes, got ")

    def test_locks_what_was_set_and_nothing_else(self):
        self.need("SO_BUF_LOCK")
        sndbuf_lock, rcvbuf_lock = 1, 2  # include/uapi/linux/socket.h
        for options, locked, text in ((["rcvbuf=64K"], rcvbuf_lock, "-o rcvbuf=64K: an explicit receive buffer"),
                                      (["sndbuf=64K"], sndbuf_lock, "-o sndbuf=64K: an explicit send buffer"),
                                      (["rcvbuf=64K", "sndbuf=64K"], sndbuf_lock | rcvbuf_lock, "an explicit")):
            with self.subTest(options):
                self.assert_row(self.probe(*options), "SO_BUF_LOCK", value=locked, requested=None, origin="requested",
                                note=[text])
        self.assert_row(self.probe(), "SO_BUF_LOCK", value=0, origin="kernel default", note=["both buffers"])

    def test_unlocked_again(self):
        self.need("SO_BUF_LOCK")
        document = self.probe("rcvbuf=64K", "buf-lock=0")
        self.assert_row(document, "SO_RCVBUF", value=131072, requested=65536, note=["autotuning is on again"])
        document = self.probe("sndbuf=64K", "buf-lock=0")
        held = document["options"]["SO_SNDBUF"]["value"]
        self.assertGreater(held, 131072)
        self.assert_row(document, "SO_SNDBUF", note=["asked 65536", f"{held}", "turned autotuning on again"])

    def test_locked_without_being_set(self):
        self.need("SO_BUF_LOCK")
        start = int(self.namespace.sysctl("net.ipv4.tcp_wmem").split()[1])
        self.assert_row(self.probe("buf-lock=1"), "SO_SNDBUF", value=start, requested=None, origin="sysctl",
                        sysctl="net.ipv4.tcp_wmem", note=[f"= {start}", "SO_BUF_LOCK"])


class LowWaterMark(LoopbackCase):
    def test_makes_the_buffer_grow(self):
        document = self.probe("rcvlowat=1M")
        self.assert_row(document, "SO_RCVLOWAT", value=1 << 20, requested=1 << 20, origin="requested")
        self.assert_row(document, "SO_RCVBUF", value=2 << 20, requested=None, origin="requested",
                        note=["-o rcvlowat=1M"])
        self.assert_warnings(document)

    def test_is_at_most_half_of_what_autotuning_may_give(self):
        self.namespace.set_sysctl("net.ipv4.tcp_rmem", "4096 131072 1000000")
        document = self.probe("rcvlowat=1M")
        self.assert_row(document, "SO_RCVLOWAT", value=500000, requested=1 << 20, origin="requested",
                        sysctl="net.ipv4.tcp_rmem", note=["asked 1048576", r"net.ipv4.tcp_rmem\[2\] = 1000000"])
        self.assert_warnings(document, "rcvlowat: asked ")

    def test_is_at_most_half_of_an_explicit_buffer(self):
        document = self.probe("rcvbuf=64K", "rcvlowat=1M")
        self.assert_row(document, "SO_RCVLOWAT", value=65536, requested=1 << 20, note=["SO_RCVBUF = 131072"])
        self.assert_warnings(document, "rcvlowat: asked ")


@unittest.skipUnless(may_mount(), "needs a mount namespace")
class MaximumOutOfSight(LoopbackCase):
    """Older kernels show net.core.rmem_max to the first network namespace only: a container does not see it."""

    HIDE = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc/sys/net/core && exec "$@"', "sh"]

    def probe_blind(self, *options):
        done = run_probe(self.namespace, "--json", *words_of(options), through=self.HIDE)
        if done.returncode != 0 and "mount" in done.stderr:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stderr)
        return {**json.loads(done.stdout), "stderr": done.stderr}

    def test_a_clamp_is_still_told_from_a_doubling(self):
        most = int(self.namespace.sysctl("net.core.rmem_max"))
        document = self.probe_blind(f"rcvbuf={4 * most}", "sndbuf=8K")
        self.assertIsNone(document["sysctls"]["net.core.rmem_max"]["value"])
        self.assert_row(document, "SO_RCVBUF", value=2 * most, requested=4 * most, origin="requested",
                        sysctl="net.core.rmem_max", note=["asked", f"{2 * most}", "cannot be read here"])
        self.assert_row(document, "SO_SNDBUF", value=16384, requested=8192, sysctl=None, note=[DOUBLED])
        self.assert_warnings(document, "rcvbuf: asked ")


class Autotuned(LoopbackCase):
    def test_receive_buffer_starts_from_the_sysctl_of_the_namespace(self):
        self.namespace.set_sysctl("net.ipv4.tcp_rmem", "4096 98304 5242880")
        document = self.probe()
        self.assert_row(document, "SO_RCVBUF", value=98304, requested=None, origin="sysctl", sysctl="net.ipv4.tcp_rmem",
                        note=[r"net.ipv4.tcp_rmem\[1\] = 98304", r"up to \[2\] = 5242880"])
        self.assertEqual(document["sysctls"]["net.ipv4.tcp_rmem"]["value"], [4096, 98304, 5242880])

    def test_autotuning_switched_off(self):
        self.namespace.set_sysctl("net.ipv4.tcp_moderate_rcvbuf", 0)
        start = int(self.namespace.sysctl("net.ipv4.tcp_rmem").split()[1])
        self.assert_row(self.probe(), "SO_RCVBUF", value=start, origin="sysctl", sysctl="net.ipv4.tcp_rmem",
                        note=["autotuning is off", "net.ipv4.tcp_moderate_rcvbuf = 0", f"= {start}"])

    def test_send_buffer_grows_when_connected(self):
        self.namespace.set_sysctl("net.ipv4.tcp_wmem", "4096 20000 3000000")
        document = self.probe()
        self.assertGreater(document["options"]["SO_SNDBUF"]["value"], 20000)
        self.assert_row(document, "SO_SNDBUF", requested=None, origin="autotuned", sysctl="net.ipv4.tcp_wmem",
                        note=[r"net.ipv4.tcp_wmem\[1\] = 20000", r"up to \[2\] = 3000000"])

    def test_send_buffer_grows_to_its_limit(self):
        self.namespace.set_sysctl("net.ipv4.tcp_wmem", "4096 20000 50000")
        self.assert_row(self.probe(), "SO_SNDBUF", value=50000, origin="autotuned", sysctl="net.ipv4.tcp_wmem",
                        note=[r"net.ipv4.tcp_wmem\[1\] = 20000", r"\[2\] = 50000"])

    def test_send_buffer_without_room_to_grow(self):
        self.namespace.set_sysctl("net.ipv4.tcp_wmem", "4096 30000 30000")
        self.assert_row(self.probe(), "SO_SNDBUF", value=30000, origin="sysctl", sysctl="net.ipv4.tcp_wmem")

    def test_one_explicit_buffer_leaves_the_other_alone(self):
        document = self.probe("sndbuf=64K")
        self.assert_row(document, "SO_RCVBUF", origin="sysctl", sysctl="net.ipv4.tcp_rmem")
        self.assert_row(document, "SO_SNDBUF", value=131072, origin="requested")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
