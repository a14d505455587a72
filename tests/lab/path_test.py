"""The path does what was asked, as counted by itself and as measured by the kernel's TCP."""

import socket
import time
import unittest

from lab_case import (LabCase, min_rtt_us, out_of_order_packets, read_exactly, retransmissions, round_trip, rtt_us,
                      transfer, wait_until)
from path_lab import skip_unless_possible

RTT_SLACK_US = 1500  # of the best of many: what two wake-ups and four passes through the kernel may take
PAYLOAD_SHARE = 1448 / 1500  # of a packet's bytes: IPv4, TCP and its timestamps take the rest
FAMILIES = (socket.AF_INET, socket.AF_INET6)


def standard_deviation(count, share):
    return (count * share * (1 - share)) ** 0.5


def send_numbers(near, count):
    for number in range(count):
        near.send(number.to_bytes(4, "big"))


def receive_numbers(far, count):
    return [int.from_bytes(far.recv(100), "big") for _ in range(count)]


class Delay(LabCase):
    def assert_rtt(self, asked_us, family=socket.AF_INET, **settings):
        """The kernel's shortest round trip is the one asked for; a busy machine gets more attempts."""
        near, far = self.connect(self.path(**settings), family)
        for attempt in range(400):
            round_trip(near, far)
            if attempt >= 20 and min_rtt_us(near) <= asked_us + RTT_SLACK_US:
                break
        self.assertGreaterEqual(min_rtt_us(near), asked_us)
        self.assertLessEqual(min_rtt_us(near), asked_us + RTT_SLACK_US)

    def test_tcp_measures_twice_the_delay(self):
        for family in FAMILIES:
            self.assert_rtt(50_000, family, delay="25ms")

    def test_each_direction_has_its_own(self):
        self.assert_rtt(25_000, delay="20ms/5ms")

    def test_a_path_without_delay_takes_next_to_nothing(self):
        self.assert_rtt(0)

    def test_jitter_spreads_round_trips_over_its_range(self):
        near, far = self.connect(self.path(delay="5ms", jitter="20ms"))
        times = sorted(round_trip(near, far) for _ in range(60))
        self.assertGreaterEqual(times[0], 0.010)
        self.assertGreaterEqual(times[-5] - times[4], 0.010)  # of up to 40 ms, the outer ones apart

    def test_jitter_keeps_the_order(self):
        near, far = self.datagrams(self.path(delay="1ms", jitter="20ms"))
        send_numbers(near, 500)
        self.assertEqual(receive_numbers(far, 500), list(range(500)))


class Rate(LabCase):
    def assert_rate(self, lab, ends, bits_per_second):
        """Of up to five transfers none is faster, and the best one no more than a tenth slower."""
        count = bits_per_second // 8 * 2
        best = 0
        ends[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")  # it keeps the queue filled
        for _ in range(5):
            best = max(best, count * 8 / transfer(*ends, count))
            self.assertLess(best, bits_per_second * PAYLOAD_SHARE)
            if best > bits_per_second * 0.9:
                return
        self.fail(f"{best} of {bits_per_second} bit/s: {lab.counters()}")

    def test_bulk_reaches_the_rate_and_never_more(self):
        lab = self.path(delay="2ms", rate="10M")
        self.assert_rate(lab, self.connect(lab), 10_000_000)

    def test_each_direction_has_its_own(self):
        lab = self.path(delay="2ms", rate="16M/4M")
        near, far = self.connect(lab)
        self.assert_rate(lab, (near, far), 16_000_000)
        self.assert_rate(lab, (far, near), 4_000_000)


class Queue(LabCase):
    def test_what_does_not_fit_is_dropped(self):
        lab = self.path(rate="1M", queue="20p")
        near, far = self.datagrams(lab)
        begun = time.monotonic()
        for _ in range(200):
            near.send(bytes(1000))
        out = self.settle(lab, 200)["near_to_far"]
        taken = time.monotonic() - begun
        self.assertEqual(out["packets"], 200)
        self.assertEqual(out["dropped"]["queue"], 200 - out["delivered_packets"])
        self.assertGreaterEqual(out["delivered_packets"], 20)
        self.assertLessEqual(out["delivered_packets"], 20 + taken * 1_000_000 / 8 / 1028)
        self.assertEqual(len(far.recv(2000)), 1000)

    def test_a_full_queue_is_time(self):
        near, far = self.connect(self.path(delay="2ms", rate="8M", queue="100K"))  # 102 ms of it
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")  # cubic stops when round trips lengthen
        for _ in range(5):
            round_trip(near, far)
        self.assertLess(min_rtt_us(near), 50_000)
        longest_us = 0
        for _ in range(20):  # until the window has grown
            transfer(near, far, 500_000)
            longest_us = max(longest_us, rtt_us(near))
            if longest_us > 80_000:
                return
        self.fail(f"a round trip of at most {longest_us} us")

    def test_tcp_fills_a_short_queue_and_loses_packets(self):
        lab = self.path(delay="2ms", rate="8M", queue="10p")
        near, far = self.connect(lab)
        transfer(near, far, 1_000_000)
        self.assertGreater(lab.counters()["near_to_far"]["dropped"]["queue"], 0)
        self.assertGreater(retransmissions(near), 0)


class Loss(LabCase):
    def test_it_is_as_frequent_as_asked(self):
        for share, asked in ((0.03, "3%"), (0.2, "20%")):
            lab = self.path(loss=f"{asked}/0%")
            near, _ = self.datagrams(lab)
            send_numbers(near, 8000)
            lost = self.settle(lab, 8000)["near_to_far"]["dropped"]["loss"]
            self.assertLess(abs(lost - 8000 * share), 4 * standard_deviation(8000, share))

    def test_what_was_not_lost_arrives(self):
        lab = self.path(loss="10%")
        near, far = self.datagrams(lab)
        send_numbers(near, 1000)
        delivered = self.settle(lab, 1000)["near_to_far"]["delivered_packets"]
        numbers = receive_numbers(far, delivered)
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertLess(delivered, 1000)

    def arrived(self, seed):
        lab = self.path(loss="10%", seed=seed)
        near, far = self.datagrams(lab)
        send_numbers(near, 500)
        return receive_numbers(far, self.settle(lab, 500)["near_to_far"]["delivered_packets"])

    def test_the_same_seed_loses_the_same_packets(self):
        self.assertEqual(self.arrived(seed=7), self.arrived(seed=7))
        self.assertNotEqual(self.arrived(seed=7), self.arrived(seed=8))

    def test_tcp_sends_again_what_was_lost(self):
        lab = self.path(delay="2ms", loss="2%/0%")
        near, far = self.connect(lab)
        transfer(near, far, 2_000_000)
        lost = lab.counters()["near_to_far"]["dropped"]["loss"]
        self.assertGreater(lost, 0)
        self.assertGreaterEqual(retransmissions(near), lost // 2)  # what was lost may have been needless

    def test_listed_packets_are_lost_and_no_others(self):
        lab = self.path(delay="2ms", lose="3,5")
        near, far = self.connect(lab)
        for _ in range(10):
            round_trip(near, far)
        out = lab.counters()["near_to_far"]
        self.assertEqual(out["dropped"]["listed"], 2)
        self.assertEqual(sum(out["dropped"].values()), 2)
        self.assertGreaterEqual(retransmissions(near), 2)

    def test_a_path_without_loss_loses_nothing(self):
        lab = self.path(delay="2ms")
        near, far = self.connect(lab)
        transfer(near, far, 2_000_000)
        counters = self.settle(lab)
        for one in counters.values():
            self.assertEqual((sum(one["dropped"].values()), one["missed"]), (0, 0), counters)


class Reordering(LabCase):
    def received_out_of_order(self, **settings):
        lab = self.path(delay="2ms", rate="50M", **settings)
        near, far = self.connect(lab)
        transfer(near, far, 2_000_000)
        return out_of_order_packets(far), lab.counters()["near_to_far"]["held_back"]

    def test_tcp_sees_packets_overtake_others(self):
        seen, held_back = self.received_out_of_order(reorder="3%")
        self.assertGreater(held_back, 0)
        self.assertGreater(seen, 0)

    def test_order_is_kept_unless_asked(self):
        self.assertEqual(self.received_out_of_order(), (0, 0))


class Size(LabCase):
    def test_larger_packets_vanish_and_nobody_is_told(self):
        lab = self.path(drop_larger=1000)
        near, far = self.datagrams(lab)
        near.send(bytes(1000 - 28))  # IPv4 and UDP headers
        near.send(bytes(1001 - 28))
        near.send(b"last")
        self.assertEqual([len(far.recv(2000)) for _ in range(2)], [972, 4])
        counters = self.settle(lab)
        self.assertEqual(counters["near_to_far"]["dropped"]["larger"], 1)
        self.assertEqual(counters["far_to_near"]["packets"], 0)

    def test_tcp_is_stuck_until_they_pass(self):
        lab = self.path(drop_larger=1000)
        near, far = self.connect(lab)
        round_trip(near, far)
        near.sendall(bytes(1448))
        wait_until(lambda: lab.counters()["near_to_far"]["dropped"]["larger"] >= 3, "retransmissions that are lost")
        far.setblocking(False)
        self.assertRaises(BlockingIOError, far.recv, 1)
        far.settimeout(20)
        lab.change("drop-larger none")
        self.assertEqual(len(read_exactly(far, 1448)), 1448)

    def test_the_mtu_is_that_of_both_devices(self):
        for mtu in (576, 9000):
            near, far = self.connect(self.path(mtu=mtu))
            for end in (near, far):
                self.assertEqual(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG), mtu - 40 - 12)
            transfer(near, far, 300_000)


class Memory(LabCase):
    def test_an_idle_flow_is_forgotten_without_a_word(self):
        lab = self.path(forget_idle="1h")
        near, far = self.connect(lab)
        round_trip(near, far)
        lab.change("forget-idle 100ms")
        time.sleep(0.3)  # what is tested is that nothing happens for so long
        near.sendall(b"?")
        wait_until(lambda: lab.counters()["near_to_far"]["dropped"]["forgotten"] >= 2, "a retransmission")
        far.sendall(b"!")
        wait_until(lambda: lab.counters()["far_to_near"]["dropped"]["forgotten"] >= 1, "nothing passes back")
        for end in (near, far):
            end.setblocking(False)
            self.assertRaises(BlockingIOError, end.recv, 1)

    def test_a_new_connection_passes(self):
        lab = self.path(forget_idle="1h")
        first = self.connect(lab)
        lab.change("forget-idle 1ms")
        time.sleep(0.1)
        first[0].sendall(b"?")
        wait_until(lambda: lab.counters()["near_to_far"]["dropped"]["forgotten"] >= 1, "the first one is forgotten")
        lab.change("forget-idle 1h")
        round_trip(*self.connect(lab, port=7001))


class Change(LabCase):
    def test_the_delay_of_a_connection_that_is_there(self):
        lab = self.path()
        near, far = self.connect(lab)
        self.assertLess(min(round_trip(near, far) for _ in range(20)), 0.1)
        lab.change("delay 50ms")
        self.assertGreaterEqual(min(round_trip(near, far) for _ in range(5)), 0.1)
        lab.change("delay 0")
        self.assertLess(min(round_trip(near, far) for _ in range(20)), 0.1)

    def test_down_and_up(self):
        lab = self.path()
        near, far = self.datagrams(lab)
        lab.change("down")
        near.send(b"lost")
        wait_until(lambda: lab.counters()["near_to_far"]["dropped"]["down"] == 1, "a packet that is lost")
        lab.change("up")
        near.send(b"not lost")
        self.assertEqual(far.recv(100), b"not lost")

    def test_what_is_wrong_is_refused_and_changes_nothing(self):
        lab = self.path()
        for line in ("loss 101%", "delay", "delay 5ms 5ms", "dely 5ms", "", "delay \x1b[1m"):
            with self.assertRaisesRegex(ValueError, "^error [ -~]+$"):
                lab.change(line)
        round_trip(*self.connect(lab))


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
