"""Thousands of connections that do nothing cost next to nothing."""

import itertools
import unittest

from host_run import LONG, assert_well, cpu_share, descriptors_for, round_trip
from serve_run import Server

# A source address for each thousand, for the ports of one would run out.
SOURCES = [f"127.0.{number}.1" for number in range(1, 100)]
PER_SOURCE = 1000


class IdleConnections(unittest.TestCase):

    def setUp(self):
        self.connections = []
        self.addCleanup(lambda: [connection.close() for connection in self.connections])

    def connect(self, server, count):
        sources = itertools.chain.from_iterable([source] * PER_SOURCE for source in SOURCES)
        for source, _ in zip(sources, range(count)):
            self.connections.append(server.connect(source_address=(source, 0)))

    def test_they_use_less_than_a_hundredth_of_a_processor_and_are_all_there_afterwards(self):
        count = descriptors_for(20_000 if LONG else 3000)
        words = ("--max-connections", str(count), "--idle-timeout", "10m", "--backlog", "4096")
        with Server(*words) as server:
            self.connect(server, count)
            self.assertEqual(round_trip(self.connections[-1]), b"?")  # accepted in order: all are in
            self.assertLess(cpu_share(server.pid, 60 if LONG else 5), 0.01)
            for connection in self.connections:
                self.assertEqual(round_trip(connection), b"?")
            for connection in self.connections:
                connection.close()
            assert_well(self, server)


if __name__ == "__main__":
    unittest.main()
