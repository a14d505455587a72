"""Comparing programs on a machine that changes its speed by half from one second to the next.

Everything runs on one CPU, in slices of a fraction of a second with a rest after each; a program's slice lies between two
of the floor, and its ratio is to their mean. What counts is the median of the ratios of all rounds. A second floor,
measured as a program, shows the noise. Believe a difference of less than 5 % only if three runs agree."""

import argparse
import collections
import os
import statistics
import sys
import time

REST_S = 0.05


def _rested(measure):
    result = measure()
    time.sleep(REST_S)
    return result


def slices(measures, rounds):
    """{name: [(its slice, the floor's before, the floor's after), one a round]} of {name: what measures a slice}, in
    which the first one is the floor."""
    (_, floor), *others = measures.items()
    triples = collections.defaultdict(list)
    for _ in range(rounds):
        before = _rested(floor)
        for name, measure in others:
            own, after = _rested(measure), _rested(floor)
            triples[name].append((own, before, after))
            before = after
    return triples


def ratios(triples, field):
    """The floor's own figure, then {name: median of its ratios to the floor}."""
    floor = statistics.median(before[field] for runs in triples.values() for _, before, _ in runs)
    return floor, {name: statistics.median(own[field] * 2 / (before[field] + after[field])
                                           for own, before, after in runs)
                   for name, runs in triples.items()}


def print_line(title, cells, must="", aim=""):
    print(f"{title:24}" + "".join(f"{cell:>12}" for cell in cells) + f"{must:>8}{aim:>8}", flush=True)


def print_ratios(title, triples, field, unit, asked):
    """The floor's figure with its unit, then everybody's ratio to it, then what is asked: must and aim, or None."""
    floor, others = ratios(triples, field)
    own = f"{floor:.{0 if floor >= 100 else 2}f}{unit}"
    print_line(title, [own] + [f"{ratio:.2f}" for ratio in others.values()], *in_words(asked))


def in_words(asked):
    return ["-" if value is None else f"{value:g}" for value in asked]


def words_of(known):
    """A parser of one or several of these words, separated by commas."""
    def parse(text):
        words = text.split(",")
        unknown = set(words) - set(known)
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is not one of {', '.join(known)}")
        return words
    return parse


def enter_own_namespace():
    """Starts this program anew in a network namespace, where neither packet filters nor ports of others take part."""
    if os.environ.get("TCPKIT_BENCH_NAMESPACE") is None and os.geteuid() == 0:
        os.environ["TCPKIT_BENCH_NAMESPACE"] = "own"
        inside = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", inside, "sh", sys.executable, *sys.argv])


def stay_on_one_cpu():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the children's as well
