"""Sockets in every state, as inspect tells them on this kernel, beside the kernel's table."""

import golden
from kernel_case import KernelCase

STATES = {"listen", "syn-sent", "established", "fin-wait-1", "fin-wait-2", "close-wait", "last-ack"}
# Why there may be no value of an option that the kernel has.
OF_THE_SOCKET = ("not applicable", "not connected", "consuming read", "write-only", "not read: a secret")


class States(KernelCase):
    @classmethod
    def setUpClass(cls):
        pid = cls.machine.start_python("hold_states", "/tmp/states")
        cls.addClassCleanup(cls.machine.run, f"kill {pid}")
        cls.machine.wait_for("grep -q ready /tmp/states")
        cls.sockets = cls.machine.tcpkit_json("inspect", "--json", "--all", "--pid", pid)["sockets"]
        cls.table = golden.read(cls.version)

    def test_each_is_there(self):
        self.assertEqual({row["state"] for row in self.sockets}, STATES)

    def test_each_option_is_read_that_the_kernel_has(self):
        for row in self.sockets:
            self.assertEqual(set(row["options"]), set(self.table["options"]))
            for name, option in row["options"].items():
                with self.subTest(state=row["state"], option=name):
                    if self.table["options"][name] == golden.ABSENT:
                        self.assertEqual(option["reason"], "not known to this kernel")
                    else:
                        self.assertTrue(option["value"] is not None or option["reason"] in OF_THE_SOCKET, option)

    def test_each_field_is_there_that_the_kernel_returns(self):
        there = {name for name, value in self.table["tcp_info"].items() if value != golden.ABSENT}
        for row in self.sockets:
            with self.subTest(state=row["state"]):
                self.assertEqual({name for name, value in row["tcp_info"].items() if value is not None}, there)
