#!/usr/bin/env python3
"""How fast `tcpkit send` measures, as a ratio to a floor: send_bench.py TCPKIT [--rounds N] [--only ROW,..] [--congestion NAME]

The floor of requests is echo_load.c, a closed loop with nothing in it that a measurement does not need, and for p50
ping_pong.c, a blocking send and recv. All of them ask echo_floor.c. The floor of bulk is iperf3, its client and its own
server, which takes most of its time; send streams to `tcpkit serve --mode discard`, which drops bytes in the kernel
(MSG_TRUNC), and to sink.c, which copies them. Both clients use the same congestion control, by default one that does not
pace: bbr leaves the processor idle, and its model of the path is compared instead of the programs.

How they are compared is told in tests/support/slices.py. "again" is the floor, measured as a program: it shows the noise.
Times and rates are what the clients themselves measured, so their start costs nothing. System calls are counted by
strace, as the difference of two run lengths.

Prints; judges nothing. "must" and "aim" are what is asked of send. Runs in a network namespace of its own where it may,
so that neither packet filters nor ports of others take part.
"""
import argparse
import collections
import contextlib
import functools
import pathlib
import shutil
import signal
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from echo_programs import EchoServer, Missing, allow_descriptors, compiled, load, run_client
from send_programs import Iperf3Server, calls_per_request, iperf3_stream, send_load, send_stream
from slices import (enter_own_namespace, in_words, print_line, print_ratios, ratios, slices, stay_on_one_cpu,
                    words_of)

SIZE = 64
MOST_CONNECTIONS = 1000
BULK_BYTES = 1_000_000_000  # a fraction of a second
Row = collections.namedtuple("Row", "name title measure field unit must aim")
Programs = collections.namedtuple("Programs", "tcpkit load ping_pong sink floor folder")


def requests(connections, seconds, *flags):
    """A slice of requests, by the floor and by send. `flags`: of echo_load, then of send."""
    load_flags, send_flags = flags or ((), ())

    def measures(programs, server):
        def floor():
            return load(programs.load, server, connections, SIZE, seconds, *load_flags)

        def own():
            return send_load(programs.tcpkit, server.port, connections, SIZE, seconds, *send_flags)
        return {"floor": floor, "again": floor, "send": own}
    return measures


def ping_pong(programs, server):
    seconds = 0.2

    def floor():
        return run_client([programs.ping_pong, server.port, SIZE, seconds], seconds)
    return {"floor": floor, "again": floor,
            "send": lambda: send_load(programs.tcpkit, server.port, 1, SIZE, seconds)}


# A short slice where each request leaves a port in TIME_WAIT: the ports of one second must last.
EACH = requests(1, 0.1, ("--connect-each",), ("--mode", "crr"))
ROWS = [
    Row("1", "requests/s, 1 x 64 B", requests(1, 0.2), "rate", "/s", 0.95, 1.0),
    Row("10", "requests/s, 10 x 64 B", requests(10, 0.2), "rate", "/s", 0.95, 1.0),
    Row("100", "requests/s, 100 x 64 B", requests(100, 0.2), "rate", "/s", 0.95, 1.0),
    Row("1000", "requests/s, 1000 x 64 B", requests(MOST_CONNECTIONS, 0.3), "rate", "/s", 0.95, 1.0),
    Row("p50", "p50 of 1 x 64 B", ping_pong, "p50_us", " us", 1.15, 1.06),
    Row("connect", "connect+echo+close/s", EACH, "rate", "/s", 0.95, 1.0),
]
BULK = {"copied": ("sink", "bulk, copied"), "dropped": ("discard", "bulk, MSG_TRUNC")}
CALLS = {"calls1": (1, 3.05, 3.00), "calls64": (64, 2.10, 2.03)}


def print_requests(programs, rows, rounds):
    with EchoServer([programs.floor]) as server:
        for row in rows:
            triples = slices(row.measure(programs, server), rounds)
            print_ratios(row.title, triples, row.field, row.unit, (row.must, row.aim))


def print_bulk(programs, wanted, rounds, congestion):
    """All of bulk is measured together."""
    seconds = 0.3
    discard = [programs.tcpkit, "serve", "127.0.0.1:0", "--mode", "discard", "-q"]
    with contextlib.ExitStack() as stack:
        iperf3 = stack.enter_context(Iperf3Server(programs.folder))
        servers = {"sink": stack.enter_context(EchoServer([programs.sink])),
                   "discard": stack.enter_context(EchoServer(discard))}

        def floor():
            return iperf3_stream(iperf3.port, BULK_BYTES, congestion)
        measures = {"floor": floor, "again": floor}
        for name in wanted:
            port = servers[BULK[name][0]].port
            measures[name] = functools.partial(send_stream, programs.tcpkit, port, seconds, congestion)
        speed, others = ratios(slices(measures, rounds), "bytes_per_s")
    print_line("", ["iperf3", "again", "send"])
    for name in wanted:
        cells = [f"{speed / 1e9:.2f} GB/s", f"{others['again']:.2f}", f"{others[name]:.2f}"]
        print_line(BULK[name][1], cells, "1.2", "1.35")


def print_calls(programs, wanted):
    with EchoServer([programs.floor]) as server:
        for name in wanted:
            connections, *asked = CALLS[name]
            floor = calls_per_request(lambda count: [programs.load, server.port, connections, SIZE, 60, "--requests",
                                                     count], programs.folder)
            own = calls_per_request(lambda count: [programs.tcpkit, "send", f"127.0.0.1:{server.port}", "-n", count,
                                                   "-c", connections], programs.folder)
            print_line(f"syscalls/request, {connections}", [f"{floor:.2f}", "", f"{own:.2f}"], *in_words(asked))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*(row.name for row in ROWS), *BULK, *CALLS]
    parser.add_argument("tcpkit", metavar="TCPKIT")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--congestion", default="cubic", help="of bulk; default: %(default)s")
    parser.add_argument("--only", type=words_of(names), default=names, help=",".join(names))
    return parser.parse_args()


def programs_in(folder, tcpkit):
    sources = ("echo_load.c", "ping_pong.c", "sink.c", "echo_floor.c")
    return Programs(tcpkit, *(compiled(source, folder) for source in sources), folder)


def main():
    wanted = arguments()
    enter_own_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that servers are ended
    stay_on_one_cpu()
    allow_descriptors(MOST_CONNECTIONS + 100)
    with tempfile.TemporaryDirectory() as folder:
        programs = programs_in(folder, wanted.tcpkit)
        print_line(f"ratio, {wanted.rounds} rounds", ["floor", "again", "send"], "must", "aim")
        print_requests(programs, [row for row in ROWS if row.name in wanted.only], wanted.rounds)
        bulk = [name for name in BULK if name in wanted.only]
        try:
            if bulk:
                print_bulk(programs, bulk, wanted.rounds, wanted.congestion)
        except Missing as why:
            print(f"left out: bulk: {why}")
        calls = [name for name in CALLS if name in wanted.only]
        if calls and shutil.which("strace") is None:
            print("left out: system calls: there is no strace")
        elif calls:
            print_calls(programs, calls)


if __name__ == "__main__":
    main()
