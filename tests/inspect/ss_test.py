"""The same sockets as ss tells of, with the same states, queues, timers, memory and figures; by everybody."""

import contextlib
import shutil
import unittest

import list_ss_test
import namespace
from inspect_case import NOBODY, eventually, inspect, inspected
from skip import skip
from tcpkit_run import validated

TIMERS = {"retransmit": "1", "keepalive": "2", "time-wait": "3", "persist": "4", "delayed-ack": "5"}
MEMORY = {"receive_allocated": "r", "receive_buffer": "rb", "send_allocated": "t", "send_buffer": "tb",
          "forward_allocated": "f", "send_queued": "w", "option_memory": "o", "backlog": "bl", "drops": "d"}
INFO = {"rtt": "rtt_us", "rttvar": "rttvar_us", "rto": "rto_us", "snd_cwnd": "snd_cwnd_segments",
        "snd_mss": "snd_mss_bytes", "bytes_received": "bytes_received", "bytes_acked": "bytes_acked"}
SAME = {"inode": "inode", "uid": "uid", "state": "state", "local": "local", "peer": "peer", "ulp": "ulp",
        "congestion": "congestion", "tos": "tos", "tclass": "traffic_class", "mark": "mark"}


def text(value):
    return "-" if value is None else str(int(value) if isinstance(value, bool) else value)


def as_listed(row):
    """A row of inspect in the words of list_ss_test."""
    queues, timer, memory, info = row["queues"], row["timer"], row["memory"], row["tcp_info"] or {}
    listed = {name: text(row[key]) for name, key in SAME.items()}
    listed |= {"mptcp": text(row["mptcp"]), "cookie": f"{row['cookie']:x}"}
    listed |= {"v6only": text(row["v6only"]), "timer": "0"}
    listening = row["state"] == "listen"
    listed["receive_queue"] = text(queues["accept_queue" if listening else "recv"])
    listed["send_queue"] = text(queues["backlog" if listening else "send"])
    if timer:
        listed |= {"timer": TIMERS[timer["name"]], "timer_ms": text(timer["expires_ms"]),
                   "retries": text(timer["unanswered"])}
    if memory:
        listed["memory"] = ",".join(f"{letter}{memory[key]}" for key, letter in MEMORY.items())
    return listed | {name: text(info.get(key)) for name, key in INFO.items()}


def by_cookie(document):
    return {row["cookie"]: row for row in map(as_listed, document["sockets"])}


def listed(here, *words, **options):
    return by_cookie(inspected(*words, namespace=here, **options))


class AsSs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ss = shutil.which("ss") or shutil.which("ss", path="/usr/sbin:/sbin:/usr/bin:/bin")
        pair = namespace.Pair()
        cls.addClassCleanup(pair.close)
        cls.here = pair.here
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        with cls.here.inside():
            list_ss_test.open_all(stack)

    def compare(self, *words):
        """Timers fire between two looks, so several pairs of looks are allowed."""
        wrong = []

        def agree():
            done = inspect("--json", *words, namespace=self.here)
            other = list_ss_test.theirs(self.here, self.ss)
            mine = by_cookie(validated(done.stdout))  # which takes its time, while timers go on
            wrong[:] = list_ss_test.compare(mine, other) + list_ss_test.told_whole(mine)
            return not wrong
        eventually(agree)
        self.assertEqual(wrong, [])

    def test_without_a_selector(self):
        self.compare()

    def test_with_a_selector_for_all(self):
        self.compare("--local", "0.0.0.0/0", "--local", "[::]/0")

    def test_everybody_sees_the_same(self):
        def places(rows):
            return {row["local"] + row["peer"] for row in rows.values() if row["state"] != "time-wait"}
        root, nobody = listed(self.here), listed(self.here, user=NOBODY)
        self.assertEqual(places(root), places(nobody))
        self.assertIn("42", {row["mark"] for row in root.values()})
        self.assertEqual({row["mark"] for row in nobody.values()}, {"-"})


if __name__ == "__main__":
    namespace.skip_unless_possible()
    if shutil.which("ss", path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
        skip("there is no ss(8)")
    unittest.main()
