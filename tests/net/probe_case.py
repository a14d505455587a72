"""What tests of a probe's answer share: a namespace of their own, and claims about rows of JSON."""

import unittest

from namespace import Namespace, Pair
from probe import probe, words_of


class ProbeCase(unittest.TestCase):
    def assert_row(self, document, symbol, *, note=(), **wanted):
        """The row of an option has these members, and its note every one of these texts."""
        row = document["options"][symbol]
        self.assertEqual({key: row[key] for key in wanted}, wanted, row)
        self.assert_texts(note, row["note"] or "")

    def assert_texts(self, texts, whole):
        for text in texts:
            self.assertRegex(whole, rf"(?<![\w.]){text}(?!\d)")

    def has(self, document, symbol):
        """Whether the kernel has heard of this option."""
        return document["options"][symbol]["reason"] != "not known to this kernel"

    def assert_warnings(self, document, *texts):
        """One line on standard error for each of these, in order, that contains it; no text: no line."""
        lines = document["stderr"].splitlines()
        self.assertEqual(len(lines), len(texts), document["stderr"])
        for line, text in zip(lines, texts):
            self.assertIn(text, line)


class LoopbackCase(ProbeCase):
    """A fresh namespace for each test; the program probes the peer it starts itself."""

    def setUp(self):
        self.namespace = Namespace()
        self.addCleanup(self.namespace.close)

    def probe(self, *options, words=()):
        return probe(self.namespace, *words, *words_of(options))

    def need(self, symbol):
        if not self.has(self.probe(), symbol):
            self.skipTest(f"this kernel has no {symbol}")


class PairCase(ProbeCase):
    """A fresh pair of namespaces for each test; `here` probes, `there` listens."""

    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.close)
        self.here, self.there = self.pair.here, self.pair.there
