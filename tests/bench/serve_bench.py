#!/usr/bin/env python3
"""How fast `tcpkit serve` echoes, as a ratio to a floor: serve_bench.py TCPKIT [--rounds N] [--only ROW,..] [--servers NAME,..]

The floor is echo_floor.c: an echo server with nothing in it that an echo does not need. Its peers are servers on libuv,
Asio and asyncio, if their packages are here. echo_load.c is the client: closed loop, one request under way on each
connection.

Virtual machines change their speed by half from one second to the next. So everything runs on one CPU, in slices of a
fraction of a second with a rest after each; a server's slice lies between two of the floor, and its ratio is to their
mean. What is printed is the median of the ratios of all rounds. "again" is a second process of the floor, measured as a
server: it shows the noise. Believe a difference of less than 5 % only if three runs agree.

System calls are counted by strace, as the difference of two run lengths. Memory is what the server wrote to and shares
with nobody, of 10,000 connections that have been answered once and are idle.

Prints; judges nothing. "must" and "aim" are what is asked of serve. Runs in a network namespace of its own where it may,
so that neither packet filters nor ports of others take part.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import shutil
import signal
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from echo_programs import EchoServer, Missing, allow_descriptors, calls_per_request, compiled, idle_bytes, load

REST_S = 0.05
IDLE_CONNECTIONS = 10000
Load = collections.namedtuple("Load", "connections size_bytes seconds flags", defaults=[()])
Row = collections.namedtuple("Row", "name title load field must aim")

# A short slice where each request leaves a port in TIME_WAIT: the ports of one second must last.
CONNECT = Load(1, 64, 0.1, ("--connect-each",))
ROWS = [
    Row("1x64", "requests/s, 1 x 64 B", Load(1, 64, 0.2), "rate", 0.93, 0.97),
    Row("64x64", "requests/s, 64 x 64 B", Load(64, 64, 0.2), "rate", 0.90, 0.97),
    Row("1000x64", "requests/s, 1000 x 64 B", Load(1000, 64, 0.3), "rate", 0.94, 0.97),
    Row("64x65536", "requests/s, 64 x 64 KiB", Load(64, 65536, 0.2), "rate", 0.95, 0.99),
    Row("connect", "connect+echo+close/s", CONNECT, "rate", 0.93, 0.98),
    Row("p99", "p99 of 1000 x 64 B", Load(1000, 64, 0.3), "p99_us", 1.15, 1.05),
    Row("cpu", "CPU/request, 64 x 64 B", Load(64, 64, 0.2), "cpu_us", None, None),
    Row("calls1", "syscalls/request, 1", 1, None, 3.05, 3.00),
    Row("calls64", "syscalls/request, 64", 64, None, 2.10, 2.03),
    Row("memory", "bytes/idle connection", IDLE_CONNECTIONS, None, 1500, 200),
]
UNITS = {"rate": "/s", "p99_us": " us", "cpu_us": " us"}


def programs(tcpkit, folder):
    """(name, what gives its command line) of every server."""
    asio = {"folder": folder, "header": "asio/io_context.hpp"}
    serve = [tcpkit, "serve", "127.0.0.1:0", "--max-connections", "20000", "-q"]
    return {
        "floor": lambda: [compiled("echo_floor.c", folder)],
        "again": lambda: [compiled("echo_floor.c", folder)],
        "serve": lambda: serve,
        "libuv": lambda: [compiled("echo_libuv.c", folder, "uv.h", ["-luv"])],
        "asio-tuned": lambda: [compiled("echo_asio_tuned.cpp", **asio)],
        "asio": lambda: [compiled("echo_asio.cpp", **asio)],
        "asyncio": lambda: [sys.executable, str(HERE / "echo_asyncio.py")],
    }


def commands(tcpkit, wanted, folder):
    """{name: command line} of the servers that can be had, each seen to start."""
    found = {}
    for name, command in programs(tcpkit, folder).items():
        if name not in wanted and name != "floor":
            continue
        try:
            with EchoServer(command()):
                found[name] = command()
        except (Missing, OSError) as why:
            print(f"left out: {name}: {why}")
    return found


def one_slice(client, server, plan):
    cpu_ns = server.cpu_ns()
    result = load(client, server, plan.connections, plan.size_bytes, plan.seconds, *plan.flags)
    result["cpu_us"] = (server.cpu_ns() - cpu_ns) / 1000 / result["requests"]
    time.sleep(REST_S)
    return result


def slices(client, servers, plan, rounds):
    """{name: [(its slice, the floor's before, the floor's after), one a round]}"""
    triples = collections.defaultdict(list)
    for _ in range(rounds):
        before = one_slice(client, servers["floor"], plan)
        for name, server in servers.items():
            if name == "floor":
                continue
            own, after = one_slice(client, server, plan), one_slice(client, servers["floor"], plan)
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


def asked(row):
    return ["-" if value is None else f"{value:g}" for value in (row.must, row.aim)]


def print_speed(client, found, rows, rounds):
    """Rows of one load are measured together."""
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(EchoServer(command)) for name, command in found.items()}
        measured = {}
        for row in rows:
            if row.load not in measured:
                measured[row.load] = slices(client, servers, row.load, rounds)
            floor, others = ratios(measured[row.load], row.field)
            digits = 0 if floor >= 100 else 2
            own = f"{floor:.{digits}f}{UNITS[row.field]}"
            print_line(row.title, [own] + [f"{ratio:.2f}" for ratio in others.values()], *asked(row))


def print_counts(client, found, rows, folder):
    for row in rows:
        if row.name == "memory":
            cells = [f"{idle_bytes(command, client, row.load):.0f}" for command in found.values()]
        else:
            cells = [f"{calls_per_request(command, client, row.load, folder):.2f}" for command in found.values()]
        print_line(row.title, cells, *asked(row))


def countable(rows):
    """Rows of counts that can be had here."""
    missing = {}
    if shutil.which("strace") is None:
        missing |= {"calls1": "there is no strace", "calls64": "there is no strace"}
    try:
        allow_descriptors(IDLE_CONNECTIONS + 100)
    except Missing as why:
        missing["memory"] = why
    for row in rows:
        if row.name in missing:
            print(f"left out: {row.title}: {missing[row.name]}")
    return [row for row in rows if row.name not in missing]


def words_of(known):
    def parse(text):
        words = text.split(",")
        unknown = set(words) - set(known)
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is not one of {', '.join(known)}")
        return words
    return parse


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names, servers = [row.name for row in ROWS], list(programs("", ""))
    parser.add_argument("tcpkit", metavar="TCPKIT")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", type=words_of(names), default=names, help=",".join(names))
    parser.add_argument("--servers", type=words_of(servers), default=servers, help=",".join(servers))
    return parser.parse_args()


def enter_own_namespace():
    if os.environ.get("TCPKIT_BENCH_NAMESPACE") is None and os.geteuid() == 0:
        os.environ["TCPKIT_BENCH_NAMESPACE"] = "own"
        inside = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", inside, "sh", sys.executable, *sys.argv])


def main():
    wanted = arguments()
    enter_own_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that servers are ended
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the children's as well
    rows = countable([row for row in ROWS if row.name in wanted.only])
    with tempfile.TemporaryDirectory() as folder:
        client = compiled("echo_load.c", folder)
        found = commands(wanted.tcpkit, wanted.servers, folder)
        print_line(f"ratio, {wanted.rounds} rounds", list(found), "must", "aim")
        print_speed(client, found, [row for row in rows if row.field], wanted.rounds)
        print_line("count", list(found), "must", "aim")
        print_counts(client, found, [row for row in rows if not row.field], folder)


if __name__ == "__main__":
    main()
