#!/usr/bin/env python3
"""How fast `tcpkit serve` echoes, as a ratio to a floor: serve_bench.py TCPKIT [--rounds N] [--only ROW,..] [--servers NAME,..]

The floor is echo_floor.c: an echo server with nothing in it that an echo does not need. Its peers are servers on libuv,
Asio and asyncio, if their packages are here. echo_load.c is the client: closed loop, one request under way on each
connection.

How they are compared is told in tests/support/slices.py. "again" is a second process of the floor, measured as a server:
it shows the noise.

System calls are counted by strace, as the difference of two run lengths. Memory is what the server wrote to and shares
with nobody, of 10,000 connections that have been answered once and are idle.

Prints; judges nothing. "must" and "aim" are what is asked of serve. Runs in a network namespace of its own where it may,
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
from echo_programs import EchoServer, Missing, allow_descriptors, calls_per_request, compiled, idle_bytes, load
from slices import enter_own_namespace, in_words, print_line, print_ratios, slices, stay_on_one_cpu, words_of

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
    return result


def print_speed(client, found, rows, rounds):
    """Rows of one load are measured together."""
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(EchoServer(command)) for name, command in found.items()}
        measured = {}
        for row in rows:
            if row.load not in measured:
                measures = {name: functools.partial(one_slice, client, server, row.load)
                            for name, server in servers.items()}
                measured[row.load] = slices(measures, rounds)
            print_ratios(row.title, measured[row.load], row.field, UNITS[row.field], (row.must, row.aim))


def print_counts(client, found, rows, folder):
    for row in rows:
        if row.name == "memory":
            cells = [f"{idle_bytes(command, client, row.load):.0f}" for command in found.values()]
        else:
            cells = [f"{calls_per_request(command, client, row.load, folder):.2f}" for command in found.values()]
        print_line(row.title, cells, *in_words((row.must, row.aim)))


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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names, servers = [row.name for row in ROWS], list(programs("", ""))
    parser.add_argument("tcpkit", metavar="TCPKIT")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", type=words_of(names), default=names, help=",".join(names))
    parser.add_argument("--servers", type=words_of(servers), default=servers, help=",".join(servers))
    return parser.parse_args()


def main():
    wanted = arguments()
    enter_own_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that servers are ended
    stay_on_one_cpu()
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
