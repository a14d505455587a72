#!/usr/bin/env python3
"""Start-up of `tcpkit probe` as a whole process against `ss -tin`: startup.py TCPKIT [ROUNDS]

Each round runs ss, probe and ss again; the ratio is the median of probe / (mean of the two ss runs) over all rounds, so
that a machine whose speed drifts does not decide. The ratio of ss to itself is the noise. Prints; judges nothing.
Runs in a network namespace of its own where it may, so that sockets of others do not slow ss down.
"""
import os
import socket
import statistics
import subprocess
import sys
import threading
import time


def serve():
    """A peer that takes every connection and closes it after the client did, so that the client keeps no TIME_WAIT."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)

    def drain():
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)

    threading.Thread(target=drain, daemon=True).start()
    return listener.getsockname()[1]


def wall_ms(command):
    begin = time.perf_counter()
    status = subprocess.call(command, stdout=subprocess.DEVNULL)
    elapsed = (time.perf_counter() - begin) * 1000
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {status}")
    return elapsed


def main():
    if os.environ.get("TCPKIT_BENCH_NAMESPACE") is None and os.geteuid() == 0:
        os.environ["TCPKIT_BENCH_NAMESPACE"] = "own"
        inside = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", inside, "sh", sys.executable, *sys.argv])
    tcpkit, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    probe, ss = [tcpkit, "probe", f"127.0.0.1:{serve()}"], ["ss", "-tin"]
    probes, references, ratios, noise = [], [], [], []
    for _ in range(rounds):
        before, middle, after = wall_ms(ss), wall_ms(probe), wall_ms(ss)
        probes.append(middle)
        references.append(before)
        ratios.append(middle / ((before + after) / 2))
        noise.append(after / before)
    print(f"ss -tin       {statistics.median(references):6.2f} ms")
    print(f"tcpkit probe  {statistics.median(probes):6.2f} ms")
    print(f"ratio         {statistics.median(ratios):6.2f}     (ss to itself: {statistics.median(noise):.2f})")


if __name__ == "__main__":
    main()
