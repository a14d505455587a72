"""`tcpkit serve --one-shot` and the asyncio program it stands in for: clients cannot tell one from the other."""

import re
import unittest

import clients
import held
from servers import OneShotServer, PythonServer, port_of

# What the log of the asyncio program tells of a connection, and who knows better.
LOGGED = {
    "reuseaddr": "SO_REUSEADDR",
    "reuseport": "SO_REUSEPORT",
    "rcvbuf": "SO_RCVBUF",
    "sndbuf": "SO_SNDBUF",
    "nodelay": "TCP_NODELAY",
    "keepalive": "SO_KEEPALIVE",
    "keepidle": "TCP_KEEPIDLE",
    "keepcnt": "TCP_KEEPCNT",
    "keepintvl": "TCP_KEEPINTVL",
    "quickack": "TCP_QUICKACK",
}


class SideBySide(unittest.TestCase):
    """Both serve at the same time; each must live through all its clients and end well."""

    def setUp(self):
        self.theirs = PythonServer()
        self.addCleanup(self.theirs.kill)
        self.ours = OneShotServer()
        self.addCleanup(self.end_ours)

    def end_ours(self):
        log = self.ours.log()
        self.assertEqual(self.ours.end(), 0, log)


class SameAnswers(SideBySide):
    def test_whatever_the_client_does(self):
        for script in clients.SCRIPTS:
            with self.subTest(script):
                self.assertEqual(clients.outcomes(script, self.ours), clients.outcomes(script, self.theirs))


class SameOptions(SideBySide):
    def setUp(self):
        if reason := held.why_not():
            self.skipTest(reason)
        super().setUp()

    def accepted(self, server):
        with held.held(server) as connection:
            return held.accepted_options(server, connection)

    def test_on_the_accepted_connection(self):
        self.assertEqual(self.accepted(self.ours), self.accepted(self.theirs))

    def test_on_the_listener(self):
        self.assertEqual(held.listener_options(self.ours), held.listener_options(self.theirs))

    def test_as_both_log_them(self):
        for server in self.ours, self.theirs:
            with self.subTest(type(server).__name__), held.held(server) as connection:
                options = held.accepted_options(server, connection)
                self.assertEqual(server.logged_options(connection),
                                 {name: options[symbol] for name, symbol in LOGGED.items()})


class SameLog(SideBySide):
    def test_of_the_options_of_a_connection(self):
        with held.held(self.ours) as ours, held.held(self.theirs) as theirs:
            logged = self.theirs.logged_options(theirs)
            self.assertEqual(list(logged), list(LOGGED))
            self.assertEqual(self.ours.logged_options(ours), logged)

    def test_of_what_was_received_and_sent(self):
        with held.held(self.ours) as ours, held.held(self.theirs) as theirs:
            ours.sendall(b"hello\n")
            theirs.sendall(b"hello\n")
            peer = re.escape(f"127.0.0.1:{port_of(ours)}")
            for asyncio_word, word, way in ("recv", "received", "from"), ("sent", "sent", "to"):
                self.theirs.logged(rf"{asyncio_word}: b'hello\\n'")
                self.ours.logged(rf'(?m)^{word} 6 bytes {way} {peer}: "hello\\n"$')


if __name__ == "__main__":
    unittest.main()
