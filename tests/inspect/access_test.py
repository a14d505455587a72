"""What inspect may not read it says so of, value by value; everything that sock_diag tells is there all the same."""

import ctypes
import errno
import resource
import struct
import unittest

import namespace
from inspect_case import CONNECT, NOBODY, Holder, InNamespace, by_inode, inspect, inspected
from probe_run import not_sanitized
from tcpkit_run import validated

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2  # <linux/prctl.h>, <linux/seccomp.h>
SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x00050000, 0x7FFF0000
PIDFD_GETFD = 438  # the same number on every architecture
PR_SET_DUMPABLE = 4
OTHER_USER = 65533
# The user changes after the exec: such a process is not dumpable.
TURN = f"os.setgroups([]); os.setgid({OTHER_USER}); os.setuid({OTHER_USER})"


class FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def forbid_copying(code):
    """From now on pidfd_getfd fails with this errno, as under the filter of a container engine."""
    instructions = (
        struct.pack("=HBBI", 0x20, 0, 0, 0)  # load the number of the system call
        + struct.pack("=HBBI", 0x15, 0, 1, PIDFD_GETFD)  # skip one unless it is this one
        + struct.pack("=HBBI", 0x06, 0, 0, SECCOMP_RET_ERRNO | code)
        + struct.pack("=HBBI", 0x06, 0, 0, SECCOMP_RET_ALLOW))
    libc = ctypes.CDLL(None, use_errno=True)
    program = FilterProgram(len(instructions) // 8, instructions)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
                                                                 ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


class Access(InNamespace):
    def holder(self, **options):
        holder = self.hold(**options)
        holder.port = holder.connect()
        holder.do("client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)")
        return holder

    def assert_only_diag(self, row, reason):
        """Nothing of the options, and why; everything else."""
        self.assertIn(reason, row["reason"])
        for symbol, option in row["options"].items():
            self.assertIsNone(option["value"], symbol)
            self.assertEqual(option["reason"], row["reason"])
        if row["state"] == "established":
            self.assertGreater(row["tcp_info"]["snd_cwnd_segments"], 0)
            self.assertGreater(row["tcp_info"]["rtt_us"], 0)
            self.assertTrue(row["congestion"])
        self.assertIsNotNone(row["memory"])

    def assert_read(self, row):
        self.assertIsNone(row["reason"])
        self.assertTrue(row["options"]["TCP_NODELAY"]["value"])

    def test_another_users_sockets(self):
        holder = self.holder()
        done = inspect("--port", holder.port, namespace=self.here, user=NOBODY)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 sockets could not be looked into, for want of permission", done.stderr)
        self.assertNotIn("nodelay", done.stdout)
        document = inspected("--port", holder.port, namespace=self.here, user=NOBODY)
        self.assertEqual((len(document["sockets"]), document["not_permitted"]), (3, 3))
        for row in document["sockets"]:
            self.assertEqual((row["uid"], row["pid"], row["holders"]), (0, None, []))
            self.assert_only_diag(row, "unreadable: ")

    def test_another_users_process(self):
        holder = self.holder()
        done = inspect("--pid", holder.pid, namespace=self.here, user=NOBODY)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(holder.pid), done.stderr)
        self.assertIn("ermission denied", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_ones_own_sockets(self):
        holder, foreign = self.holder(user=NOBODY), self.holder()
        rows = by_inode(inspected("--state", "established", namespace=self.here, user=NOBODY))
        self.assert_read(rows[holder.inode("client")])
        self.assert_only_diag(rows[foreign.inode("client")], "unreadable: ")
        self.assert_read(by_inode(inspected("--pid", holder.pid, namespace=self.here, user=NOBODY))
                         [holder.inode("client")])

    def test_across_setuid(self):
        holder = self.holder()
        holder.do(TURN)
        holder.do(CONNECT)
        self.assertIsNone(inspect_row(self, holder, OTHER_USER)["pid"])
        self.assert_only_diag(inspect_row(self, holder, OTHER_USER), "unreadable: ")
        self.assertIsNone(inspect_row(self, holder, 0)["reason"])

    def test_not_dumpable(self):
        holder = self.holder(user=NOBODY)
        holder.do(f"ctypes.CDLL(None).prctl({PR_SET_DUMPABLE}, 0, 0, 0, 0)")
        self.assert_only_diag(inspect_row(self, holder, NOBODY), "unreadable: ")
        self.assert_read(inspect_row(self, holder, 0))

    def test_a_filter_that_forbids_copying(self):
        holder = self.holder()
        for code in (errno.EPERM, errno.ENOSYS):
            document = inspected("--pid", holder.pid, namespace=self.here, preexec_fn=lambda: forbid_copying(code))
            self.assertEqual(len(document["sockets"]), 3)
            for row in document["sockets"]:
                self.assertEqual(row["pid"], holder.pid)
                self.assert_only_diag(row, "seccomp")

    def test_without_copies(self):
        holder = self.holder()
        document = inspected("--pid", holder.pid, "--no-dup", "--all", namespace=self.here)
        self.assertEqual(len(document["sockets"]), 3)
        for row in document["sockets"]:
            self.assertEqual(row["pid"], holder.pid)
            self.assert_only_diag(row, "--no-dup")

    @not_sanitized  # its runtime needs descriptors of its own
    def test_no_descriptor_left(self):
        holder = self.holder()
        done = inspect("--pid", holder.pid, "--json", namespace=self.here,
                       preexec_fn=lambda: limit_descriptors(4))
        self.assertIn(done.returncode, (0, 8), done.stderr)
        self.assertNotIn('"value": false', done.stdout)

    def test_one_namespace_of_two(self):
        """nobody may look into processes of nobody, and not enter where root has put one of them."""
        own = Holder(user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(own.__exit__)
        own.connect()
        far = self.holder(user=NOBODY, group=NOBODY, extra_groups=[])
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        done = inspect("--json", "--pid", own.pid, "--pid", far.pid, **as_nobody)
        document = validated(done.stdout)
        self.assertEqual({row["pid"] for row in document["sockets"]}, {own.pid})
        self.assertEqual((done.returncode, document["count"], document["namespaces_not_entered"]), (0, 3, 1))
        self.assertIn("the sockets of 1 network namespace are missing", done.stderr)
        done = inspect("--pid", far.pid, **as_nobody)
        self.assertEqual((done.returncode, done.stdout), (6, ""))
        self.assertIn("enter a network namespace", done.stderr)

    def test_set_on_what_may_not_be_touched(self):
        holder = self.holder()
        done = inspect("--port", holder.port, "--local", f":{holder.port}", "--state", "established",
                       "--set", "nodelay=on", namespace=self.here, user=NOBODY)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertEqual(holder.ask("server.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)"), 0)


def limit_descriptors(count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def inspect_row(case, holder, user):
    document = inspected("--port", holder.ask("client.getsockname()[1]"), "--peer", "127.0.0.1", namespace=case.here,
                         user=user)
    return by_inode(document)[holder.inode("client")]


if __name__ == "__main__":
    namespace.skip_unless_possible()
    unittest.main()
