"""A receive buffer that is enlarged after the handshake, in another process, and what its window scale makes of it."""

import unittest

from finding_case import LONG_PATH, LONG_PATH_RTT_S, PORT, FindingCase
from inspect_case import Holder, inspected
from path_lab import skip_unless_possible

SMALL, LARGE = 16384, 1_000_000
# It reads for three seconds after it has enlarged the buffer, and tells how much a second came.
RECEIVE = f"""
import time
client = socket.socket()
if before: client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, before)
client.connect((address, {PORT}))
client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, {LARGE})
until, count, begun = time.monotonic() + 3, 0, time.monotonic()
while time.monotonic() < until: count += len(client.recv(1 << 20))
rate = count / (time.monotonic() - begun)
"""


class LateBuffer(FindingCase):
    def receive(self, lab, before):
        """Bytes a second with a buffer of that size in the handshake, and what inspect then reports of the socket."""
        with self.serving(lab, "--mode", "source"), Holder(namespace=lab.near) as holder:
            holder.do(f"address, before = {lab.FAR!r}, {before}")
            rate = holder.ask("rate", RECEIVE)
            report = inspected("--pid", holder.pid, namespace=lab.near)
            return rate, report["sockets"][0]

    def test_a_buffer_enlarged_after_the_handshake_is_no_window(self):
        lab = self.path(**LONG_PATH)
        limited, socket = self.receive(lab, SMALL)
        finding = self.found(socket, "F03", "warning")
        evidence = finding["evidence"]
        self.assertEqual((evidence["rcv_wscale"], evidence["greatest_window_bytes"]), (0, 65535))
        self.assertLess(limited, 65535 / LONG_PATH_RTT_S)
        self.assertIn("set SO_RCVBUF before connect(2)", finding["remedy"])

        mended, socket = self.receive(lab, LARGE)
        self.assert_gone(socket, "F03")
        self.assertGreater(mended, 2.5 * limited)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
