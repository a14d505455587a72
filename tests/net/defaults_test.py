"""What nobody asked for comes from the sysctls of the namespace the program runs in."""

import unittest

from namespace import skip_unless_possible
from probe import Listener, probe, run_probe, words_of
from probe_case import LoopbackCase, PairCase


class Defaults(LoopbackCase):
    def assert_follows(self, sysctl, value, symbol, note=()):
        before = self.probe()["options"][symbol]
        self.assertEqual((before["origin"], before["sysctl"]), ("sysctl", sysctl), before)
        self.assertNotEqual(before["value"], value, "the test changes nothing")
        self.namespace.set_sysctl(sysctl, value)
        self.assert_row(self.probe(), symbol, value=value, requested=None, origin="sysctl", sysctl=sysctl,
                        note=[sysctl, *note])

    def text(self, *options):
        return run_probe(self.namespace, *words_of(options), columns=1000).stdout

    def test_keepalive(self):
        self.assert_follows("net.ipv4.tcp_keepalive_time", 1234, "TCP_KEEPIDLE")
        self.assert_follows("net.ipv4.tcp_keepalive_intvl", 12, "TCP_KEEPINTVL")
        self.assert_follows("net.ipv4.tcp_keepalive_probes", 5, "TCP_KEEPCNT")

    def test_keepalive_switched_on_counts_with_them(self):
        self.namespace.set_sysctl("net.ipv4.tcp_keepalive_time", 100)
        self.namespace.set_sysctl("net.ipv4.tcp_keepalive_intvl", 10)
        self.namespace.set_sysctl("net.ipv4.tcp_keepalive_probes", 3)
        self.assertIsNone(self.probe()["limits"]["dead_peer_idle_ms"])
        document = self.probe("keepalive")
        self.assertEqual(document["limits"]["dead_peer_idle_ms"], 130_000)
        self.assertNotIn("keepalive is off", document["options"]["TCP_KEEPIDLE"]["note"])

    def test_asking_for_what_the_sysctl_says_is_asking(self):
        self.namespace.set_sysctl("net.ipv4.tcp_keepalive_time", 1234)
        self.assert_row(self.probe("keepidle=1234s"), "TCP_KEEPIDLE", value=1234, requested=1234, origin="requested",
                        sysctl=None)

    def test_connect_retries(self):
        self.assert_follows("net.ipv4.tcp_syn_retries", 3, "TCP_SYNCNT")
        self.assertRegex(self.text(), r"connect gives up .*net\.ipv4\.tcp_syn_retries = 3")
        self.assertRegex(self.text("syncnt=4"), r"connect gives up .*TCP_SYNCNT = 4")

    def test_bounds_of_the_retransmission_timeout(self):
        for sysctl, value, symbol in (("net.ipv4.tcp_rto_min_us", 40000, "TCP_RTO_MIN_US"),
                                      ("net.ipv4.tcp_rto_max_ms", 5000, "TCP_RTO_MAX_MS")):
            with self.subTest(sysctl):
                if self.probe()["options"][symbol]["value"] is None:
                    self.skipTest(f"this kernel has no {symbol}")
                self.assert_follows(sysctl, value, symbol)

    def test_fin_timeout(self):
        self.assert_follows("net.ipv4.tcp_fin_timeout", 17, "TCP_LINGER2")

    def test_time_to_live(self):
        self.assert_follows("net.ipv4.ip_default_ttl", 77, "IP_TTL")

    def test_congestion_control(self):
        other = "reno" if self.namespace.sysctl("net.ipv4.tcp_congestion_control") != "reno" else "cubic"
        self.assert_follows("net.ipv4.tcp_congestion_control", other, "TCP_CONGESTION")

    def test_not_sent_low_water_mark(self):
        self.namespace.set_sysctl("net.ipv4.tcp_notsent_lowat", 131072)
        self.assert_row(self.probe(), "TCP_NOTSENT_LOWAT", value=0, requested=None, origin="sysctl",
                        sysctl="net.ipv4.tcp_notsent_lowat", note=["net.ipv4.tcp_notsent_lowat = 131072"])

    def test_user_timeout_of_zero_leaves_it_to_retries2(self):
        for retries in (3, 5):
            self.namespace.set_sysctl("net.ipv4.tcp_retries2", retries)
            self.assert_row(self.probe(), "TCP_USER_TIMEOUT", value=0, requested=None, origin="kernel default",
                            sysctl="net.ipv4.tcp_retries2", note=[f"net.ipv4.tcp_retries2 = {retries}"])

    def test_untouched_switches_are_kernel_defaults(self):
        document = self.probe()
        for symbol in ("TCP_NODELAY", "SO_KEEPALIVE", "SO_REUSEADDR", "TCP_CORK"):
            self.assert_row(document, symbol, value=False, requested=None, origin="kernel default", sysctl=None)

    def test_sysctls_are_those_of_the_namespace(self):
        self.namespace.set_sysctl("net.ipv4.tcp_retries2", 9)
        self.assertEqual(self.probe()["sysctls"]["net.ipv4.tcp_retries2"]["value"], 9)

    def test_every_value_has_an_origin_that_is_known(self):
        rows = self.probe()["options"]
        unknown = [symbol for symbol, row in rows.items() if row["value"] is not None and row["origin"] == "unknown"]
        self.assertEqual(unknown, [])

class Route(PairCase):
    def test_may_choose_the_congestion_control(self):
        held = self.here.sysctl("net.ipv4.tcp_congestion_control")
        other = next(name for name in self.here.sysctl("net.ipv4.tcp_available_congestion_control").split()
                     if name != held)
        self.here.ip("route", "replace", "10.77.0.0/24", "dev", "va", "src", self.pair.HERE, "congctl", other)
        with Listener(self.there, self.pair.THERE) as listener:
            document = probe(self.here, listener.target)
        self.assert_row(document, "TCP_CONGESTION", value=other, requested=None, origin="unknown", sysctl=None,
                        note=[f"net.ipv4.tcp_congestion_control = {held}", "route"])


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
