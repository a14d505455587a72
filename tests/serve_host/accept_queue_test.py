"""An accept queue that is full, in a network namespace of its own: who is served goes on, who waits is served later."""

import concurrent.futures
import contextlib
import signal
import unittest

import namespace
from host_run import Clients, assert_well, eventually, round_trip, take
from serve_run import Server

BACKLOG = 1
VISITORS = 6


def overflows(net):
    """ListenOverflows of the namespace (/proc/net/netstat)."""
    with net.inside(), open("/proc/thread-self/net/netstat") as netstat:
        names, values = [line.split() for line in netstat if line.startswith("TcpExt:")]
    return int(values[names.index("ListenOverflows")])


class FullQueue(unittest.TestCase):
    def setUp(self):
        self.net = namespace.Namespace()
        self.addCleanup(self.net.close)

    def serve(self, *words):
        with self.net.inside():
            return Server("--json", "--backlog", str(BACKLOG), *words)

    def visit(self, server):
        """A client that knocks every now and then until it is let in (tcp(7)), says something, hears it, and leaves."""
        with self.net.inside():
            connection = server.connect()
        with connection:
            return round_trip(connection, b"mine")

    @contextlib.contextmanager
    def visitors(self, server):
        """They are on their way at the beginning of a with block, some in vain; all have been served at its end."""
        with concurrent.futures.ThreadPoolExecutor(VISITORS) as pool:
            visits = [pool.submit(self.visit, server) for _ in range(VISITORS)]
            self.assertTrue(eventually(lambda: overflows(self.net) > 0))
            yield
            self.assertEqual([visit.result() for visit in visits], [b"mine"] * VISITORS)

    def test_the_established_move_on_and_the_others_come_later(self):
        with self.serve("--max-connections", "1") as server, Clients(server) as clients:
            with self.net.inside():
                established, = clients.connect()
            self.assertEqual(round_trip(established), b"?")
            with self.visitors(server):
                for _ in range(1000):
                    self.assertEqual(round_trip(established, b"x" * 100), b"x" * 100)
                server.wait_for_event("health", lambda event: event["overflows"])
                clients.leave(1)
            assert_well(self, server, clients)

    def test_a_stop_fills_it_and_a_continuation_empties_it(self):
        with self.serve() as server, Clients(server) as clients:
            with self.net.inside():
                established, = clients.connect()
            server.signal(signal.SIGSTOP)
            with self.visitors(server):
                established.sendall(b"and I")
                server.signal(signal.SIGCONT)
                self.assertEqual(take(established, 5), b"and I")
            server.wait_for_event("health", lambda event: event["overflows"])
            assert_well(self, server, clients)


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
