"""A client that writes a request in two pieces and then reads: whom Nagle's algorithm and delayed ACKs make wait.

The second piece is held back by the client's kernel until the first is acknowledged (RFC 896, Nagle), and the server's
kernel acknowledges it about 40 ms later unless bytes go back before (RFC 1122, 4.2.3.2). What Linux 6.18 did on
loopback, 30 requests each, slow ones of more than 20 ms:

  request/response server, and its default: quick ACKs asked for once, on accepting     29, of 44 to 52 ms
  the same server, quickack=always                                                       0
  the same server, nodelay on the client                                                 0
  the same server, the request in one write                                              0
  plain echo: the echo of the first piece carries its acknowledgement                    0

The first request of a connection is quick in every case, for it still finds the quick ACKs that were asked for.

Counted, not timed: a busy machine may make single requests slow.
"""

import socket
import time
import unittest

from serve_case import ServeCase, read_exactly

REQUESTS = 30
SLOW_S = 0.02
BY_CHANCE = REQUESTS // 5


class Stall(ServeCase):
    def slow_requests(self, *words, pieces=(b"a", b"b"), nodelay=False):
        with self.start(*words) as server, server.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
            return sum(self.ask(connection, pieces) > SLOW_S for _ in range(REQUESTS))

    def ask(self, connection, pieces):
        """How long one request took, in seconds."""
        begin = time.monotonic()
        for piece in pieces:
            connection.sendall(piece)
        request = b"".join(pieces)
        self.assertEqual(read_exactly(connection, len(request)), request)
        return time.monotonic() - begin

    def test_a_request_in_two_writes_stalls(self):
        self.assertGreaterEqual(self.slow_requests("--reply-every", "2"), REQUESTS - BY_CHANCE)

    def test_quick_acks_after_every_read_end_the_stall(self):
        self.assertLessEqual(self.slow_requests("--reply-every", "2", "-o", "quickack=always"), BY_CHANCE)

    def test_nodelay_on_the_client_ends_the_stall(self):
        self.assertLessEqual(self.slow_requests("--reply-every", "2", nodelay=True), BY_CHANCE)

    def test_a_request_in_one_write_does_not_stall(self):
        self.assertLessEqual(self.slow_requests("--reply-every", "2", pieces=(b"ab",)), BY_CHANCE)

    def test_a_plain_echo_never_stalls(self):
        self.assertLessEqual(self.slow_requests(), BY_CHANCE)


if __name__ == "__main__":
    unittest.main()
