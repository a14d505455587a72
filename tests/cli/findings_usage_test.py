"""The flags of findings: what is refused, what they change, and the exit status, in every command that has findings."""

import unittest

from probe_run import FailingProbe
from serve_run import FREE_PORT, Server
from tcpkit_run import run, validated

KEEPALIVE_LATE = ("-o", "keepalive", "-o", "keepidle=1h", "--idle-limit", "350s")


def probed(*words, status=0):
    done = run("probe", "--json", *words)
    if done.returncode != status:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    return validated(done.stdout)


def found(document):
    return {finding["id"]: finding for finding in document["findings"]}


class Refused(FailingProbe):
    def test_severity(self):
        self.check(["--fail-on", "bad"], 2, '--fail-on: "bad" is none: note, warning or error is allowed')
        self.check(["--fail-on", ""], 2, '--fail-on: "" is none')

    def test_finding(self):
        self.check(["--ignore", "F99"], 2, '--ignore: "F99" is no finding')
        self.check(["--ignore", "rwnd-limted"], 2, "did you mean rwnd-limited?")
        self.check(["--ignore", "F12,F18"], 2, '--ignore: "F12,F18" is no finding')

    def test_times(self):
        for flag in ("--idle-limit", "--rtt", "--detect-within", "--connect-within"):
            self.check([flag, "5"], 2, f'{flag}: "5" is not a duration')
            self.check([flag, "0"], 2, f'{flag}: "0" is too short')
        self.check(["--idle-limit", "999ms"], 2, '--idle-limit: "999ms" is too short: at least 1 s')
        self.check(["--rtt", "1ns"], 2, '--rtt: "1ns" is too short: at least 1 us')

    def test_rate(self):
        self.check(["--bandwidth", "0"], 2, '--bandwidth: "0" is too small')

    def test_a_message_has_no_findings(self):
        for flag, value in (("--fail-on", "note"), ("--ignore", "F12"), ("--rtt", "1ms")):
            done = run("send", ":1", "hello", flag, value)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{flag} is for measurements", done.stderr)


class Probe(unittest.TestCase):
    def test_a_plain_probe_finds_nothing_above_a_note(self):
        document = probed("--fail-on", "warning")
        self.assertEqual({finding["severity"] for finding in document["findings"]}, {"note"})

    def test_findings_become_an_exit_status(self):
        finding = found(probed(*KEEPALIVE_LATE))["F13"]
        self.assertEqual((finding["severity"], finding["evidence"]["idle_limit_s"]), ("warning", 350))
        probed(*KEEPALIVE_LATE, "--fail-on", "warning", status=1)
        probed(*KEEPALIVE_LATE, "--fail-on", "error")
        self.assertEqual(run("probe", *KEEPALIVE_LATE, "--fail-on", "note").returncode, 1)

    def test_what_is_ignored_is_not_found(self):
        document = probed(*KEEPALIVE_LATE, "--ignore", "f13", "--fail-on", "warning")
        self.assertNotIn("F13", found(document))

    def test_the_remedy_names_the_flag_it_replaces_and_works(self):
        remedy = found(probed(*KEEPALIVE_LATE))["F13"]["remedy"]
        self.assertIn("in place of -o keepidle=1h", remedy)
        words = remedy.split(" in place of ")[0].split()
        self.assertEqual(words[0], "-o")
        self.assertNotIn("F13", found(probed("-o", "keepalive", *words, "--idle-limit", "350s")))

    def test_a_clamp_is_found_with_its_sysctl(self):
        finding = found(probed("-o", "rcvbuf=1G"))["F02"]
        self.assertEqual(finding["evidence"]["requested_bytes"], 1 << 30)
        self.assertIn("net_core_rmem_max_bytes", finding["evidence"])
        self.assertIn("-o rcvbuf=1G", finding["remedy"])

    def test_text_ends_with_findings_the_worst_first(self):
        text = run("probe", *KEEPALIVE_LATE).stdout.split("\nFindings\n")[1]
        self.assertLess(text.index("F13"), text.index("F18"))
        self.assertRegex(text, r"\d+ rules checked, \d+ could not be")

    def test_all_says_why_a_rule_was_not_checked(self):
        text = run("probe", "--all").stdout
        self.assertIn("\nRules not checked\n", text)
        self.assertIn("say it with --connect-within", " ".join(text.split()))

    def test_only_shows_no_findings_but_may_fail(self):
        done = run("probe", "--only", "rcvbuf", *KEEPALIVE_LATE, "--fail-on", "warning")
        self.assertNotIn("F13", done.stdout)
        self.assertEqual(done.returncode, 1)


class Serve(unittest.TestCase):
    def test_a_clamped_backlog_is_told_once_and_fails_before_serving(self):
        done = run("serve", "--json", "--backlog", "1000000", "--fail-on", "warning", "--for", "1s", FREE_PORT)
        events = [validated(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1)
        [finding] = [event["finding"] for event in events if event["event"] == "finding"]
        self.assertEqual(finding["id"], "F21")
        self.assertEqual([event for event in events if event["event"] == "listening"], [])

    def test_the_first_connection_shows_what_the_settings_come_to(self):
        with Server("--json", "--accept", "1", *KEEPALIVE_LATE) as server:
            with server.connect():
                server.wait_for_event("finding", lambda event: event["finding"]["id"] == "F13")
            self.assertEqual(server.wait(), 0)
            [summary] = server.events("summary")
        self.assertIn("F13", [row["finding"]["id"] for row in summary["findings"]])


if __name__ == "__main__":
    unittest.main()
