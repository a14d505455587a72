"""IPv4 and IPv6: which rows apply, and what the others say."""

import unittest

from namespace import skip_unless_possible
from probe import Listener, probe, window_scales
from probe_case import LoopbackCase, PairCase


class OwnPeer(LoopbackCase):
    def test_ipv6(self):
        document = self.probe("tclass=32", words=["-6"])
        self.assertEqual(document["target"]["family"], "IPv6")
        self.assertTrue(document["peer"].startswith("[::1]:"), document["peer"])
        self.assert_row(document, "IPV6_TCLASS", value=32, requested=32, origin="requested", reason=None)
        self.assert_row(document, "IPV6_V6ONLY", value=False, origin="sysctl", sysctl="net.ipv6.bindv6only")
        self.assert_row(document, "IPV6_UNICAST_HOPS", value=64, requested=None)

    def test_ipv6_hop_limit_of_the_namespace(self):
        self.namespace.set_sysctl("net.ipv6.conf.all.hop_limit", 99)
        self.namespace.set_sysctl("net.ipv6.conf.lo.hop_limit", 99)
        row = self.probe(words=["-6"])["options"]["IPV6_UNICAST_HOPS"]
        self.assertEqual((row["value"], row["origin"]), (99, "sysctl"), row)

    def test_rows_of_ipv6_do_not_apply_to_ipv4(self):
        document = self.probe(words=["-4"])
        self.assertEqual(document["target"]["family"], "IPv4")
        rows = {symbol: row for symbol, row in document["options"].items() if symbol.startswith("IPV6_")}
        self.assertGreater(len(rows), 10)
        for symbol, row in rows.items():
            self.assertEqual((row["value"], row["reason"]), (None, "not applicable"), symbol)

    def test_both_families_have_the_same_rows(self):
        self.assertEqual(list(self.probe(words=["-4"])["options"]), list(self.probe(words=["-6"])["options"]))

    def test_every_missing_value_has_a_reason(self):
        for family in ("-4", "-6"):
            rows = self.probe(words=[family])["options"]
            self.assertEqual([symbol for symbol, row in rows.items() if (row["value"] is None) != bool(row["reason"])],
                             [])

    def test_every_value_has_an_origin_that_is_known(self):
        for family in ("-4", "-6"):
            rows = self.probe(words=[family])["options"]
            unknown = [symbol for symbol, row in rows.items()
                       if row["value"] is not None and row["origin"] == "unknown"]
            self.assertEqual(unknown, [], family)


class Peers(PairCase):
    def test_ipv6_peer(self):
        with Listener(self.there, self.pair.THERE6) as listener:
            document = probe(self.here, "-o", "rcvbuf=65536", listener.target)
            with listener.accept() as connection:
                self.assertEqual(window_scales(connection)[0], document["negotiated"]["rcv_wscale"])
        self.assertEqual(document["peer"], listener.target)
        self.assertEqual(document["negotiated"]["mss"], 1500 - 40 - 20 - 12)
        self.assert_row(document, "SO_RCVBUF", value=131072, requested=65536, origin="requested")
        self.assert_row(document, "IPV6_MTU", value=1500, origin="autotuned")


class NoIpv6(LoopbackCase):
    def test_switched_off(self):
        self.namespace.set_sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        self.assert_row(self.probe(), "IPV6_TCLASS", value=None, reason="not applicable")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
