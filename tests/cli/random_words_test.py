"""Command lines nobody would write: each is answered with a result or one clear error, never with a crash."""

import random
import re
import unittest

from tcpkit_run import run, validated

WORDS = ["--help", "-h", "--json", "--format", "--format=json", "--format=ndjson", "--format=", "json", "xml", "text",
         "-q", "-v", "-vv", "-qv", "--", "-", "---", "-x", "--color", "--color=always", "auto", "nodelay", "", "[::1]",
         "[]", "{}", "--json=", "--json=true", "-q=", "-vq-h", "--fromat", "-0", "-1", "++", "%%", "@file", "\udcff",
         "\x1b[2J", "a" * 300, "--=", "--=x", "-=", "!", "-!", "-{", "--{", "--a b", "fwmark_reflect", '"', "\\", "\n"]
TRIALS = 200


class RandomWords(unittest.TestCase):
    def check(self, words):
        result = run("explain", *words, errors="surrogateescape")
        self.assertIn(result.returncode, (0, 2))
        self.assertRegex(result.stderr, r"\A[\n\x20-\x7e]*\Z")
        if result.returncode == 0:
            self.assertEqual(result.stderr, "")
            return
        self.assertTrue(re.match(r"tcpkit: [^\n]+\n([^\n]+\n)?\Z", result.stderr), result.stderr)
        if result.stdout:
            self.assertEqual(validated(result.stdout)["error"]["code"], "bad_value")

    def test_many(self):
        choose = random.Random(7)
        for _ in range(TRIALS):
            words = choose.choices(WORDS, k=choose.randint(0, 5))
            with self.subTest(words=words):
                self.check(words)


if __name__ == "__main__":
    unittest.main()
