"""The handshake: window scale, timestamps, SACK, ECN and segment size; the other end is asked what it saw."""

import unittest

from namespace import skip_unless_possible
from probe import Listener, offered_mss, probe, run_probe, window_scales, words_of
from probe_case import LoopbackCase, PairCase


def scale_of(space):
    """net/ipv4/tcp_output.c, tcp_select_initial_window(): the shift for the greatest window ever wanted."""
    return min(max(space.bit_length() - 1 - 15, 0), 14)


class HandshakeCase(PairCase):
    def setUp(self):
        super().setUp()
        self.listener = Listener(self.there, self.pair.THERE)
        self.addCleanup(self.listener.socket.close)

    def probe(self, *options):
        """The answer of a probe, and the accepted connection of the other end."""
        document = probe(self.here, *words_of(options), self.listener.target)
        connection = self.listener.accept()
        self.addCleanup(connection.close)
        return document, connection

    def remark(self, label, *options):
        """What the text output says behind a value of the handshake."""
        done = run_probe(self.here, *words_of(options), self.listener.target, columns=1000)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.listener.accept().close()
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip().startswith(label + "  ")]
        self.assertEqual(len(lines), 1, done.stdout)
        return lines[0].removeprefix(label).strip()


class WindowScale(HandshakeCase):
    def assert_scale(self, expected, remarks, *options):
        document, connection = self.probe(*options)
        self.assertEqual(document["negotiated"]["rcv_wscale"], expected)
        theirs, own = window_scales(connection)
        self.assertEqual(theirs, expected, "what the peer was told")
        self.assertEqual(document["negotiated"]["snd_wscale"], own)
        self.assert_texts(remarks, self.remark("window scale, ours", *options))

    def maxima(self):
        return int(self.here.sysctl("net.ipv4.tcp_rmem").split()[2]), int(self.here.sysctl("net.core.rmem_max"))

    def test_of_the_greatest_buffer_that_autotuning_may_give(self):
        for most in (self.maxima()[0], 6291456, 65535):
            with self.subTest(most):
                self.here.set_sysctl("net.ipv4.tcp_rmem", f"4096 32768 {most}")
                _, rmem_max = self.maxima()
                told = [rf"tcp_rmem\[2\] = {most}", f"rmem_max = {rmem_max}"]
                self.assert_scale(scale_of(max(most, rmem_max)), told if self.here.shows("net.core.rmem_max") else [])

    def tells_locks(self):
        """Before 5.15 kernels keep it to themselves whether a buffer was set."""
        return self.has(self.probe()[0], "SO_BUF_LOCK")

    def test_of_an_explicit_buffer(self):
        for asked, scale in ((16384, 0), (65536, 1), (131072, 2), (212992, 2), (1000000, 4)):
            with self.subTest(asked):
                if 2 * asked > 2 * self.maxima()[1]:
                    self.skipTest("net.core.rmem_max is smaller than that")
                why = f"receive buffer of {2 * asked}" if self.tells_locks() else "buffer or window clamp"
                self.assert_scale(scale, [why], f"rcvbuf={asked}")

    def test_switched_off_here(self):
        self.here.set_sysctl("net.ipv4.tcp_window_scaling", 0)
        self.assert_scale(0, ["65535", "not asked for: net.ipv4.tcp_window_scaling = 0"])

    def test_not_agreed_by_the_peer(self):
        self.there.set_sysctl("net.ipv4.tcp_window_scaling", 0)
        self.assert_scale(0, ["65535", r"asked for \(net.ipv4.tcp_window_scaling = 1\), not agreed"])

    def test_bounds_the_window_of_the_limits(self):
        if not self.tells_locks():
            self.skipTest("this kernel does not tell what bounds the buffers")
        for namespace in (self.here, self.there):
            namespace.set_sysctl("net.ipv4.tcp_window_scaling", 0)
            document, _ = self.probe()
            self.assertLessEqual(document["limits"]["window_cap_bytes"], 65535)
            self.assertLessEqual(document["limits"]["send_window_cap_bytes"], 65535)

    def test_the_peer_chooses_its_own(self):
        self.there.set_sysctl("net.ipv4.tcp_rmem", "4096 32768 65535")
        document, connection = self.probe()
        self.assertEqual(document["negotiated"]["snd_wscale"], window_scales(connection)[1])
        self.assertNotEqual(document["negotiated"]["snd_wscale"], document["negotiated"]["rcv_wscale"])
        self.assertIn("peer", self.remark("window scale, peer"))


class Features(HandshakeCase):
    def assert_feature(self, key, expected, *remarks):
        document, _ = self.probe()
        self.assertIs(document["negotiated"][key], expected)
        self.assert_texts(remarks, self.remark(key))

    def test_agreed_on(self):
        for key in ("timestamps", "sack"):
            self.assert_feature(key, True)
        self.here.set_sysctl("net.ipv4.tcp_ecn", 1)
        self.there.set_sysctl("net.ipv4.tcp_ecn", 2)
        self.assert_feature("ecn", True)

    def test_switched_off_here(self):
        for key in ("timestamps", "sack", "ecn"):
            with self.subTest(key):
                self.here.set_sysctl(f"net.ipv4.tcp_{key}", 0)
                self.assert_feature(key, False, f"not asked for: net.ipv4.tcp_{key} = 0")

    def test_not_agreed_by_the_peer(self):
        self.here.set_sysctl("net.ipv4.tcp_ecn", 1)
        for key in ("timestamps", "sack", "ecn"):
            with self.subTest(key):
                self.there.set_sysctl(f"net.ipv4.tcp_{key}", 0)
                self.assert_feature(key, False, rf"asked for \(net.ipv4.tcp_{key} = 1\), not agreed by the peer")

    def test_ecn_is_only_accepted_unless_asked_for(self):
        self.here.set_sysctl("net.ipv4.tcp_ecn", 2)
        self.there.set_sysctl("net.ipv4.tcp_ecn", 1)
        self.assert_feature("ecn", False, "not asked for: net.ipv4.tcp_ecn = 2")

    def test_timestamps_without_a_random_offset_are_asked_for_too(self):
        self.here.set_sysctl("net.ipv4.tcp_timestamps", 2)
        self.assert_feature("timestamps", True)
        self.there.set_sysctl("net.ipv4.tcp_timestamps", 0)
        self.assert_feature("timestamps", False, r"asked for \(net.ipv4.tcp_timestamps = 2\)")


class SegmentSize(HandshakeCase):
    def set_mtu(self, mtu):
        self.here.ip("link", "set", "va", "mtu", str(mtu))

    def test_less_the_timestamps(self):
        document, _ = self.probe("maxseg=1000")
        self.assert_row(document, "TCP_MAXSEG", value=988, requested=1000, origin="requested",
                        note=["asked 1000", "12 bytes", "timestamp"])
        self.assert_warnings(document)

    def test_as_asked_without_timestamps(self):
        self.here.set_sysctl("net.ipv4.tcp_timestamps", 0)
        document, _ = self.probe("maxseg=1000")
        self.assert_row(document, "TCP_MAXSEG", value=1000, requested=1000, origin="requested", note=[])
        self.assertNotIn("asked", document["options"]["TCP_MAXSEG"]["note"] or "")
        self.assert_warnings(document)

    def test_less_than_asked_on_a_narrow_path(self):
        self.set_mtu(600)
        document, _ = self.probe("maxseg=1000")
        self.assert_row(document, "TCP_MAXSEG", value=548, requested=1000, origin="requested",
                        note=["asked 1000", "path MTU", "600"])
        self.assert_warnings(document, "maxseg: asked 1000 bytes, got 548 bytes")

    def test_negotiated_when_not_asked_for(self):
        self.set_mtu(1400)
        document, _ = self.probe()
        self.assert_row(document, "TCP_MAXSEG", value=1348, requested=None, origin="negotiated", note=["1400"])
        self.assertEqual(document["negotiated"]["mss"], 1348)
        self.assertEqual(document["options"]["IP_MTU"]["value"], 1400)
        self.assert_texts(["path MTU 1400", "12 bytes"], self.remark("mss"))
        self.here.set_sysctl("net.ipv4.tcp_timestamps", 0)
        self.assertEqual(self.remark("mss").split(maxsplit=1)[0], "1360")
        self.assertNotIn("timestamps", self.remark("mss"))

    def test_the_peer_allows_less(self):
        self.there.ip("link", "set", "vb", "mtu", "1000")
        document, _ = self.probe()
        self.assertEqual(document["negotiated"]["mss"], 948)
        self.assert_texts(["by the peer", "path MTU 1500 allows 1448"], self.remark("mss"))

    def test_what_was_offered_is_told_apart_from_what_is_left_of_it(self):
        for timestamps, offered, left in ((1, 1460, 1448), (0, 1460, 1460)):
            with self.subTest(timestamps=timestamps):
                self.here.set_sysctl("net.ipv4.tcp_timestamps", timestamps)
                self.listener.save_syn()
                document, connection = self.probe()
                self.assertEqual(offered_mss(connection), offered)
                self.assertEqual(document["negotiated"]["advmss"], left)
                self.assert_texts([f"{offered} in the SYN"] if left != offered else [], self.remark("mss offered"))


class HalfOfTheWindow(LoopbackCase):
    """On loopback a segment could be as long as the first window: the kernel takes half of it."""

    def test_is_the_segment_size(self):
        document = self.probe()
        window = document["tcp_info"]["snd_wnd_bytes"]
        self.assertEqual(document["negotiated"]["mss"], window // 2)
        done = run_probe(self.namespace, columns=1000)
        self.assertRegex(done.stdout, rf"mss +{window // 2} .*half of the peer's window of {window}; path MTU 65535")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
