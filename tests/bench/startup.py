#!/usr/bin/env python3
"""Start-up of `tcpkit probe` as a whole process: startup.py TCPKIT [ROUNDS]

Against `ss -tin`, and against connect_floor.c, a static C program that connects and ends: until the peer has the
connection, and until the process has ended. What probe does after it connected, reading some 110 options and 20 sysctls,
is its work and not its start. Each round runs the reference, probe and the reference again; a ratio is the median of
probe / (mean of the two references) over all rounds, so that a machine whose speed drifts does not decide. The ratio of
the references to each other is the noise. Prints; judges nothing. Runs in a network namespace of its own where it may,
so that sockets of others do not slow ss down.
"""
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from echo_programs import Missing, compiled  # noqa: E402

QUIET = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]


def run_ms(command, listener=None):
    """Times until the listener has a connection (None without one) and until the end of the process."""
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=QUIET)
    connected = None
    if listener:
        connection = listener.accept()[0]
        connected = (time.perf_counter() - begin) * 1000
    _, status = os.waitpid(process, 0)
    ended = (time.perf_counter() - begin) * 1000
    if listener:
        connection.close()
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return connected, ended


def compare(what, name, probes, before, after):
    ratios = [probe / ((first + second) / 2) for probe, first, second in zip(probes, before, after)]
    noise = [second / first for first, second in zip(before, after)]
    print(f"{what:10} {name} {statistics.median(before):6.2f} ms   tcpkit probe {statistics.median(probes):6.2f} ms   "
          f"ratio {statistics.median(ratios):5.2f}   ({name} to itself: {statistics.median(noise):.2f})")


def measure(probe, reference, name, listener, rounds):
    """`listener` is the peer of probe; the reference connects to it too where it is the floor."""
    its_peer = listener if name == "floor" else None
    triples = [(run_ms(reference, its_peer), run_ms(probe, listener), run_ms(reference, its_peer))
               for _ in range(rounds)]
    before, probes, after = zip(*triples)
    if its_peer:
        compare("connected", name, *([run[0] for run in runs] for runs in (probes, before, after)))
    compare("ended", name, *([run[1] for run in runs] for runs in (probes, before, after)))


def main():
    if os.environ.get("TCPKIT_BENCH_NAMESPACE") is None and os.geteuid() == 0:
        os.environ["TCPKIT_BENCH_NAMESPACE"] = "own"
        inside = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", inside, "sh", sys.executable, *sys.argv])
    tcpkit, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as folder:
        port = listener.getsockname()[1]
        probe = [tcpkit, "probe", f"127.0.0.1:{port}"]
        measure(probe, ["ss", "-tin"], "ss", listener, rounds)
        try:
            floor = compiled("connect_floor.c", folder, libraries=["-static"])
        except (Missing, subprocess.CalledProcessError) as error:
            sys.exit(f"no static C program to compare with: {error}")
        measure(probe, [floor, str(port)], "floor", listener, rounds)


if __name__ == "__main__":
    main()
