"""The comparisons can fail: each finds the asyncio program changed in what it looks at, and else equal to itself."""

import unittest
from unittest import mock

import clients
import held
from servers import PythonServer

SCRIPTS = {
    "echoes_one_byte_more": ["sends 101 bytes", "sends 4096 bytes", "has sent 300 bytes and its FIN"],
    "waits_for_a_hundred_bytes": ["sends 99 bytes"],
    "answers_silence": ["is empty"],
    "answers_only_itself": ["is 200 at once"],
    "loses_patience": ["says nothing for a while"],
    "reads_less_ahead": ["sends 4096 bytes", "sends 4096 bytes and its FIN", "has sent 100000 bytes"],
    "reads_until_nothing_comes": ["has sent 300000 bytes", "sends 1 MB"],
    "only_shuts_down": ["sends one byte at a time"],
    "resets": ["sends 100 bytes", "closes in silence", "closes at once"],
    "keeps_descriptors": ["resets in silence", "closes in silence"],
    "dies_of_a_reset": ["resets in silence"],
}
ACCEPTED = {
    "has_no_nodelay": "TCP_NODELAY",
    "has_no_quickack": "TCP_QUICKACK",
    "has_another_keepidle": "TCP_KEEPIDLE",
    "has_a_user_timeout": "TCP_USER_TIMEOUT",
    "has_another_rcvbuf": "SO_RCVBUF",
    "shares_no_port": "SO_REUSEPORT",
}
LISTENER = {"has_another_backlog": "backlog", "shares_no_port": "SO_REUSEPORT"}
LOGS = ["logs_another_number", "logs_less"]


def seen(script, server):
    """What its client saw; a server that is gone is seen too."""
    try:
        return clients.SCRIPTS[script](server)
    except OSError as error:
        return repr(error)


class Variants(unittest.TestCase):
    def setUp(self):
        self.plain = self.start()

    def start(self, *variant):
        server = PythonServer(*variant)
        self.addCleanup(server.kill)
        return server


class Clients(Variants):
    @mock.patch.object(clients, "answer_s", 2)  # of most variants they see that nothing comes
    def test_see_each_variant(self):
        for name, scripts in SCRIPTS.items():
            variant = self.start(name)
            for script in scripts:
                with self.subTest(name, script=script):
                    self.assertNotEqual(seen(script, self.plain), seen(script, variant))

    def test_see_the_same_when_nothing_is_changed(self):
        same = self.start("unchanged")
        for script in clients.SCRIPTS:
            with self.subTest(script):
                self.assertEqual(clients.outcomes(script, self.plain), clients.outcomes(script, same))


class Options(Variants):
    def setUp(self):
        if reason := held.why_not():
            self.skipTest(reason)
        super().setUp()

    def difference(self, asked, variant):
        """The names of what differs between the program and a variant."""
        ours, theirs = asked(self.plain), asked(self.start(variant))
        self.assertEqual(list(ours), list(theirs))
        return {name for name, value in ours.items() if value != theirs[name]}

    @staticmethod
    def accepted(server):
        with held.held(server) as connection:
            return held.accepted_options(server, connection)

    def test_of_an_accepted_connection_show_each_variant(self):
        self.assertEqual(self.difference(self.accepted, "unchanged"), set())
        for variant, name in ACCEPTED.items():
            with self.subTest(variant):
                self.assertIn(name, self.difference(self.accepted, variant))

    def test_of_the_listener_show_each_variant(self):
        self.assertEqual(self.difference(held.listener_options, "unchanged"), set())
        for variant, name in LISTENER.items():
            with self.subTest(variant):
                self.assertEqual(self.difference(held.listener_options, variant), {name})


class Logs(Variants):
    @staticmethod
    def logged(server):
        with held.held(server) as connection:
            return server.logged_options(connection)

    def test_show_each_variant(self):
        for variant in LOGS:
            with self.subTest(variant):
                self.assertNotEqual(self.logged(self.plain), self.logged(self.start(variant)))

    def test_are_equal_when_nothing_is_changed(self):
        self.assertEqual(self.logged(self.plain), self.logged(self.start("unchanged")))


if __name__ == "__main__":
    unittest.main()
