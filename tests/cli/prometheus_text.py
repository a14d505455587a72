"""Reads Prometheus' text format 0.0.4, and refuses what does not keep to it."""

import re

NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
LABEL = rf'({NAME})="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?)")
UNESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def unescape(text):
    return re.sub(r'\\[\\"n]', lambda found: UNESCAPED[found[0]], text)


def read_metrics(text):
    """{family: (type, {labels: number as text})}, labels being a frozenset of pairs."""
    assert text == "" or text.endswith("\n"), "no final newline"
    families = {}
    name = None
    helped = set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in helped, f"{name} is in two places"
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, of, kind = line.split(" ")
            assert of == name and kind in ("counter", "gauge"), line
            assert (kind == "counter") == name.endswith("_total"), line
            families[name] = (kind, {})
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, f"no sample, or one with a time: {line}"
            assert sample[1] == name, f"{line} is not in its family"
            labels = frozenset((key, unescape(value)) for key, value in re.findall(LABEL, sample[2] or ""))
            assert labels not in families[name][1], f"{line} is there twice"
            families[name][1][labels] = sample[len(sample.groups())]
    assert all(samples for _, samples in families.values()), "a family without a sample"
    return families


def value(families, name, **labels):
    """The number of the one series of this metric that has these labels."""
    found = [number for series, number in families[name][1].items() if set(labels.items()) <= series]
    assert len(found) == 1, f"{name} {labels}: {found}"
    return found[0]
