"""Runs a server on 127.0.0.1:7000, in a network namespace of its own, and lets more clients connect than it can accept:
overflowing.py PROGRAM... Prints what the server prints, and ends it once it has said so."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

CLIENTS = 8


def overflows():
    """TcpExt ListenOverflows."""
    names, numbers = [line.split() for line in pathlib.Path("/proc/net/netstat").read_text().splitlines()
                      if line.startswith("TcpExt:")]
    return int(numbers[names.index("ListenOverflows")])


server = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
print(server.stdout.readline(), end="")
os.kill(server.pid, signal.SIGSTOP)
clients = []
for _ in range(CLIENTS):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    client.connect_ex(("127.0.0.1", 7000))
    clients.append(client)
while not overflows():  # a SYN that was not answered is sent again
    time.sleep(0.01)
os.kill(server.pid, signal.SIGCONT)
for line in server.stdout:
    print(line, end="")
    if '"health"' in line:
        server.terminate()
