"""probe --watch into a pipe: what each line says, how it ends, and with which exit status."""

import os
import signal
import time
import unittest

from tcpkit_run import run, run_shell, validated
from watch_case import PACE, WatchCase, reset


class Lines(WatchCase):
    def test_a_connection_then_looks_then_the_end(self):
        watch = self.watch(PACE, "-n", "3")
        lines = watch.rest()
        self.assertEqual([line["event"] for line in lines], ["connected", "sample", "sample", "sample", "ended"])
        self.assertEqual((lines[-1]["how"], lines[-1]["samples"], watch.status), ("done", 3, 0))
        self.assertEqual(lines[0]["options"]["TCP_NODELAY"]["value"], False)
        self.assertEqual(watch.errors(), "")

    def test_rates_are_over_the_time_that_was_measured(self):
        lines = self.watch(PACE, "-n", "5").rest()[1:-1]
        self.assertIsNone(lines[0]["rates"])
        self.assertIsNone(lines[0]["growth"])
        for before, now in zip(lines, lines[1:]):
            interval = now["rates"]["interval_us"]
            self.assertAlmostEqual(interval, now["elapsed_us"] - before["elapsed_us"], delta=1)
            acked = now["tcp_info"]["bytes_acked"] - before["tcp_info"]["bytes_acked"]
            self.assertEqual(now["growth"]["bytes_acked"], acked)
            self.assertAlmostEqual(now["rates"]["acked_bytes_per_s"], acked * 1e6 / interval, delta=1 + acked / 10)

    def test_a_pause_of_the_program_is_part_of_the_time(self):
        watch = self.watch(PACE)
        watch.samples(1)
        watch.process.send_signal(signal.SIGSTOP)
        os.waitpid(watch.process.pid, os.WUNTRACED)
        time.sleep(0.3)
        watch.process.send_signal(signal.SIGCONT)
        slow = watch.sample_where(lambda line: line["rates"] and line["rates"]["interval_us"] >= 250_000)
        self.assertLess(slow["rates"]["acked_bytes_per_s"], 64 * 1e6 / 250_000 + 1)
        watch.interrupt()
        self.assertEqual((watch.rest()[-1]["how"], watch.status), ("interrupted", 128 + signal.SIGINT))

    def test_only_some_fields(self):
        lines = self.watch(PACE, "-n", "2", "--only", "rtt,bytes_acked").rest()
        self.assertEqual(list(lines[2]["tcp_info"]), ["rtt_us", "bytes_acked"])
        self.assertEqual(list(lines[2]["growth"]), ["bytes_acked"])
        self.assertNotIn("findings", lines[-1])

    def test_text_is_a_line_a_look_and_no_control_sequence(self):
        done = run("probe", PACE, "-n", "3", env={"TERM": "xterm"})
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.replace("\n", "").isprintable() and done.stdout.isascii())
        first, *looks = done.stdout.splitlines()
        self.assertIn("connected to 127.0.0.1:", first)
        self.assertEqual(len(looks), 3)
        for line in looks:
            self.assertRegex(line, r"^\d\d:\d\d:\d\d  rtt \S+ \S+ .*  snd_cwnd \d+ .*  echo ")

    def test_a_reader_that_has_enough_ends_it_before_the_next_look(self):
        begin = time.monotonic()
        done = run_shell('{ "$T" probe --watch=1h; echo "$?" >&2; } | head -n 2')
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn(done.stderr, ("0\n", "141\n"))
        done = run_shell('{ "$T" probe --watch=10ms --json; echo "$?" >&2; } | head -n 3')
        self.assertEqual([validated(line)["event"] for line in done.stdout.splitlines()],
                         ["connected", "sample", "sample"])
        self.assertIn(done.stderr, ("0\n", "141\n"))
        self.assertLess(time.monotonic() - begin, 60)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = run("probe", PACE, stdout=full)
        self.assertEqual(done.returncode, 8)
        self.assertIn("No space left", done.stderr)


class Ends(WatchCase):
    """Of connections to peers that are no part of tcpkit: nothing is sent to them."""

    def check_end(self, watch, how, status, error):
        *_, last = watch.rest()
        self.assertEqual((last["event"], last["how"], watch.status), ("ended", how, status))
        self.assertIn(error, watch.errors())
        return last

    def test_a_peer_that_closes(self):
        watch, peer = self.accepted()
        watch.samples(2)
        peer.close()
        last_look = watch.sample_where(lambda line: line["tcp_info"]["state"] == 8)
        self.assertEqual(last_look["growth"]["bytes_received"], 1)  # a FIN counts as a byte
        self.check_end(watch, "closed", 1, "the peer closed the connection, after ")

    def test_a_peer_that_closes_is_told_at_once(self):
        listening = self.listener()
        watch = self.watch("--watch=1h", "127.0.0.1:{1}".format(*listening.getsockname()))
        watch.samples(1)
        listening.accept()[0].close()
        self.check_end(watch, "closed", 1, "the peer closed the connection")

    def test_a_peer_that_resets(self):
        watch, peer = self.accepted()
        watch.samples(1)
        reset(peer)
        last = self.check_end(watch, "lost", 4, "Connection reset by peer")
        self.assertEqual(last["error"]["code"], "ECONNRESET")

    def test_nothing_is_sent_and_what_comes_is_read(self):
        watch, peer = self.accepted()
        watch.samples(2)
        sent = 0
        for _ in range(40):  # more than any receive buffer holds that nobody reads
            peer.sendall(bytes(1 << 20))
            sent += 1 << 20
        line = watch.sample_where(lambda line: line["tcp_info"]["bytes_received"] == sent)
        self.assertEqual((line["tcp_info"]["bytes_sent"], line["echo"]), (0, None))
        watch.interrupt()
        self.check_end(watch, "interrupted", 128 + signal.SIGINT, "")

    def test_a_signal_of_a_service_manager(self):
        watch, _ = self.accepted()
        watch.samples(1)
        watch.process.terminate()
        self.check_end(watch, "interrupted", 128 + signal.SIGTERM, "")

    def test_a_deadline(self):
        watch, _ = self.accepted("--deadline", "200ms")
        last = self.check_end(watch, "deadline", 5, "--deadline 200 ms passed")
        self.assertGreaterEqual(last["elapsed_us"], 100_000)

    def test_nobody_there(self):
        listening = self.listener()
        address = "127.0.0.1:{1}".format(*listening.getsockname())
        listening.close()
        done = run("probe", PACE, "--json", address)
        self.assertEqual(done.returncode, 4)
        self.assertEqual(validated(done.stdout)["error"]["code"], "ECONNREFUSED")

    def test_a_finding_of_the_time_that_was_watched(self):
        watch = self.watch(PACE, "-n", "2", "--fail-on", "note")
        lines = watch.rest()
        self.assertIn("F12", [finding["id"] for finding in lines[-1]["findings"]])
        self.assertEqual((lines[-1]["how"], watch.status), ("done", 1))
        self.assertEqual(run("probe", PACE, "-n", "2", "--fail-on", "error").returncode, 0)
        text = run("probe", PACE, "-n", "2", "--fail-on", "note").stdout
        self.assertIn("F12 idle-undetected (note)", text)
        self.assertNotIn("F12", run("probe", PACE, "-n", "2").stdout)

    def test_a_setting_that_was_clamped(self):
        words = ("probe", PACE, "-n", "1", "-o", "rcvbuf=2000000000")
        self.assertEqual(run(*words).returncode, 0)
        strict = run(*words, "--strict")
        self.assertEqual(strict.returncode, 1)
        self.assertIn("net.core.rmem_max", strict.stderr)


class Echoes(WatchCase):
    def test_messages_come_back_and_are_timed(self):
        with self.served() as (_, address):
            watch = self.watch(PACE, "--echo=100K", address)
            line = watch.sample_where(lambda line: line["echo"]["returned"] >= 3)
        self.assertEqual(line["tcp_info"]["bytes_sent"] % (100 * 1024), 0)
        self.assertGreater(line["echo"]["last_us"], 0)
        self.assertGreater(line["tcp_info"]["delivery_rate_bytes_per_s"], 0)

    def test_a_peer_that_stands_still_has_a_round_trip_and_no_echo(self):
        with self.served() as (server, address):
            watch = self.watch(PACE, "--echo", address)
            watch.sample_where(lambda line: line["echo"]["returned"] >= 2)
            server.send_signal(signal.SIGSTOP)
            stuck = watch.sample_where(lambda line: (line["echo"]["waited_us"] or 0) > 300_000)
            self.assertEqual((stuck["echo"]["outstanding_bytes"], stuck["tcp_info"]["unacked_segments"]), (64, 0))
            server.send_signal(signal.SIGCONT)
            again = watch.sample_where(lambda line: line["echo"]["messages"] > stuck["echo"]["messages"])
            self.assertGreaterEqual(again["echo"]["returned"], stuck["echo"]["messages"])

    def test_a_server_that_says_something_else_gets_no_more(self):
        watch, peer = self.accepted("--echo")
        peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.assertEqual((watch.rest()[-1]["how"], watch.status), ("differs", 1))
        self.assertIn("no echo peer", watch.errors())
        received = b""
        try:
            while chunk := peer.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        self.assertLessEqual(len(received), 64)


class Help(unittest.TestCase):
    def test_help_has_both_flags_with_their_optional_values(self):
        text = run("probe", "--help").stdout
        for form in ("--watch[=D]", "--echo[=SIZE]"):
            self.assertIn(form, text)


if __name__ == "__main__":
    unittest.main()
