#!/usr/bin/env python3
"""Holds a TCP socket in each state in which a process can have one, says so, and waits to be killed."""

import contextlib
import signal
import socket

HELD = []  # a socket that nobody holds is closed


def connected(listener):
    """Both ends."""
    near = socket.create_connection(listener.getsockname())
    far = listener.accept()[0]
    HELD.extend((near, far))
    return near, far


def fill(end):
    """Until its peer, which does not read, has closed its window: what is sent now stays here."""
    end.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            end.send(bytes(1 << 16))


def listen(backlog):
    HELD.append(socket.create_server(("127.0.0.1", 0), backlog=backlog))
    return HELD[-1]


def syn_sent():
    """There is room for one, and no answer to others."""
    listener = listen(0)
    HELD.append(socket.create_connection(listener.getsockname()))
    HELD.append(socket.socket())
    HELD[-1].setblocking(False)
    HELD[-1].connect_ex(listener.getsockname())


def main():
    listener = listen(16)
    connected(listener)
    connected(listener)[0].shutdown(socket.SHUT_WR)  # FIN-WAIT-2 here, CLOSE-WAIT there
    near, _ = connected(listener)
    fill(near)
    near.shutdown(socket.SHUT_WR)  # FIN-WAIT-1
    near, far = connected(listener)
    fill(near)
    far.shutdown(socket.SHUT_WR)
    while near.recv(1, socket.MSG_PEEK):
        pass
    near.shutdown(socket.SHUT_WR)  # LAST-ACK
    syn_sent()
    print("ready", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
