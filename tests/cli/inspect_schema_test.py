"""tcpkit inspect for programs: its objects fit the published schema, and hold what the sockets hold."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import unittest

from tcpkit_run import BINARY, run, validated

TCP = socket.IPPROTO_TCP
MPTCP = 262


class Pair:
    """A listener and a connection to it, all held by this process."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=7))
            self.port = self.listener.getsockname()[1]
            self.client = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
            self.server, _ = self.listener.accept()
            stack.enter_context(self.server)
            self.stack = stack.pop_all()
        self.client.setsockopt(TCP, socket.TCP_NODELAY, 1)
        self.client.setsockopt(TCP, socket.TCP_USER_TIMEOUT, 20_000)
        self.client_port = self.client.getsockname()[1]
        return self

    def __exit__(self, *error):
        self.stack.close()

    def words(self):
        return "--pid", str(os.getpid()), "--port", str(self.port)


def inspected(*words):
    result = run("inspect", "--json", *words)
    assert result.returncode == 0, result.stderr + result.stdout
    return validated(result.stdout)


class Objects(unittest.TestCase):
    def test_a_list(self):
        with Pair() as pair:
            document = inspected(*pair.words())
            self.assertEqual([list(document)[0], document["count"]], ["schema", 3])
            by_inode = {entry["inode"]: entry for entry in document["sockets"]}
            for held in (pair.listener, pair.client, pair.server):
                entry = by_inode[os.fstat(held.fileno()).st_ino]
                self.assertEqual((entry["pid"], entry["fd"]), (os.getpid(), held.fileno()))
                self.assertEqual(entry["uid"], os.getuid())
                self.assertEqual(entry["netns"], os.stat("/proc/self/ns/net").st_ino)
                self.assertIsNone(entry["reason"])
                nodelay = held.getsockopt(TCP, socket.TCP_NODELAY) != 0
                self.assertEqual(entry["options"]["TCP_NODELAY"]["value"], nodelay)
            client = by_inode[os.fstat(pair.client.fileno()).st_ino]
            self.assertEqual(client["options"]["TCP_USER_TIMEOUT"]["value"], 20_000)
            self.assertEqual(client["peer"], f"127.0.0.1:{pair.port}")
            listener = by_inode[os.fstat(pair.listener.fileno()).st_ino]
            self.assertEqual((listener["state"], listener["peer"], listener["queues"]["backlog"]), ("listen", None, 7))

    def test_one_in_full(self):
        with Pair() as pair:
            document = inspected(*pair.words(), "--local", f":{pair.client_port}")
        [entry] = document["sockets"]
        self.assertGreater(len(entry["options"]), 100)
        self.assertIn("mss", entry["negotiated"])
        self.assertEqual(entry["options"]["TCP_NODELAY"]["note"], "set by the program")

    def test_a_listener_in_full(self):
        with Pair() as pair:
            document = inspected(*pair.words(), "--listening")
        [entry] = document["sockets"]
        self.assertEqual(entry["queues"]["sharing"], 1)
        self.assertNotIn("negotiated", entry)

    def test_every_socket_in_full(self):
        with Pair() as pair:
            document = inspected(*pair.words(), "--all")
        self.assertEqual([len(entry["options"]) > 100 for entry in document["sockets"]], [True] * 3)

    def test_without_a_selector(self):
        for words, reason, pid in (((), "not read: no selector (-p names its process)", None),
                                   (("-p",), "not read: no selector", os.getpid())):
            with Pair() as pair:
                document = inspected(*words)
            mine = [entry for entry in document["sockets"] if str(pair.port) in (entry["local"] or "")]
            self.assertTrue(mine)
            for entry in mine:
                self.assertEqual((entry["options"], entry["reason"]), ({}, reason))
                self.assertEqual(entry["pid"], pid if entry["inode"] else None)

    def test_without_a_copy(self):
        with Pair() as pair:
            document = inspected(*pair.words(), "--no-dup")
        for entry in document["sockets"]:
            self.assertEqual((entry["reason"], entry["pid"]), ("not read: --no-dup", os.getpid()))
            self.assertEqual({option["reason"] for option in entry["options"].values()}, {"not read: --no-dup"})

    def test_after_the_deadline(self):
        with Pair() as pair:
            result = run("inspect", "--json", "--port", str(pair.port), "--deadline", "1ns")
        document = validated(result.stdout)
        self.assertIn("3 sockets could not be read before --deadline", result.stderr)
        self.assertEqual({entry["reason"] for entry in document["sockets"]}, {"not read: --deadline had passed"})

    @unittest.skipUnless(os.getuid() == 0, "only root can become somebody else")
    def test_as_nobody(self):
        with Pair() as pair:
            result = run("inspect", "--json", "--local", f":{pair.client_port}", "--peer", f":{pair.port}",
                         user=65534, group=65534, extra_groups=[])
        [entry] = validated(result.stdout)["sockets"]
        self.assertEqual((result.returncode, entry["holders"], entry["uid"]), (0, [], 0))
        self.assertGreater(entry["tcp_info"]["rtt_us"], 0)
        for option in entry["options"].values():
            self.assertIsNone(option["value"])
            self.assertTrue(option["reason"].startswith("unreadable: "), option)
        self.assertIn("1 socket could not be looked into", result.stderr)

    def test_only(self):
        with Pair() as pair:
            document = inspected(*pair.words(), "--only", "nodelay,rtt,tcp_rmem")
        for entry in document["sockets"]:
            self.assertEqual(list(entry["options"]), ["TCP_NODELAY"])
            self.assertEqual(list(entry["tcp_info"]), ["rtt_us"])
            self.assertEqual(list(entry["sysctls"]), ["net.ipv4.tcp_rmem"])

    def test_sorted_and_cut(self):
        with Pair() as pair:
            pair.client.sendall(bytes(5000))
            document = inspected(*pair.words(), "--sort", "recv-q", "--top", "1")
            self.assertEqual(document["count"], 3)
            [entry] = document["sockets"]
        self.assertEqual(entry["queues"], {"recv": 5000, "send": 0})

    def test_nothing(self):
        result = run("inspect", "--json", "--name", "no-such-command")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(validated(result.stdout)["sockets"], [])

    def test_errors(self):
        result = run("inspect", "--json", "--pid", "0")
        self.assertEqual((result.returncode, list(validated(result.stdout))), (2, ["schema", "error"]))
        result = run("inspect", "--json", "--netns", "there-is-no-such-name")
        self.assertIn("error", validated(result.stdout))

    def test_shared_by_two_processes(self):
        with Pair() as pair:
            child = subprocess.Popen(["sleep", "60"], pass_fds=[pair.client.fileno()])
            try:
                document = inspected("--local", f":{pair.client_port}", "--peer", f":{pair.port}")
            finally:
                child.kill()
                child.wait()
        [entry] = document["sockets"]
        self.assertLessEqual({os.getpid(), child.pid}, {holder["pid"] for holder in entry["holders"]})


class Lines(unittest.TestCase):
    def test_one_a_socket(self):
        with Pair() as pair:
            result = run("inspect", "--format", "ndjson", *pair.words())
        lines = [validated(line) for line in result.stdout.splitlines()]
        self.assertEqual([line["event"] for line in lines], ["socket"] * 3 + ["summary"])

    def test_watch(self):
        with Pair() as pair:
            command = [BINARY, "inspect", "--json", "--watch=50ms", *pair.words(), "--local", f":{pair.client_port}"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
                first = [validated(watch.stdout.readline()) for _ in range(2)]
                pair.client.sendall(bytes(100_000))
                rates = []
                while not any(rate["acked_bytes_per_s"] for rate in rates):
                    line = validated(watch.stdout.readline())
                    if line["event"] == "socket":
                        rates.append(line["rates"])
                watch.send_signal(signal.SIGINT)
                rest = watch.stdout.read()
        self.assertEqual([line["event"] for line in first], ["socket", "summary"])
        self.assertIsNone(first[0]["rates"])
        self.assertEqual(watch.returncode, 128 + signal.SIGINT)
        for line in rest.splitlines():
            validated(line)


class Set(unittest.TestCase):
    def test_one_and_back(self):
        with Pair() as pair:
            words = (*pair.words(), "--local", f":{pair.client_port}")
            document = inspected(*words, "--set", "user-timeout=5s")
            self.assertEqual(pair.client.getsockopt(TCP, socket.TCP_USER_TIMEOUT), 5000)
            [change] = document["sockets"][0]["changes"]
            self.assertEqual((change["before"], change["value"], change["effect"]), (20_000, 5000, "exact"))
            undo = subprocess.run(["/bin/sh", "-c", change["undo"].replace("tcpkit", BINARY, 1)], check=False)
            self.assertEqual(undo.returncode, 0)
            self.assertEqual(pair.client.getsockopt(TCP, socket.TCP_USER_TIMEOUT), 20_000)

    def test_several_need_consent(self):
        with Pair() as pair:
            words = (*pair.words(), "--state", "established", "--set", "user-timeout=5s")
            result = run("inspect", *words, stdin=subprocess.DEVNULL)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn("user-timeout 20000 ms -> 5000 ms", result.stderr)
            self.assertIn("--set would change 2 sockets: --yes does it", result.stderr)
            self.assertEqual(pair.client.getsockopt(TCP, socket.TCP_USER_TIMEOUT), 20_000)
            result = run("inspect", *words, "--yes", "--format", "ndjson")
            lines = [validated(line) for line in result.stdout.splitlines()]
            self.assertEqual([line["event"] for line in lines], ["set", "set", "summary"])
            self.assertEqual((result.returncode, lines[-1]["changed"]), (0, 2))
            self.assertEqual(pair.server.getsockopt(TCP, socket.TCP_USER_TIMEOUT), 5000)

    def test_a_multipath_socket_is_one_socket(self):
        try:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
        except OSError as error:
            self.skipTest(f"no multipath sockets: {error}")
        with listener, socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP) as client:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            client.connect(listener.getsockname())
            words = ("--pid", str(os.getpid()), "--local", f":{client.getsockname()[1]}")
            document = inspected(*words, "--set", "nodelay=on")
            [entry] = document["sockets"]
            self.assertEqual(entry["inode"], os.fstat(client.fileno()).st_ino)
            self.assertEqual((document["changed"], document["failed"]), (1, 0))
            self.assertEqual(client.getsockopt(TCP, socket.TCP_NODELAY), 1)

    def test_what_no_process_has_open_is_left_alone(self):
        with Pair() as pair:
            words = ("--local", f":{pair.client_port}", "--peer", f":{pair.port}", "--set", "nodelay=on", "--json")
            pair.client.close()
            pair.server.close()
            self.assertIn("time-wait", run("inspect", "--local", f":{pair.client_port}").stdout)
            result = run("inspect", *words)
        self.assertEqual((result.returncode, validated(result.stdout)["sockets"]), (1, []))
        self.assertIn("no process has a socket open that matches", result.stderr)

    def test_what_comes_too_late_is_refused(self):
        with Pair() as pair:
            result = run("inspect", *pair.words(), "--yes", "--set", "user-timeout=5s", "--set", "maxseg=1000")
            self.assertEqual(result.returncode, 2)
            self.assertIn("--set: maxseg", result.stderr)
            self.assertEqual(pair.client.getsockopt(TCP, socket.TCP_USER_TIMEOUT), 20_000)


class Schema(unittest.TestCase):
    def test_refuses_what_is_no_such_object(self):
        with Pair() as pair:
            document = inspected(*pair.words())
        for spoil in (lambda d: d.pop("count"), lambda d: d["sockets"][0].pop("inode"),
                      lambda d: d["sockets"][0].update(more=1),
                      lambda d: d["sockets"][0]["options"]["TCP_NODELAY"].update(value=None)):
            other = json.loads(json.dumps(document))
            spoil(other)
            with self.assertRaises(Exception):
                validated(json.dumps(other))


if __name__ == "__main__":
    unittest.main()
