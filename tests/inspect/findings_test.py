"""What rules find on sockets of other programs, the commands that mend it, and the exit status for scripts."""

import shlex
import socket
import unittest

import namespace
from inspect_case import InNamespace, by_inode, eventually, inspect, inspected

TCP, SOL = socket.IPPROTO_TCP, socket.SOL_SOCKET


def named(row, identifier):
    """The finding, or None."""
    return next((found for found in row["findings"] if found["id"] == identifier), None)


class Findings(InNamespace):
    def setUp(self):
        super().setUp()
        self.holder = self.hold()
        self.port = self.holder.connect()
        self.client = ("--pid", self.holder.pid, "--peer", f":{self.port}")

    def of(self, name, *words):
        document = inspected("--pid", self.holder.pid, *words, namespace=self.here)
        return by_inode(document)[self.holder.inode(name)]

    def test_a_user_timeout_alone_and_the_command_that_mends_it(self):
        self.holder.do(f"client.setsockopt({TCP}, {socket.TCP_USER_TIMEOUT}, 20000)")
        finding = named(self.of("client"), "F16")
        self.assertEqual(finding["evidence"]["user_timeout_ms"], 20_000)
        command = finding["remedy"][finding["remedy"].index("tcpkit inspect"):].split(": ")[0].split(", ")[0]
        program, subcommand, *words = shlex.split(command)
        self.assertEqual((program, subcommand), ("tcpkit", "inspect"))
        done = inspect(*words, namespace=self.here)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.holder.ask(f"client.getsockopt({SOL}, {socket.SO_KEEPALIVE})"), 1)
        self.assertIsNone(named(self.of("client"), "F16"))

    def test_keepalive_later_than_the_path_remembers(self):
        self.holder.do(f"client.setsockopt({SOL}, {socket.SO_KEEPALIVE}, 1)")
        finding = named(self.of("client", "--idle-limit", "350s"), "F13")
        self.assertEqual(finding["severity"], "warning")
        self.assertEqual((finding["evidence"]["keepidle_s"], finding["evidence"]["idle_limit_s"]), (7200, 350))
        self.holder.do(f"client.setsockopt({TCP}, {socket.TCP_KEEPIDLE}, 100)")
        self.assertIsNone(named(self.of("client", "--idle-limit", "350s"), "F13"))

    def test_a_full_accept_queue_is_an_error_until_it_is_emptied(self):
        self.holder.do("listener.listen(0)")
        self.holder.do("waiting = socket.create_connection(listener.getsockname())")
        self.holder.do("late = socket.socket(); late.setblocking(False); late.connect_ex(listener.getsockname())")
        full = eventually(lambda: named(self.of("listener"), "F20"))
        self.assertEqual(full["severity"], "error")
        self.assertEqual(inspect("--pid", self.holder.pid, "--listening", "--fail-on", "error",
                                 namespace=self.here).returncode, 1)
        self.holder.do("accepted = listener.accept()")
        after = eventually(lambda: (named(self.of("listener"), "F20") or {"severity": "none"})["severity"] != "error")
        self.assertTrue(after)

    def test_a_single_socket_is_told_in_full(self):
        text = inspect(*self.client, namespace=self.here).stdout
        self.assertIn("\nFindings\n", text)
        self.assertIn("F12", text)
        self.assertIn(f"--pid {self.holder.pid}", text.replace("\n", " "))

    def test_a_list_is_told_when_it_is_asked_for(self):
        without = inspect("--pid", self.holder.pid, namespace=self.here).stdout
        self.assertNotIn("F12", without)
        asked = inspect("--pid", self.holder.pid, "--findings", namespace=self.here).stdout
        self.assertIn("F12 idle-undetected (note)", asked)

    def test_programs_are_told_null_where_nothing_was_asked(self):
        rows = inspected(namespace=self.here)["sockets"]
        self.assertEqual({row["findings"] for row in rows}, {None})
        rows = inspected("--findings", namespace=self.here)["sockets"]
        self.assertTrue(all(isinstance(row["findings"], list) for row in rows))

    def test_what_is_ignored_is_neither_found_nor_unchecked(self):
        row = self.of("client", "--ignore", "F12", "--ignore", "rwnd-limited")
        told = {found["id"] for found in row["findings"]} | {rule["id"] for rule in row["findings_not_checked"]}
        self.assertTrue(told)
        self.assertFalse(told & {"F12", "F05"})

    def test_the_exit_status_follows_the_severity(self):
        for severity, status in (("note", 1), ("warning", 0), ("error", 0)):
            done = inspect(*self.client, "--fail-on", severity, namespace=self.here)
            self.assertEqual(done.returncode, status, severity)


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
