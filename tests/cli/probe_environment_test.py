"""Streams, limits, privileges and a /proc that are not what a program would like; the answer stays true."""

import json
import os
import signal
import subprocess
import tempfile
import unittest

from probe_run import NOBODY, FailingProbe, in_namespaces, injected, needs_root, needs_strace, not_sanitized, started
from tcpkit_run import BINARY, run, run_shell

UNREADABLE = "unreadable: Operation not permitted"


class Streams(FailingProbe):
    def test_closed_stdout(self):
        result = run_shell('"$T" probe >&-')
        self.assertEqual((result.returncode, result.stderr),
                         (8, "tcpkit: write to standard output: Bad file descriptor\n"))

    def test_full_device(self):
        for words in ([], ["--json"], ["--all"]):
            with self.subTest(words), open("/dev/full", "w") as full:
                result = run("probe", *words, stdout=full)
                self.assertEqual((result.returncode, result.stderr),
                                 (8, "tcpkit: write to standard output: No space left on device\n"))

    def test_error_object_on_a_full_device(self):
        with open("/dev/full", "w") as full:
            result = run("probe", "--json", "127.0.0.1:1", stdout=full)
        self.assertEqual(result.returncode, 8)
        self.assertIn("Connection refused", result.stderr)

    def test_closed_pipe_is_quiet(self):
        for restore_signals, status in ((True, -signal.SIGPIPE), (False, 0)):
            reader, writer = os.pipe()
            os.close(reader)
            result = run("probe", "--all", stdout=writer, restore_signals=restore_signals)
            os.close(writer)
            self.assertEqual((result.returncode, result.stderr), (status, ""))

    def test_closed_stdin_and_stderr_change_nothing(self):
        result = run_shell('"$T" probe --only nodelay <&- 2>&-')
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("nodelay", result.stdout)

    def test_closed_stderr_keeps_the_status(self):
        self.assertEqual(run_shell('"$T" probe 127.0.0.1:1 2>&-').returncode, 4)
        self.assertEqual(run_shell('"$T" probe -n 0 2>&-').returncode, 2)

    def test_sockets_do_not_become_standard_streams(self):
        self.assertEqual(run_shell('"$T" probe <&- >&- 2>&-').returncode, 8)
        self.assertEqual(run_shell('"$T" probe 127.0.0.1:1 <&- >&- 2>&-').returncode, 4)


@needs_root
class UnreadableSysctls(FailingProbe):
    """A /proc/sys that a container hides: values are unreadable for a reason, never zero or off."""

    def probe(self, setup, words):
        result = in_namespaces(f'{setup} && exec "$T" probe {words}', "-m")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def check_without(self, folder, words=""):
        setup = f"{words}mount -t tmpfs none {folder}"
        sysctls = json.loads(self.probe(setup, "--json"))["sysctls"]
        self.assertEqual({entry["value"] for entry in sysctls.values()}, {None})
        self.assertTrue(all(entry["reason"] for entry in sysctls.values()))
        self.probe(setup, "--all")

    def test_none_is_there(self):
        self.check_without("/proc/sys")

    @not_sanitized
    def test_no_proc_at_all(self):
        # ld.so asks /proc where the program is, so the library next to it must be named.
        self.check_without("/proc", 'export LD_LIBRARY_PATH="$TCPKIT_LIBRARY_DIR" && ')

    def test_options_do_not_depend_on_them(self):
        document = json.loads(self.probe("mount -t tmpfs none /proc/sys", "--json -o nodelay"))
        self.assertIs(document["options"]["TCP_NODELAY"]["value"], True)

    def test_unknown_congestion_control_without_them(self):
        result = in_namespaces('mount -t tmpfs none /proc/sys && exec "$T" probe -o congestion=nosuch', "-m")
        self.check_text(result, 2, 'no congestion control "nosuch"')

    def test_one_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            setup = (f"cp /proc/sys/net/ipv4/tcp_*mem {folder} && rm {folder}/tcp_rmem"
                     f" && mount --bind {folder} /proc/sys/net/ipv4")
            sysctls = json.loads(self.probe(setup, "--json"))["sysctls"]
        self.assertIsNone(sysctls["net.ipv4.tcp_rmem"]["value"])
        self.assertTrue(sysctls["net.ipv4.tcp_rmem"]["reason"])
        self.assertEqual(len(sysctls["net.ipv4.tcp_wmem"]["value"]), 3)

    def test_what_no_kernel_would_write(self):
        for source in ("/dev/null", "/etc/passwd", "/bin/sh"):
            for name in ("tcp_rmem", "tcp_congestion_control", "tcp_syn_retries"):
                with self.subTest(source=source, name=name):
                    setup = f"mount --bind {source} /proc/sys/net/ipv4/{name}"
                    text = self.probe(setup, "--all")
                    self.assertTrue(all(c.isprintable() or c == "\n" for c in text) and text.isascii())
                    json.loads(self.probe(setup, "--json"))


@needs_strace
class DeniedSystemCalls(FailingProbe):
    def test_getsockopt(self):
        result = injected("getsockopt:error=EPERM", "--json", "-o", "nodelay")
        self.assertEqual(result.returncode, 0, result.stderr)
        options = json.loads(result.stdout)["options"]
        self.assertEqual({entry["value"] for entry in options.values()}, {None})
        self.assertEqual(options["TCP_NODELAY"]["reason"], UNREADABLE)
        self.assertEqual(options["SO_RCVBUF"]["reason"], UNREADABLE)

    def test_getsockopt_in_text(self):
        result = injected("getsockopt:error=EPERM", "--only", "nodelay,rcvbuf,keepalive")
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in ("nodelay", "rcvbuf", "keepalive"):
            self.assertRegex(result.stdout, rf"(?m)^ +{name} +- +{UNREADABLE}$")

    def test_setsockopt(self):
        for name, status in (("ENOPROTOOPT", 7), ("EOPNOTSUPP", 7), ("EPERM", 6), ("EACCES", 6), ("EINVAL", 2),
                             ("ENOMEM", 8), ("ENOBUFS", 8)):
            with self.subTest(name):
                result = injected(f"setsockopt:error={name}", "-o", "keepidle=9s", "127.0.0.1:1")
                self.check_text(result, status, "keepidle=9s")

    def test_socket(self):
        for name, status in (("EMFILE", 8), ("ENFILE", 8), ("EACCES", 6), ("EAFNOSUPPORT", 7)):
            with self.subTest(name):
                self.check_text(injected(f"socket:error={name}", "127.0.0.1:1"), status, "make an IPv4 socket: ")

    def test_own_peer(self):
        for call in ("epoll_create1", "eventfd2", "timerfd_create", "socket", "listen"):
            with self.subTest(call):
                result = injected(f"{call}:error=EMFILE")
                self.assertIn(result.returncode, (0, 8), result.stderr)
                if result.returncode:
                    self.check_text(result, 8, "start an echo peer on loopback: Too many open files")


class Limits(FailingProbe):
    @not_sanitized
    def test_descriptors(self):
        """From too few to load the program up to enough: never an internal error, never a hang."""
        statuses = []
        for limit in range(3, 16):
            result = started(["prlimit", f"--nofile={limit}", BINARY, "probe"])
            statuses.append(result.returncode)
            if result.returncode == 8:
                self.check_text(result, 8, "Too many open files")
        self.assertLessEqual(set(statuses), {0, 8, 127})
        self.assertEqual((statuses.count(8) > 0, statuses[-1]), (True, 0))

    @needs_root
    @not_sanitized
    def test_tasks(self):
        for words in ([], ["localhost:1"]):
            with self.subTest(words):
                result = started(["prlimit", "--nproc=1", *NOBODY, BINARY, "probe", *words])
                self.check_text(result, 8, "Resource temporarily unavailable")

    def test_ten_at_once(self):
        many = [subprocess.Popen([BINARY, "probe", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(10)]
        for process in many:
            out, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, err), (0, ""))
            self.assertEqual(json.loads(out)["target"]["host"], "localhost")


@needs_root
class Nobody(FailingProbe):
    def probe(self, *words):
        return started([*NOBODY, BINARY, "probe", *words])

    def test_needs_no_privileges(self):
        for words in ([], ["--all"], ["--json"]):
            result = self.probe(*words)
            self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_options_that_need_them(self):
        self.check_text(self.probe("-o", "priority=7"), 6, "set priority=7: Operation not permitted", "CAP_NET_ADMIN")
        self.check_text(self.probe("-o", "mark=1"), 6, "set mark=1: Operation not permitted", "CAP_NET_ADMIN")
        self.check_json(self.probe("--json", "-o", "mark=1"), 6)

    def test_highest_priority_without(self):
        self.assertEqual(self.probe("-o", "priority=6").returncode, 0)

    def test_privileged_source_port(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as first:
            if int(first.read()) <= 1:
                self.skipTest("every port is unprivileged here")
        self.check_text(self.probe("--source", "127.0.0.1:1"), 6, "bind to 127.0.0.1:1: Permission denied")


if __name__ == "__main__":
    unittest.main()
