"""Networks that swallow what is sent, and hosts with a port or two, in namespaces of the test's own."""

import contextlib
import socket
import threading
import unittest

from namespace import Namespace, Pair, skip_unless_possible
from peer import PATIENCE_S, Peer, echo, read_request, wait_for_end
from send_case import SLACK_S, SendCase, note_text

TIMEOUT = ("--timeout", "300ms")


def in_namespace(namespace, make):
    with namespace.inside():
        return make()


class BlackHole(SendCase):
    """A cable that loses everything: nothing comes back, and nobody says so."""

    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.close)
        with self.pair.here.inside(), self.assertRaises(ConnectionRefusedError):  # once the ends have found each other
            socket.create_connection((Pair.THERE, 1), PATIENCE_S)
        self.over = threading.Event()  # until then the peer says nothing, not even that it ends

    def test_nobody_answers(self):
        for mode in ("rr", "crr", "stream", "idle"):
            with self.subTest(mode):
                words = ("--mode", mode, "-c", "5", *TIMEOUT, f"{Pair.NOBODY}:8888")
                document = self.measure(*words, status=5, within_s=SLACK_S, namespace=self.pair.here)
                self.assertEqual(document["error"]["code"], "ETIMEDOUT")
                self.assertIn("within 300 ms", document["error"].get("hint", ""))

    def test_nobody_answers_within_the_deadline(self):
        words = ("--mode", "rr", "--timeout", "1h", "--deadline", "300ms", f"{Pair.NOBODY}:8888")
        self.measure(*words, status=5, within_s=SLACK_S, namespace=self.pair.here)

    def losing_peer(self, replies=3):
        """A peer that is out of reach after so many replies."""
        def talk(connection, _):
            for _ in range(replies):
                connection.sendall(read_request(connection))
            read_request(connection)
            self.pair.lose_everything()
            self.over.wait(PATIENCE_S)

        return in_namespace(self.pair.there, lambda: Peer(talk, host=Pair.THERE))

    def test_the_network_is_lost_in_the_middle_of_a_run(self):
        with self.losing_peer() as peer:
            words = ("--mode", "rr", "-n", "100", *TIMEOUT, peer.address)
            document = self.measure(*words, status=1, within_s=1 + SLACK_S, namespace=self.pair.here)
            self.over.set()
        self.assertEqual(document["requests"], 3)
        self.check_failures(document, timeout=1, connect=1)

    def test_the_network_is_lost_on_a_schedule(self):
        """What was due and could not be sent any more has failed, too."""
        with self.losing_peer() as peer:
            words = ("--rate", "100", "-d", "500ms", *TIMEOUT, peer.address)
            document = self.measure(*words, status=1, within_s=2 + SLACK_S, namespace=self.pair.here)
            self.over.set()
        self.assertEqual(document["requests"] + document["errors"], 50)
        self.assertEqual(document["requests"], 3)

    def test_the_network_is_lost_while_bytes_stream(self):
        def talk(connection, _):
            connection.recv(1 << 16)
            self.pair.lose_everything()
            self.over.wait(PATIENCE_S)

        with in_namespace(self.pair.there, lambda: Peer(talk, host=Pair.THERE)) as peer:
            words = ("--mode", "stream", "-d", "1h", *TIMEOUT, peer.address)
            document = self.measure(*words, status=1, within_s=2 + SLACK_S, namespace=self.pair.here)
            self.over.set()
        self.check_failures(document, timeout=1)


class FewPorts(SendCase):
    """ip(7): the ports that the kernel takes for a connection without one."""

    def setUp(self):
        self.namespace = Namespace()
        self.addCleanup(self.namespace.close)

    def use_ports(self, first, last):
        self.namespace.set_sysctl("net.ipv4.ip_local_port_range", f"{first} {last}")

    def serve(self, talk=echo):
        with self.namespace.inside():
            return Peer(talk)

    def check_explained(self, text):
        self.assertIn("net.ipv4.ip_local_port_range = 40000 40001", text)
        self.assertIn("TIME_WAIT", text)

    def test_too_few_for_the_connections_asked_for(self):
        with self.serve() as peer:
            self.use_ports(40000, 40001)
            words = ("--mode", "rr", "-c", "3", peer.address)
            document = self.measure(*words, status=8, within_s=SLACK_S, namespace=self.namespace)
            self.assertEqual(document["error"]["code"], "EADDRNOTAVAIL")
            self.assertIn("connection 3 of 3", document["error"]["doing"])
            self.check_explained(document["error"]["hint"])
            sending = self.run_send(*words, status=8, within_s=SLACK_S, namespace=self.namespace)
            self.check_explained(sending.stderr.text())
            self.assertEqual(len(sending.stderr.all()), 2)

    def test_as_many_as_there_are_ports(self):
        with self.serve() as peer:
            self.use_ports(40000, 40001)
            document = self.measure("--mode", "rr", "-n", "20", "-c", "2", peer.address, namespace=self.namespace)
        self.assertEqual((document["requests"], document["opened"]), (20, 2))

    def test_used_up_in_a_run(self):
        """The client closes first, so its ports stay in TIME_WAIT; the host's own may be used again after a second
        (tcp_tw_reuse = 2), here never."""
        self.namespace.set_sysctl("net.ipv4.tcp_tw_reuse", 0)
        with self.serve() as peer:
            self.use_ports(40000, 40001)
            words = ("--mode", "crr", "-n", "10", peer.address)
            document = self.measure(*words, status=1, within_s=SLACK_S, namespace=self.namespace)
            self.assertEqual(document["requests"] + document["errors"], 10)
            self.check_failures(document, connect=document["errors"])
            self.assertLessEqual(document["requests"], 2)
            self.assertEqual(document["first_failure"]["code"], "EADDRNOTAVAIL")
            self.check_explained(document["first_failure"]["hint"])
            self.assertIn("-o linger=0s", note_text(document, "ports"))

    def test_used_up_from_the_start(self):
        self.namespace.set_sysctl("net.ipv4.tcp_tw_reuse", 0)
        with self.serve() as peer:
            self.use_ports(40000, 40001)
            for _ in range(2):
                self.run_send("--mode", "crr", "-n", "3", peer.address, status=None, namespace=self.namespace)
            document = self.measure("--mode", "crr", "-n", "3", peer.address, status=8, namespace=self.namespace)
        self.check_explained(document["error"]["hint"])

    def test_the_advice_holds(self):
        """Closed with a reset, no port stays behind."""
        self.namespace.set_sysctl("net.ipv4.tcp_tw_reuse", 0)
        with self.serve() as peer:
            self.use_ports(40000, 40001)
            words = ("--mode", "crr", "-n", "100", "-o", "linger=0s", peer.address)
            document = self.measure(*words, namespace=self.namespace)
        self.assertEqual((document["requests"], document["errors"]), (100, 0))

    def test_a_connection_to_itself_is_refused(self):
        """Where nobody listens on a port of the range, the kernel may take that very port to connect from, and the two
        ends are one socket (RFC 9293, 3.5: simultaneous open)."""
        self.use_ports(40000, 40000)
        for words in (("--mode", "rr"), ("--mode", "crr"), ("--mode", "rr", "-c", "4"), ("--mode", "stream"),
                      ("--rate", "10"), ("--mode", "idle")):
            with self.subTest(words):
                document = self.measure(*words, "127.0.0.1:40000", status=4, within_s=SLACK_S, namespace=self.namespace)
                self.assertEqual(document["error"]["code"], "ECONNREFUSED")
        with self.namespace.inside(), socket.socket() as late_server:
            late_server.bind(("127.0.0.1", 40000))  # nothing of them is left on its port, no TIME_WAIT either

    def test_a_connection_to_itself_in_a_run_is_a_failure(self):
        """The server leaves after one request, and its port is one the client may get: it must not talk to itself and call
        that an echo."""
        with self.namespace.inside():
            listener = socket.create_server(("127.0.0.1", 40000))
        self.use_ports(40000, 40001)

        def serve_one():
            with listener:
                listener.accept()[0].close()  # the one that is made before the run
                connection, _ = listener.accept()
            with connection:
                connection.sendall(read_request(connection))
                with contextlib.suppress(ConnectionResetError):
                    wait_for_end(connection)

        thread = threading.Thread(target=serve_one)
        thread.start()
        words = ("--mode", "crr", "-n", "20", "-o", "linger=0s", "127.0.0.1:40000")
        document = self.measure(*words, status=1, within_s=SLACK_S, namespace=self.namespace)
        thread.join(SLACK_S)
        self.assertEqual(document["requests"], 1)
        self.check_failures(document, connect=19)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
