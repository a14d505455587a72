"""Started by a service manager: sockets it passes, sd_listen_fds(3), and what it is told, sd_notify(3)."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import unittest
from signal import SIGTERM

from serve_run import Lines, exchange
from tcpkit_run import BINARY, PATIENCE_S, validated

FIRST = 3
PASS = 'export LISTEN_PID=$$; exec "$@"'  # exec keeps the process id


def listening(address=("127.0.0.1", 0), **options):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    return socket.create_server(address, family=family, **options)


class Service:
    """`tcpkit serve --json` that finds these sockets from descriptor 3 on; a context manager."""

    def __init__(self, *words, sockets=(), names=None, env=None, for_it=True, count=None):
        environment = {**os.environ, "LC_ALL": "C", "LISTEN_FDS": str(len(sockets) if count is None else count),
                       **(env or {})}
        if names is not None:
            environment["LISTEN_FDNAMES"] = names
        if not for_it:
            environment["LISTEN_PID"] = "1"
        start = ["sh", "-c", PASS, "sh"] if for_it else []

        def put_in_place():
            copies = [os.dup(passed.fileno()) for passed in sockets]
            high = [os.dup2(copy, 100 + at) for at, copy in enumerate(copies)]
            for at, copy in enumerate(high):
                os.dup2(copy, FIRST + at)
            os.closerange(FIRST + len(sockets), 256)

        self.process = subprocess.Popen([*start, BINARY, "serve", "--json", *words], env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=False,
                                        preexec_fn=put_in_place)
        self.stdout = Lines(self.process.stdout)
        self.stderr = Lines(self.process.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def event(self, name):
        line = self.stdout.wait_for(lambda text: json.loads(text).get("event") == name)
        assert line is not None, self.stderr.text()
        return validated(line)

    def events(self, name):
        return [event for event in map(validated, self.stdout.all()) if event.get("event") == name]

    def wait(self):
        status = self.process.wait(PATIENCE_S)
        self.stdout.join()
        self.stderr.join()
        return status

    def stop(self):
        self.process.send_signal(SIGTERM)
        return self.wait()


def ask(listener, message=b"hello"):
    with socket.create_connection(listener.getsockname()[:2], timeout=PATIENCE_S) as client:
        return exchange(client, message)


class PassedSockets(unittest.TestCase):
    def test_clients_of_a_passed_socket_are_served(self):
        with listening() as passed, Service(sockets=[passed]) as service:
            told = service.event("listening")
            self.assertEqual("{}:{}".format(*passed.getsockname()), told["address"])
            self.assertEqual({"descriptor": 3, "name": None}, told["passed"])
            self.assertEqual(b"hello", ask(passed))
            service.event("closed")
            self.assertEqual(0, service.stop())
            self.assertEqual("", service.stderr.text())

    def test_a_client_that_came_before_the_start_is_served(self):
        with listening() as passed, socket.create_connection(passed.getsockname(), timeout=PATIENCE_S) as early:
            early.sendall(b"fir")
            with Service(sockets=[passed]):
                self.assertEqual(b"first", exchange(early, b"st"))

    def test_several_sockets_are_told_with_their_names(self):
        with listening() as one, listening(("::1", 0)) as two, \
                Service(sockets=[one, two], names="web:web6") as service:
            service.stdout.wait_for("web6")
            told = service.events("listening")
            self.assertEqual([{"descriptor": 3, "name": "web"}, {"descriptor": 4, "name": "web6"}],
                             [event["passed"] for event in told])
            self.assertEqual([b"hello", b"hello"], [ask(one), ask(two)])

    def test_several_threads_share_a_passed_socket(self):
        with listening() as passed, Service("--threads", "3", sockets=[passed]) as service:
            service.event("listening")
            self.assertEqual([b"hello"] * 20, [ask(passed) for _ in range(20)])
            self.assertEqual(0, service.stop())
            self.assertEqual(20, service.event("summary")["accepted"])

    def test_options_that_still_work_are_set_on_it(self):
        with listening() as passed, Service("-o", "keepidle=77s", "-o", "rcvbuf=64K", sockets=[passed]) as service:
            service.event("listening")
            self.assertEqual(77, passed.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
            self.assertEqual(b"hello", ask(passed))
            options = service.event("connected")["options"]
            self.assertEqual(77, options["TCP_KEEPIDLE"]["value"])
            self.assertEqual(131072, options["SO_RCVBUF"]["value"])

    def test_an_option_that_comes_too_late_is_told_as_a_change(self):
        with listening() as passed, Service("-o", "freebind", sockets=[passed]) as service:
            self.assertEqual("IP_FREEBIND", service.event("changed")["option"])

    def test_its_backlog_stays_unless_one_is_asked_for(self):
        with listening(backlog=7) as passed:
            with Service(sockets=[passed]) as service:
                self.assertEqual(7, service.event("listening")["backlog"]["effective"])
            with Service("--backlog", "9", sockets=[passed]) as service:
                backlog = service.event("listening")["backlog"]
                self.assertEqual((9, 9), (backlog["asked"], backlog["effective"]))

    def test_whoever_comes_after_the_end_waits_for_the_next_start(self):
        with listening() as passed:
            with Service(sockets=[passed]) as service:
                service.event("listening")
                self.assertEqual(0, service.stop())
            with socket.create_connection(passed.getsockname(), timeout=PATIENCE_S) as late, \
                    Service(sockets=[passed]):
                self.assertEqual(b"later", exchange(late, b"later"))


class WhatIsNotServed(unittest.TestCase):
    def refused(self, *words, **options):
        with Service(*words, **options) as service:
            status = service.wait()
            lines = service.stderr.all()
            self.assertEqual(1, len(lines), lines)
            return status, lines[0]

    def test_sockets_for_another_process_are_left_alone(self):
        with listening() as passed, Service("127.0.0.1:0", sockets=[passed], for_it=False) as service:
            told = service.event("listening")
            self.assertIsNone(told["passed"])
            self.assertNotEqual("{}:{}".format(*passed.getsockname()), told["address"])

    def test_an_address_contradicts_passed_sockets(self):
        with listening() as passed:
            status, line = self.refused("127.0.0.1:0", sockets=[passed])
        self.assertEqual(2, status)
        self.assertIn("contradicts LISTEN_FDS", line)

    def test_a_socket_that_is_no_tcp_listener_is_named(self):
        kinds = {"unix": socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
                 "datagram": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                 "fresh": socket.socket(socket.AF_INET, socket.SOCK_STREAM)}
        for name, passed in kinds.items():
            with self.subTest(name), passed:
                status, line = self.refused(sockets=[passed], names=name)
                self.assertEqual(2, status)
                self.assertIn(f"socket {name} passed as descriptor 3 is not a TCP socket that listens", line)

    def test_a_descriptor_that_is_not_open_is_named(self):
        status, line = self.refused(count=1)
        self.assertEqual(8, status)
        self.assertIn("descriptor 3 of LISTEN_FDS", line)

    def test_a_number_of_sockets_that_is_none_is_refused(self):
        status, line = self.refused(count="two")
        self.assertEqual(2, status)
        self.assertIn("LISTEN_FDS", line)


@contextlib.contextmanager
def manager(address):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(PATIENCE_S)
        receiver.bind(address)
        yield receiver


class Readiness(unittest.TestCase):
    def tells(self, receiver, name):
        with listening() as passed, Service(sockets=[passed], env={"NOTIFY_SOCKET": name}) as service:
            self.assertIn("READY=1", receiver.recv(4096).decode().splitlines())
            self.assertEqual(b"hello", ask(passed))
            service.process.send_signal(SIGTERM)
            self.assertIn("STOPPING=1", receiver.recv(4096).decode().splitlines())
            self.assertEqual(0, service.wait())

    def test_a_manager_at_a_path_is_told(self):
        with tempfile.TemporaryDirectory() as directory:
            with manager(f"{directory}/notify") as receiver:
                self.tells(receiver, f"{directory}/notify")

    def test_a_manager_at_an_abstract_address_is_told(self):
        name = f"tcpkit-test-{os.getpid()}"
        with manager(f"\0{name}") as receiver:
            self.tells(receiver, f"@{name}")

    def test_a_manager_that_is_gone_is_a_warning(self):
        with tempfile.TemporaryDirectory() as directory:
            gone = f"{directory}/notify"
        with listening() as passed, Service(sockets=[passed], env={"NOTIFY_SOCKET": gone}) as service:
            service.event("listening")
            self.assertEqual(b"hello", ask(passed))
            self.assertEqual(0, service.stop())
            self.assertIn("NOTIFY_SOCKET", service.stderr.text())


if __name__ == "__main__":
    unittest.main()
