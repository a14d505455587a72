"""What becomes of settings the kernel rounds, ignores, overwrites or refuses, and the exit status that follows."""

import json
import unittest

from namespace import skip_unless_possible
from probe import run_probe, words_of
from probe_case import LoopbackCase

AS_NOBODY = ["setpriv", "--reuid=nobody", "--clear-groups", "--"]


class Rounded(LoopbackCase):
    def find_jiffy_us(self):
        """What a time of 1 us becomes: one tick of the kernel's clock."""
        return self.probe("rcvtimeo=1us")["options"]["SO_RCVTIMEO"]["value"]

    def test_times_to_a_tick(self):
        tick = self.find_jiffy_us()
        self.assertIn(tick, (1000, 3334, 4000, 10000))  # CONFIG_HZ is 1000, 300, 250 or 100
        document = self.probe("rcvtimeo=1us", f"sndtimeo={tick + 1}us")
        self.assert_row(document, "SO_RCVTIMEO", value=tick, requested=1, origin="requested",
                        note=["asked 1 us", "rounded up", f"{tick} us"])
        self.assert_row(document, "SO_SNDTIMEO", value=2 * tick, requested=tick + 1, note=[f"{tick} us"])
        self.assert_warnings(document)

    def test_whole_ticks_are_exact(self):
        tick = self.find_jiffy_us()
        document = self.probe(f"rcvtimeo={3 * tick}us")
        self.assert_row(document, "SO_RCVTIMEO", value=3 * tick, requested=3 * tick, origin="requested", note=[])
        self.assertNotIn("asked", document["options"]["SO_RCVTIMEO"]["note"] or "")

    def test_least_retransmission_timeout(self):
        done = run_probe(self.namespace, "--json", "-o", "rto-min-us=4096us")
        if done.returncode == 7:
            self.skipTest("this kernel has no TCP_RTO_MIN_US")
        tick = self.find_jiffy_us()
        rounded = -(-4096 // tick) * tick
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assert_row(json.loads(done.stdout), "TCP_RTO_MIN_US", value=rounded, requested=4096, origin="requested",
                        note=["asked 4096", f"{tick} us"])

    def test_rounding_and_doubling_pass_strict(self):
        done = run_probe(self.namespace, "--strict", *words_of(["rcvtimeo=1us", "rcvbuf=64K", "maxseg=1000"]))
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class WithoutEffect(LoopbackCase):
    def test_option_of_a_listener(self):
        document = self.probe("defer-accept=10s")
        self.assert_row(document, "TCP_DEFER_ACCEPT", value=15, requested=10, origin="requested",
                        note=["asked 10 s", "15 s", "without effect", "listening"])
        self.assert_warnings(document, "defer-accept: asked 10 s, got 15 s")

    def test_fails_strict(self):
        most = int(self.namespace.sysctl("net.core.rmem_max"))
        for option in ("defer-accept=10s", f"rcvbuf={2 * most}", "rcvbuf=1"):
            with self.subTest(option):
                relaxed = run_probe(self.namespace, "-o", option)
                strict = run_probe(self.namespace, "--strict", "-o", option)
                self.assertEqual((relaxed.returncode, strict.returncode), (0, 1))
                self.assertEqual(relaxed.stderr, strict.stderr)
                self.assertEqual(len(strict.stderr.splitlines()), 1, strict.stderr)


class TypeOfService(LoopbackCase):
    LOW_DELAY, INTERACTIVE = 16, 6  # <netinet/ip.h>; TC_PRIO_INTERACTIVE of <linux/pkt_sched.h>

    def test_sets_the_priority_too(self):
        document = self.probe(f"tos={self.LOW_DELAY}")
        self.assert_row(document, "IP_TOS", value=self.LOW_DELAY, requested=self.LOW_DELAY, origin="requested")
        self.assert_row(document, "SO_PRIORITY", value=self.INTERACTIVE, requested=None, origin="requested",
                        note=["-o tos=16"])
        self.assert_warnings(document)

    def test_overwrites_an_earlier_priority(self):
        document = self.probe("priority=3", "tos=16")
        self.assert_row(document, "SO_PRIORITY", value=self.INTERACTIVE, requested=3, origin="requested",
                        note=["asked 3", "IP_TOS"])
        self.assert_warnings(document, "priority: asked 3, got 6")

    def test_leaves_a_later_priority(self):
        document = self.probe("tos=16", "priority=3")
        self.assert_row(document, "SO_PRIORITY", value=3, requested=3, origin="requested")
        self.assertNotIn("asked", document["options"]["SO_PRIORITY"]["note"] or "")
        self.assert_warnings(document)

    def test_ecn_bits_stay_the_kernel_s(self):
        document = self.probe("tos=19")
        self.assert_row(document, "IP_TOS", value=16, requested=19, origin="requested", note=["asked", "ECN"])
        self.assert_warnings(document, "tos: asked ")


class CongestionControl(LoopbackCase):
    def sets(self):
        return [self.namespace.sysctl(f"net.ipv4.tcp_{which}_congestion_control").split()
                for which in ("available", "allowed")]

    def test_unknown(self):
        available, allowed = self.sets()
        done = run_probe(self.namespace, "-o", "congestion=qqq")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("qqq", done.stderr)
        self.assertIn(f"available: {' '.join(available)};", done.stderr)
        self.assertIn(f"allowed without CAP_NET_ADMIN: {' '.join(allowed)}", done.stderr)
        self.assertNotIn("did you mean", done.stderr)

    def test_a_near_miss_gets_a_suggestion(self):
        wanted = self.sets()[0][-1]
        done = run_probe(self.namespace, "-o", f"congestion={wanted}{wanted[-1]}")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"did you mean {wanted}?", done.stderr)

    def test_not_allowed_to_everybody(self):
        available, allowed = self.sets()
        reserved = [name for name in available if name not in allowed]
        if not reserved:
            self.skipTest("every congestion control is allowed to everybody here")
        done = run_probe(self.namespace, "-o", f"congestion={reserved[0]}", through=AS_NOBODY)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn(reserved[0], done.stderr)
        self.assertIn(f"allowed without CAP_NET_ADMIN: {' '.join(allowed)}", done.stderr)
        self.assert_row(self.probe(f"congestion={reserved[0]}"), "TCP_CONGESTION", value=reserved[0],
                        requested=reserved[0], origin="requested")

    def test_allowed_to_everybody(self):
        done = run_probe(self.namespace, "--json", "-o", f"congestion={self.sets()[1][0]}", through=AS_NOBODY)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_errors_are_objects_in_json(self):
        done = run_probe(self.namespace, "--json", "-o", "congestion=qqq")
        self.assertEqual(done.returncode, 2)
        document = json.loads(done.stdout)
        self.assertEqual(list(document), ["schema", "error"])
        self.assertIn("qqq", document["error"]["message"])


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
