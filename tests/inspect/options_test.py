"""What a process set is what inspect tells, option by option, and nothing else is told as set.

usage: options_test.py DUMP_OPTIONS
"""

import re
import socket
import struct
import subprocess
import sys
import unittest

import namespace
from inspect_case import Holder, by_inode, inspect, inspected
from python_oracle_test import DECODERS, MOVING, NEVER_READ, expected_reasons

SOL, TCP, IP = socket.SOL_SOCKET, socket.IPPROTO_TCP, socket.IPPROTO_IP
# {symbol: (level, number, what is set, what is told)}
CHOSEN = {
    "TCP_NODELAY": (TCP, 1, 1, True),
    "TCP_CORK": (TCP, 3, 1, True),
    "SO_KEEPALIVE": (SOL, 9, 1, True),
    "TCP_KEEPIDLE": (TCP, 4, 77, 77),
    "TCP_KEEPINTVL": (TCP, 5, 11, 11),
    "TCP_KEEPCNT": (TCP, 6, 4, 4),
    "TCP_USER_TIMEOUT": (TCP, 18, 12_345, 12_345),
    "SO_LINGER": (SOL, 13, struct.pack("@ii", 1, 7), {"onoff": 1, "linger": 7}),
    "TCP_NOTSENT_LOWAT": (TCP, 25, 16_384, 16_384),
    "SO_RCVBUF": (SOL, 8, 50_000, 100_000),
    "SO_SNDBUF": (SOL, 7, 60_000, 120_000),
    "TCP_CONGESTION": (TCP, 13, b"reno", "reno"),
    "IP_TOS": (IP, 1, 0x28, 0x28),
    "SO_REUSEPORT": (SOL, 15, 1, True),
    "SO_PRIORITY": (SOL, 12, 3, 3),
}
BUF_LOCK = 72
BOTH_LOCKED = 3


def choose(holder, name):
    for level, number, value, _ in CHOSEN.values():
        holder.do(f"{name}.setsockopt({level}, {number}, {value!r})")


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.here = namespace.Namespace()
        cls.addClassCleanup(cls.here.close)
        cls.here.set_sysctl("net.ipv4.tcp_keepalive_time", 1234)
        cls.holder = Holder(cls.here)
        cls.addClassCleanup(cls.holder.__exit__)
        cls.port = cls.holder.connect()
        choose(cls.holder, "client")
        cls.inodes = {name: cls.holder.inode(name) for name in ("listener", "client", "server")}

    def rows(self, *words):
        rows = by_inode(inspected(*words, namespace=self.here))
        self.assertEqual(set(rows), set(self.inodes.values()))
        return {name: rows[inode] for name, inode in self.inodes.items()}

    def test_each_option_set(self):
        for words in (("--pid", self.holder.pid), ("--port", self.port), ("--pid", self.holder.pid, "--all")):
            rows = self.rows(*words)
            for symbol, (_, _, _, told) in CHOSEN.items():
                with self.subTest(symbol=symbol, words=words):
                    if symbol not in rows["client"]["options"]:
                        self.assertNotIn("--all", words)
                        continue
                    self.assertEqual(rows["client"]["options"][symbol]["value"], told)
                    self.assertNotEqual(rows["server"]["options"][symbol]["value"], told)

    def test_pinned_buffers(self):
        rows = self.rows("--pid", self.holder.pid)
        self.assertEqual(rows["client"]["options"]["SO_BUF_LOCK"]["value"], BOTH_LOCKED)
        self.assertEqual(rows["server"]["options"]["SO_BUF_LOCK"]["value"], 0)
        self.assertIn("set explicitly", rows["client"]["options"]["SO_RCVBUF"]["note"])
        self.assertIn(rows["server"]["options"]["SO_RCVBUF"]["sysctl"], ("net.ipv4.tcp_rmem", "net.core.rmem_default"))

    def test_where_values_come_from(self):
        rows = self.rows("--pid", self.holder.pid, "--all")
        idle = rows["server"]["options"]["TCP_KEEPIDLE"]
        self.assertEqual((idle["value"], idle["origin"], idle["sysctl"]),
                         (1234, "sysctl", "net.ipv4.tcp_keepalive_time"))
        # Python's create_server() sets SO_REUSEADDR, and accepted sockets inherit it.
        for name, note in (("listener", "set by the program"), ("server", "as its listener has it")):
            chosen = [symbol for symbol, option in rows[name]["options"].items() if option["note"] == note]
            self.assertEqual(chosen, ["SO_REUSEADDR"])
        self.assertEqual(rows["server"]["options"]["SO_REUSEADDR"]["origin"], "inherited")
        set_by_program = {symbol for symbol, option in rows["client"]["options"].items()
                          if option["note"] == "set by the program"}
        self.assertEqual(set_by_program - set(CHOSEN), set())

    def test_the_line_names_what_was_set(self):
        done = inspect("--pid", self.holder.pid, namespace=self.here)
        self.assertEqual(done.returncode, 0, done.stderr)
        cells = re.split(r"\n(?=\S)", done.stdout)
        [client] = [cell for cell in cells if re.search(rf" 127\.0\.0\.1:\d+ +127\.0\.0\.1:{self.port}\s", cell)]
        told = " ".join(client.split())
        for word in ("nodelay on", "cork on", "keepalive on", "keepidle 77 s", "keepintvl 11 s", "keepcnt 4",
                     "user-timeout 12345 ms", "linger 7 s", "notsent-lowat 16384", "rcvbuf 100000", "sndbuf 120000",
                     "congestion reno", "tos 40"):
            self.assertIn(word, told)
        for cell in cells:
            if cell is not client:
                self.assertNotRegex(cell, "nodelay|keep|linger|cork|rcvbuf|congestion")

    def test_what_was_accepted_inherits(self):
        with Holder(self.here) as other:
            port = other.ask("listener.getsockname()[1]", "listener = socket.create_server(('127.0.0.1', 0))")
            other.do("listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 4321)\n"
                     f"client = socket.create_connection(('127.0.0.1', {port}))\nserver = listener.accept()[0]")
            row = by_inode(inspected("--pid", other.pid, namespace=self.here))[other.inode("server")]
        self.assertEqual(row["options"]["TCP_USER_TIMEOUT"]["value"], 4321)


def as_text(value):
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict):
        value = list(value.values())
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


class EveryOption(unittest.TestCase):
    """Against what the process itself reads."""

    ASK = """
def read(held, level, number, size):
    try:
        return held.getsockopt(level, number, size)
    except OSError as error:
        return error.errno
"""

    def setUp(self):
        with socket.socket() as any_socket:
            dump = subprocess.run([sys.argv[1], str(any_socket.fileno())], pass_fds=[any_socket.fileno()], check=True,
                                  stdout=subprocess.PIPE, text=True)
        self.catalogue = [line.split(" ", 5)[:5] for line in dump.stdout.splitlines()]

    def own_readings(self, holder, name, told):
        address_size = 28 if ":" in holder.ask(f"{name}.getsockname()[0]") else 16
        calls = ", ".join(
            f"{symbol!r}: read({name}, {level}, {number}, {address_size if kind == 'Address' else size})"
            for symbol, level, number, kind, size in self.catalogue if f"?{told[symbol]['reason']}" not in NEVER_READ)
        kinds = {symbol: kind for symbol, _, _, kind, _ in self.catalogue}
        read = holder.ask(f"{{{calls}}}")
        return {symbol: data if isinstance(data, int) else DECODERS[kinds[symbol]](data)
                for symbol, data in read.items()}

    def compare(self, holder, name, inspect_now):
        told = by_inode(inspect_now())[holder.inode(name)]["options"]
        before = self.own_readings(holder, name, told)
        told = by_inode(inspect_now())[holder.inode(name)]["options"]
        after = self.own_readings(holder, name, told)
        self.assertEqual(set(told), {row[0] for row in self.catalogue})
        values = 0
        for symbol, own in before.items():
            with self.subTest(socket=name, symbol=symbol):
                if isinstance(own, int):
                    self.assertIsNone(told[symbol]["value"])
                    self.assertIn(f"?{told[symbol]['reason']}", expected_reasons(own))
                elif symbol in MOVING:
                    passed, most = ((int(late) - int(own)) % 2**32 for late in (told[symbol]["value"], after[symbol]))
                    self.assertLessEqual(passed, most)
                else:
                    self.assertIn(as_text(told[symbol]["value"]), (own, after[symbol]))
                    values += 1
        return values

    def test_equals_what_python_reads(self):
        with namespace.Namespace() as here:
            for address in ("127.0.0.1", "::1"):
                with Holder(here) as holder:
                    holder.connect(address)
                    choose(holder, "client")
                    holder.do(self.ASK)
                    for name in ("listener", "client", "server"):
                        values = self.compare(holder, name,
                                              lambda: inspected("--pid", holder.pid, "--all", namespace=here))
                        self.assertGreater(values, 70)


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
