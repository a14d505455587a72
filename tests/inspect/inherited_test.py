"""Of a connection that was accepted, inspect tells what it has from its listener from what was set on it."""

import unittest

from inspect_case import InNamespace, by_inode, inspect, inspected

LISTEN = """
listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
for number, value in ((1, 1), (4, 1800), (18, 9000)):  # TCP_NODELAY, TCP_KEEPIDLE, TCP_USER_TIMEOUT
    listener.setsockopt(socket.IPPROTO_TCP, number, value)
listener.bind((address, 0))
listener.listen()
client = socket.create_connection(("127.0.0.1", listener.getsockname()[1]))
server = listener.accept()[0]
server.setsockopt(socket.IPPROTO_TCP, 18, 5000)
client.setsockopt(socket.IPPROTO_TCP, 1, 1)
"""


class Inherited(InNamespace):
    def setUp(self):
        super().setUp()
        self.holder = self.hold()

    def listen(self, address):
        self.holder.do(f"address = {address!r}")
        return self.holder.ask("listener.getsockname()[1]", LISTEN)

    def origins(self, name, *words):
        rows = by_inode(inspected("--pid", self.holder.pid, *words, namespace=self.here))
        options = rows[self.holder.inode(name)]["options"]
        return {symbol: options[symbol]["origin"] for symbol in ("TCP_NODELAY", "TCP_KEEPIDLE", "TCP_USER_TIMEOUT")}

    def check_server(self, *words):
        self.assertEqual(self.origins("server", *words), {"TCP_NODELAY": "inherited", "TCP_KEEPIDLE": "inherited",
                                                          "TCP_USER_TIMEOUT": "unknown"})

    def test_in_a_list(self):
        self.listen("127.0.0.1")
        self.check_server()

    def test_from_a_listener_that_the_selectors_leave_out(self):
        port = self.listen("127.0.0.1")
        self.check_server("--local", f":{port}", "--state", "established")

    def test_of_every_option(self):
        self.listen("0.0.0.0")
        self.check_server("--all")

    def test_from_a_listener_for_both_families(self):
        self.listen("::")
        self.check_server()

    def test_not_of_what_was_not_accepted(self):
        self.listen("127.0.0.1")
        self.assertEqual(self.origins("client"), {"TCP_NODELAY": "unknown", "TCP_KEEPIDLE": "sysctl",
                                                  "TCP_USER_TIMEOUT": "kernel default"})
        self.assertEqual(self.origins("listener")["TCP_NODELAY"], "unknown")

    def test_not_of_a_listener_that_was_closed(self):
        self.listen("127.0.0.1")
        self.holder.do("listener.close()")
        self.assertEqual(self.origins("server")["TCP_NODELAY"], "unknown")

    def test_is_still_told_as_differing(self):
        port = self.listen("127.0.0.1")
        words = ("--pid", self.holder.pid, "--local", f":{port}", "--port", port)
        line = " ".join(inspect(*words, namespace=self.here).stdout.split())
        self.assertEqual(line.count("nodelay on"), 2)
        self.assertEqual(line.count("keepidle 1800 s"), 2)


if __name__ == "__main__":
    unittest.main()
