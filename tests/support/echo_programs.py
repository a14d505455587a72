"""Echo servers under load: the C and C++ programs of tests/bench, compiled, run and looked at from outside."""

import os
import pathlib
import re
import resource
import select
import shutil
import subprocess
import time

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "bench"
PATIENCE_S = 60
LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
COMPILERS = {".c": (os.environ.get("CC", "cc"), []),
             ".cpp": (os.environ.get("CXX", "c++"), ["-std=c++20", "-DASIO_STANDALONE", "-pthread"])}


class Missing(Exception):
    """A program that cannot be had here, and why."""


def has_header(name, suffix):
    compiler, flags = COMPILERS[suffix]
    probe = [compiler, *flags, "-fsyntax-only", "-x", "c" if suffix == ".c" else "c++", "-"]
    return subprocess.run(probe, input=f"#include <{name}>\n", text=True, capture_output=True, check=False).returncode == 0


def compiled(source, folder, header=None, libraries=()):
    """The path of a program of tests/bench, built into `folder`. Missing without a compiler, or without `header`."""
    source = SOURCES / source
    compiler, flags = COMPILERS[source.suffix]
    if shutil.which(compiler) is None:
        raise Missing(f"there is no {compiler}")
    if header and not has_header(header, source.suffix):
        raise Missing(f"there is no <{header}>")
    program = pathlib.Path(folder) / source.stem
    subprocess.run([compiler, *flags, "-O2", *WARNINGS, source, "-o", program, *libraries], check=True)
    return str(program)


def allow_descriptors(count):
    """Raises the soft limit for this process and its children. Missing where the hard limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Missing(f"{count} descriptors are needed, the hard limit is {hard}")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class EchoServer:
    """A server that runs for the length of a with block and has said where it listens."""

    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        listening = LISTENING.search(self._process.stdout.readline()) if ready else None
        if listening is None:
            self._process.kill()
            _, told = self._process.communicate()
            raise Missing(f"{' '.join(command)} does not listen: {told.strip() or 'it says nothing'}")
        self.port = int(listening.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def cpu_ns(self):
        """Time on a CPU so far, of all threads: the first number of schedstat."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def private_bytes(self):
        """Memory that it has written to and shares with nobody."""
        rollup = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Private_Dirty: +(\d+) kB$", rollup, re.MULTILINE).group(1)) * 1024


def run_client(command, seconds):
    """What a client of tests/bench measured in so many seconds: {"requests": 1234.0, "rate": ...}."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True,
                          timeout=seconds + 2 * PATIENCE_S)
    words = done.stdout.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}


def load(client, server, connections, size_bytes, seconds, *flags):
    """What echo_load measured."""
    return run_client([client, server.port, connections, size_bytes, seconds, *flags], seconds)


def calls_in(summary):
    """System calls in the table that strace -c writes, or None while it is not complete."""
    rows = [line.split() for line in summary.splitlines()]
    if not rows or rows[-1][-1:] != ["total"]:
        return None
    return sum(int(row[3]) for row in rows[2:-2])


def _calls_of_run(command, client, connections, requests, folder):
    """System calls of a server from its start to its end, with so many requests between."""
    summary = pathlib.Path(folder) / "calls"
    summary.write_text("")
    # -D makes the tracer the server's child: the process that is started and ended here is the server itself.
    with EchoServer(["strace", "-D", "-f", "-c", "-o", str(summary), *command]) as server:
        result = load(client, server, connections, 64, PATIENCE_S, "--requests", requests)
        if result["requests"] != requests:
            raise TimeoutError(f"{result['requests']:.0f} of {requests} requests in {PATIENCE_S} s")
    give_up = time.monotonic() + PATIENCE_S
    while (calls := calls_in(summary.read_text())) is None:
        if time.monotonic() > give_up:
            raise TimeoutError("strace wrote no summary")
        time.sleep(0.01)
    return calls


def calls_per_request(command, client, connections, folder):
    """The difference of two run lengths: start, connections and end cost the same in both."""
    short, long = 2000, 12000
    calls = [_calls_of_run(command, client, connections, requests, folder) for requests in (short, long)]
    return (calls[1] - calls[0]) / (long - short)


def idle_bytes(command, client, connections):
    """Memory of a server for each connection that has been answered once and is now idle."""
    with EchoServer(command) as server:
        load(client, server, 64, 64, PATIENCE_S, "--requests", 10000)  # what it needs once, it has
        before = server.private_bytes()
        words = [client, str(server.port), str(connections), "64", "0", "--idle"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            if not holder.stdout.readline().startswith(b"holding"):
                raise ConnectionError(f"{connections} connections could not be opened")
            return (server.private_bytes() - before) / connections
