"""`tcpkit send` and others that do the same, started and read by tests and benchmarks."""

import json
import pathlib
import socket
import subprocess
import time

from echo_programs import PATIENCE_S, Missing, calls_in


class Failed(Exception):
    """A client that did not do all it was asked to."""


def send(tcpkit, port, *words):
    """What `tcpkit send` measured at this port of 127.0.0.1: its JSON."""
    command = [tcpkit, "send", f"127.0.0.1:{port}", "--json", *map(str, words)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False,
                          timeout=2 * PATIENCE_S)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: status {done.returncode}")
    return json.loads(done.stdout)


def send_load(tcpkit, port, connections, size_bytes, seconds, *words):
    """The same as echo_programs.load() tells of echo_load, with sockets that are set up like its."""
    told = send(tcpkit, port, "-c", connections, "-s", size_bytes, "-d", f"{seconds * 1000:.0f}ms", "-o", "nodelay",
                *words)
    return {"rate": told["requests"] * 1e6 / told["duration_us"], "requests": told["requests"],
            "p50_us": told["latency_ns"]["p50"] / 1000, "p99_us": told["latency_ns"]["p99"] / 1000}


def send_stream(tcpkit, port, seconds, congestion):
    """Bytes a second that the server's kernel acknowledged."""
    told = send(tcpkit, port, "--mode", "stream", "-d", f"{seconds * 1000:.0f}ms", "-o", f"congestion={congestion}")
    return {"bytes_per_s": told["bytes_sent"] * 1e6 / told["duration_us"]}


def _free_port():
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        return owner.getsockname()[1]


class Iperf3Server:
    """iperf3 -s for the length of a with block. What it says of every run goes to a file: it would fill a pipe."""

    def __init__(self, folder):
        self.port = _free_port()
        self._log = pathlib.Path(folder) / "iperf3.log"
        command = ["iperf3", "-s", "-p", str(self.port), "--forceflush"]
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                                 stderr=subprocess.STDOUT)
        except FileNotFoundError:
            raise Missing("there is no iperf3; Debian: apt-get install iperf3") from None

    def __enter__(self):
        self._await_listening()
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def _await_listening(self):
        for _ in range(PATIENCE_S * 100):
            if b"Server listening" in self._log.read_bytes():
                return
            time.sleep(0.01)
        raise Missing(f"iperf3 does not listen: {self._log.read_text()}")


def iperf3_stream(port, size_bytes, congestion):
    """Bytes a second that iperf3's server received."""
    command = ["iperf3", "-c", "127.0.0.1", "-p", str(port), "-n", str(size_bytes), "-C", congestion, "-J"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                          timeout=2 * PATIENCE_S)
    return {"bytes_per_s": json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 8}


def _calls_of(command, folder):
    summary = pathlib.Path(folder) / "client-calls"
    subprocess.run(["strace", "-f", "-c", "-o", summary, *map(str, command)], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, check=True, timeout=2 * PATIENCE_S)
    return calls_in(summary.read_text())


def calls_per_request(command_for, folder):
    """System calls of a client, told by two run lengths: start, connections and end cost the same in both.
    `command_for` gives the command line for a number of requests."""
    short, long = 2000, 12000
    calls = [_calls_of(command_for(requests), folder) for requests in (short, long)]
    return (calls[1] - calls[0]) / (long - short)
