"""tcpkit probe --json: every form of it fits the published schema, and the schema refuses what is no such form."""

import copy
import json
import pathlib
import socket
import unittest

import jsonschema

from tcpkit_run import SCHEMAS, run, validated

SCHEMA = json.loads((SCHEMAS / "tcpkit.probe-1.json").read_text())
UNKNOWN_OPTION = f"{socket.IPPROTO_IP}:6"  # IP_RECVOPTS: harmless, and in no table of tcpkit
LEFT_OUT_BY_ONLY = {"timing", "negotiated", "raw_options", "limits"}


def once(pairs):
    """An object none of whose keys is there twice."""
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)


def probe(*words, status=0):
    """The document, which fits the schema and has no key twice."""
    result = run("probe", "--json", *words)
    assert result.returncode == status, result.stderr
    document = validated(result.stdout)
    assert json.loads(result.stdout, object_pairs_hook=once) == document
    assert list(document)[0] == "schema"
    return document


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
        return True
    except OSError:
        return False


def refused_port():
    """A port nobody listens on, and nobody gets by chance while the socket is held."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


class Forms(unittest.TestCase):
    def test_own_peer(self):
        document = probe()
        self.assertEqual((document["target"]["host"], document["target"]["family"]), ("localhost", "IPv4"))
        self.assertEqual(document["peer"], f"127.0.0.1:{document['target']['port']}")
        self.assertLessEqual(LEFT_OUT_BY_ONLY, set(document))
        self.assertNotIn("connects", document)

    @unittest.skipUnless(has_ipv6(), "no IPv6 here")
    def test_own_peer_by_ipv6(self):
        document = probe("-6")
        self.assertEqual(document["target"]["family"], "IPv6")
        self.assertEqual(document["peer"], f"[::1]:{document['target']['port']}")

    def test_only(self):
        document = probe("--only", "rcvbuf,tcp_rmem,rtt")
        self.assertEqual([list(document[table]) for table in ("options", "sysctls", "tcp_info")],
                         [["SO_RCVBUF"], ["net.ipv4.tcp_rmem"], ["rtt_us"]])
        self.assertEqual(LEFT_OUT_BY_ONLY & set(document), set())

    def test_several_connects(self):
        connects = probe("-n", "3", "--interval", "0")["connects"]
        self.assertEqual((connects["tried"], connects["failed"]), (3, 0))

    def test_bandwidth(self):
        limits = probe("--bandwidth", "1G")["limits"]
        self.assertEqual(limits["bandwidth_bits_per_s"], 10**9)
        self.assertAlmostEqual(limits["window_needed_bytes"], 10**9 / 8 * limits["rtt_us"] / 10**6, delta=1)

    def test_clamped_buffer(self):
        most = int(pathlib.Path("/proc/sys/net/core/rmem_max").read_text())
        asked = min(2 * most, 2**31 - 1)
        row = probe("-o", f"rcvbuf={asked}")["options"]["SO_RCVBUF"]
        self.assertEqual((row["requested"], row["origin"], row["sysctl"]), (asked, "requested", "net.core.rmem_max"))
        self.assertEqual(row["value"], 2 * most)

    def test_option_by_number(self):
        self.assertEqual(probe("-o", f"{UNKNOWN_OPTION}=1")["raw_options"], {UNKNOWN_OPTION: {"requested": 1}})

    def test_all_changes_nothing_for_a_program(self):
        self.assertEqual(set(probe("--all")["sysctls"]), set(probe()["sysctls"]))

    def test_ndjson_is_one_line(self):
        result = run("probe", "--format", "ndjson")
        self.assertEqual(result.stdout.count("\n"), 1)
        validated(result.stdout)

    def test_failures(self):
        holder, port = refused_port()
        with holder:
            error = probe(f"127.0.0.1:{port}", status=4)["error"]
        self.assertEqual((error["doing"], error["code"]), (f"connect to 127.0.0.1:{port}", "ECONNREFUSED"))
        self.assertEqual(probe("-o", "keepidle=0", status=2)["error"]["code"], "bad_value")
        self.assertEqual(probe("--only", "nonsense", status=2)["error"]["code"], "bad_value")
        self.assertEqual(probe("--bogus", status=2)["schema"], "tcpkit.probe/1")


class Completeness(unittest.TestCase):
    """One entry for each row of the tables, which explain lists."""

    @classmethod
    def setUpClass(cls):
        cls.tables = validated(run("explain", "--json").stdout)

    def check(self, document):
        for table in ("options", "sysctls", "tcp_info"):
            self.assertEqual(sorted(document[table]), sorted(self.tables[table]))
        for symbol, row in self.tables["options"].items():
            shown = document["options"][symbol]
            self.assertEqual((shown["name"], shown["unit"]), (row["name"], row["unit"]))
        for name, row in self.tables["sysctls"].items():
            self.assertEqual(document["sysctls"][name]["scope"], row["scope"])

    def test_every_row_once(self):
        self.check(probe())

    @unittest.skipUnless(has_ipv6(), "no IPv6 here")
    def test_every_row_once_by_ipv6(self):
        self.check(probe("-6"))


class Strictness(unittest.TestCase):
    """The schema refuses a document that breaks one promise."""

    @classmethod
    def setUpClass(cls):
        cls.sound = probe("-n", "2", "--interval", "0", "--bandwidth", "1G", "-o",
                           f"{UNKNOWN_OPTION}=1")
        cls.check = jsonschema.Draft202012Validator(SCHEMA).is_valid

    def refused(self, change):
        document = copy.deepcopy(self.sound)
        change(document)
        self.assertFalse(type(self).check(document))

    def objects(self):
        """Those with fixed keys, as paths."""
        return [(), ("target",), ("timing",), ("attempts", 0), ("connects",), ("negotiated",), ("limits",),
                ("options", "TCP_NODELAY"), ("raw_options", UNKNOWN_OPTION), ("sysctls", "net.core.rmem_max")]

    def at(self, document, path):
        for step in path:
            document = document[step]
        return document

    def test_sound_document_is_not_refused(self):
        self.assertTrue(type(self).check(self.sound))

    def test_missing_key(self):
        may_lack = {"connects"}
        for path in self.objects():
            for key in set(self.at(self.sound, path)) - may_lack:
                with self.subTest(path=path, key=key):
                    self.refused(lambda document, path=path, key=key: self.at(document, path).pop(key))

    def test_new_key(self):
        for path in self.objects():
            with self.subTest(path=path):
                self.refused(lambda document, path=path: self.at(document, path).update(news=1))

    def test_words_outside_the_vocabulary(self):
        self.refused(lambda document: document["options"]["TCP_NODELAY"].update(origin="magic"))
        self.refused(lambda document: document["sysctls"]["net.core.rmem_max"].update(scope="host"))
        self.refused(lambda document: document["target"].update(family="ipv4"))
        self.refused(lambda document: document.update(schema="tcpkit.probe/2"))

    def test_null_without_a_reason(self):
        for path in (("options", "TCP_NODELAY"), ("sysctls", "net.core.rmem_max")):
            self.refused(lambda document, path=path: self.at(document, path).update(value=None))

    def test_value_with_a_reason(self):
        for path in (("options", "TCP_NODELAY"), ("sysctls", "net.core.rmem_max")):
            self.refused(lambda document, path=path: self.at(document, path).update(reason="absent"))

    def test_other_types(self):
        self.refused(lambda document: document["timing"].update(connect_us="1 ms"))
        self.refused(lambda document: document["limits"].update(rtt_us=1.5))
        self.refused(lambda document: document["tcp_info"].update(rtt_us="1 ms"))
        self.refused(lambda document: document.update(local="127.0.0.1"))

    def test_error_beside_a_result(self):
        self.refused(lambda document: document.update(error={"doing": "", "code": "", "message": ""}))


if __name__ == "__main__":
    unittest.main()
