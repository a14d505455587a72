#!/usr/bin/env python3
"""How fast `tcpkit inspect` lists many sockets, as a ratio to ss(8): inspect_bench.py TCPKIT [--rounds N] [--sockets N]

Three processes hold the sockets, both ends of connections over loopback. Without a selector the floor is `ss -tiemn`; with
one --pid each, where inspect also copies every descriptor and reads about 20 options, it is `ss -tiemnp`. Everybody writes
to /dev/null. Ratios of wall time, start included: less than 1 is faster than ss. How they are compared is told in
tests/support/slices.py. "again" is ss, measured as a program: it shows the noise.

Memory is the peak of the resident set (VmHWM) at 1000 sockets and at all of them: what grows with their number shows.

Prints; judges nothing. "must" is what is asked of inspect. Runs in a network namespace of its own where it may, so that
sockets of others take no part.
"""
import argparse
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from slices import enter_own_namespace, print_line, print_ratios, slices, stay_on_one_cpu

HOLDERS = 3
FEW = 1000
SMALLEST_PIPE = 4096
HOLD = """
import resource, socket, sys
connections = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (2 * connections + 100, 2 * connections + 100))
listener = socket.create_server(("127.0.0.1", 0), backlog=100)
held = []
for _ in range(connections):
    held.append(socket.create_connection(listener.getsockname()))
    held.append(listener.accept()[0])
listener.close()
print("ready", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def held(sockets):
    """The pids of processes that together have so many connected sockets."""
    command = [sys.executable, "-I", "-c", HOLD, str(sockets // HOLDERS // 2)]
    with contextlib.ExitStack() as stack:
        processes = []
        for _ in range(HOLDERS):
            processes.append(stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)))
            stack.callback(processes[-1].stdin.close)
        for process in processes:
            if process.stdout.readline() != "ready\n":
                sys.exit("a process could not open its sockets")
        yield [process.pid for process in processes]


def wall_time(command):
    def measure():
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return {"ms": (time.perf_counter() - begin) * 1000}
    return measure


def peak_kib(command):
    """A pipe that takes next to nothing lets the program run no further than its reader has looked."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
        status = pathlib.Path(f"/proc/{process.pid}/status")
        peak = 0
        while os.read(process.stdout.fileno(), SMALLEST_PIPE):
            found = re.search(r"VmHWM:\s+(\d+)", status.read_text())  # none once it has ended
            peak = max(peak, int(found[1]) if found else 0)
    return peak


def print_times(tcpkit, pids, rounds):
    by_pid = [word for pid in pids for word in ("--pid", str(pid))]
    plain, with_processes = wall_time(["ss", "-tiemn"]), wall_time(["ss", "-tiemnp"])
    rows = {
        "no selector": (plain, ["inspect"]),
        "no selector, --json": (plain, ["inspect", "--json"]),
        "no selector, --processes": (with_processes, ["inspect", "-p"]),
        "all processes": (with_processes, ["inspect", *by_pid]),
        "all processes, --json": (with_processes, ["inspect", "--json", *by_pid]),
        "all processes, --no-dup": (with_processes, ["inspect", "--no-dup", *by_pid]),
    }
    for title, (floor, words) in rows.items():
        must = None if "--" in title else 1.0
        triples = slices({"floor": floor, "again": floor, "inspect": wall_time([tcpkit, *words])}, rounds)
        print_ratios(title, triples, "ms", " ms", (must, None))


def print_memory(tcpkit, sockets):
    peaks = []
    for number in (FEW, sockets):
        with held(number) as pids:
            by_pid = [word for pid in pids for word in ("--pid", str(pid))]
            commands = (["inspect"], ["inspect", *by_pid], ["inspect", "--json", *by_pid], ["inspect", "--sort", "rtt"])
            peaks.append([peak_kib([tcpkit, *words]) for words in commands])
    print_line("peak memory", [f"{FEW}", f"{sockets}"])
    for title, few, many in zip(("no selector", "all processes", "all processes, --json", "--sort"), *peaks):
        print_line(title, [f"{few} KiB", f"{many} KiB"])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tcpkit", metavar="TCPKIT")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sockets", type=int, default=15_000)
    return parser.parse_args()


def main():
    wanted = arguments()
    if shutil.which("ss") is None:
        sys.exit("there is no ss(8)")
    enter_own_namespace()
    stay_on_one_cpu()
    with held(wanted.sockets) as pids:
        print_line(f"ratio, {wanted.rounds} rounds", ["ss", "again", "inspect"], "must")
        print_times(wanted.tcpkit, pids, wanted.rounds)
    print_memory(wanted.tcpkit, wanted.sockets)


if __name__ == "__main__":
    main()
