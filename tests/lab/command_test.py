"""path_lab as a developer uses it, with a command."""

import json
import os
import signal
import subprocess
import unittest

from lab_case import LabCase, wait_until
from path_lab import PATIENCE_S, PROGRAM, PathLab, skip_unless_possible

LISTEN = "python3 -c 'import socket, time; s = socket.create_server((\"10.77.0.2\", 7000)); time.sleep(1000)'"
CONNECT = "import socket; print(socket.create_connection(('10.77.0.2', 7000)).getpeername()[0])"


def run(*words, **options):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=PATIENCE_S, check=False, **options)


def is_there(pid):
    return os.path.exists(f"/proc/{pid}")


class Command(unittest.TestCase):
    def test_the_exit_status_is_that_of_the_command(self):
        self.assertEqual(run("--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(run("--", "sh", "-c", "kill -TERM $$").returncode, 128 + signal.SIGTERM)

    def test_a_command_that_is_not_there_is_127(self):
        done = run("--", "no-such-program")
        self.assertEqual(done.returncode, 127)
        self.assertIn("no-such-program: No such file or directory", done.stderr)

    def test_its_streams_are_ours_and_the_counters_are_apart(self):
        done = run("--", "cat", input="a line\n")
        self.assertEqual(done.stdout, "a line\n")
        self.assertEqual(list(json.loads(done.stderr)), ["near_to_far", "far_to_near"])

    def test_it_is_told_where_the_ends_are(self):
        done = run("--", "sh", "-c", "readlink /proc/self/ns/net /proc/$TCPKIT_NEAR_PID/ns/net /proc/$TCPKIT_FAR_PID/ns/net")
        own, near, far = done.stdout.split()
        self.assertEqual(own, near)
        self.assertNotEqual(near, far)

    def test_the_far_command_listens_before_the_near_one_begins(self):
        done = run("--delay", "1ms", "--far", LISTEN, "--", "python3", "-c", CONNECT)
        self.assertEqual((done.returncode, done.stdout), (0, "10.77.0.2\n"), done.stderr)

    def test_a_far_command_that_ends_early_is_named(self):
        done = run("--far", "exit 3", "--", "echo", "never")
        self.assertEqual((done.returncode, done.stdout), (125, ""))
        self.assertIn("the far command ended", done.stderr)

    def test_the_far_command_ends_with_the_rest(self):
        done = run("--far", f"echo $$; exec {LISTEN}", "--", "true")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(is_there(int(done.stderr.split("\n")[0])))

    def test_sigterm_goes_to_the_command(self):
        script = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done"
        with subprocess.Popen([PROGRAM, "--", "sh", "-c", script], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.terminate()
            self.assertEqual(process.wait(PATIENCE_S), 5)

    def test_what_is_wrong_on_the_command_line_is_said_in_one_line(self):
        done = run("--dely", "5ms")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, 'path_lab: unknown option "--dely": did you mean --delay?\n')

    def test_help(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith("usage: path_lab "))


class Life(LabCase):
    def test_two_paths_do_not_meet(self):
        one, other = self.path(delay="1ms"), self.path()
        for lab in (one, other):
            near, far = self.datagrams(lab)
            near.send(b"here")
            self.assertEqual(far.recv(100), b"here")
            self.assertEqual(self.settle(lab, 1)["near_to_far"]["packets"], 1)

    def test_nothing_stays_when_it_is_killed(self):
        lab = self.path()
        holders = lab.near.pid, lab.far.pid
        self.assertTrue(all(map(is_there, holders)))
        os.kill(lab.pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_there, holders)), "the end of those who held the namespaces")

    def test_connections_learn_nothing_from_earlier_ones_unless_asked(self):
        with PathLab() as lab, PathLab(keep_metrics=True) as keeping:
            self.assertEqual(lab.far.sysctl("net.ipv4.tcp_no_metrics_save"), "1")
            self.assertEqual(keeping.far.sysctl("net.ipv4.tcp_no_metrics_save"), "0")

    def test_programs_run_at_the_ends(self):
        with PathLab() as lab:
            with lab.far.popen(["readlink", "/proc/self/ns/net"], stdout=subprocess.PIPE) as process:
                self.assertEqual(process.stdout.read().strip(), os.readlink(f"/proc/{lab.far.pid}/ns/net"))
            done = lab.near.run(["readlink", "/proc/self/ns/net"])
            self.assertEqual(done.stdout.strip(), os.readlink(f"/proc/{lab.near.pid}/ns/net"))


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main(verbosity=2)
