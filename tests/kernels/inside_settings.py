"""Options and where their values come from, as probe tells it on this kernel."""

import golden
from kernel_case import KernelCase


class Settings(KernelCase):
    def option(self, symbol, *words):
        return self.machine.tcpkit_json("probe", "--json", *words)["options"][symbol]

    def read_sysctl(self, name):
        return self.machine.run("cat /proc/sys/" + name.replace(".", "/")).stdout.split()

    def test_a_receive_buffer_is_cut_to_rmem_max_and_said_so(self):
        row = self.option("SO_RCVBUF", "-o", "rcvbuf=1G")
        limit = int(self.read_sysctl("net.core.rmem_max")[0])
        self.assertEqual((row["value"], row["requested"], row["origin"]), (2 * limit, 1 << 30, "requested"))
        self.assertEqual(row["sysctl"], "net.core.rmem_max")
        done = self.machine.tcpkit("probe", "--strict", "-o", "rcvbuf=1G")
        self.assertEqual(done.status, 1)
        self.assertIn("net.core.rmem_max", done.stderr)

    def test_a_raised_limit_is_followed(self):
        with self.machine.sysctl("net.core.rmem_max", 4 << 20):
            self.assertEqual(self.option("SO_RCVBUF", "-o", "rcvbuf=4M")["value"], 8 << 20)

    def test_a_sysctl_that_was_changed_is_where_a_value_comes_from(self):
        with self.machine.sysctl("net.ipv4.tcp_keepalive_time", 600):
            row = self.option("TCP_KEEPIDLE")
        self.assertEqual((row["value"], row["origin"], row["sysctl"]), (600, "sysctl", "net.ipv4.tcp_keepalive_time"))

    def test_a_buffer_nobody_asked_for_is_the_sysctls(self):
        row = self.option("SO_RCVBUF")
        self.assertEqual((row["value"], row["origin"]), (int(self.read_sysctl("net.ipv4.tcp_rmem")[1]), "sysctl"))

    def test_another_congestion_control_is_set(self):
        self.assertEqual(self.option("TCP_CONGESTION", "-o", "congestion=bbr")["value"], "bbr")

    def test_what_this_kernel_lacks_is_told_apart_from_a_bad_value(self):
        absent = self.machine.tcpkit("probe", "-o", "rto-max-ms=5s")  # none of these kernels has it yet
        self.assertEqual(absent.status, 7, absent.stderr)
        self.assertIn("this kernel has no such option", absent.stderr)
        for bad in ("keepidle=9h10m", "keepidle=40000s", "rto-max-ms=1ms", "congestion=nosuch"):
            done = self.machine.tcpkit("probe", "-o", bad)
            self.assertEqual(done.status, 2, f"{bad}: {done.stderr}")

    def test_absent_options_end_with_7_and_others_do_not(self):
        table = golden.read(self.version)["options"]
        for symbol, setting in (("SO_TXREHASH", "txrehash=off"), ("SO_PEEK_OFF", "peek-off=0"),
                                ("SO_RCVMARK", "rcvmark=on"), ("SO_BUF_LOCK", "buf-lock=rcvbuf")):
            done = self.machine.tcpkit("probe", "-o", setting)
            self.assertEqual(done.status, 7 if table[symbol] == golden.ABSENT else 0, f"{setting}: {done.stderr}")

    def test_what_is_known_but_not_to_be_had_here_is_told_apart_from_both(self):
        """The machine has no memory control groups."""
        done = self.machine.tcpkit("probe", "-o", "reserve-mem=4096")
        self.assertEqual(done.status, 7)
        there = golden.read(self.version)["options"]["SO_RESERVE_MEM"] != golden.ABSENT
        self.assertEqual("this kernel has SO_RESERVE_MEM" in done.stderr, there, done.stderr)
        self.assertEqual("no such option" in done.stderr, not there, done.stderr)
