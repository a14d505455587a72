"""Runs `tcpkit probe` in a namespace, and listens for it there."""

import json
import os
import socket
import struct

from program import program

BINARY = program()
PORT = 7070
_SAVE_SYN, _SAVED_SYN = 27, 28  # <linux/tcp.h>
_TCP_INFO_BYTES = 256
_WSCALE_OFFSET = 6  # struct tcp_info, <linux/tcp.h>: two halves of a byte
_RTO_OFFSET = 8


def words_of(options):
    """-o words of settings like "rcvbuf=1M"."""
    return [word for option in options for word in ("-o", option)]


def run_probe(namespace, *words, through=(), columns=80, **options):
    """The finished process of `tcpkit probe WORDS`, started by the command `through`; its text is that wide."""
    environment = {**os.environ, "LC_ALL": "C", "COLUMNS": str(columns)}
    return namespace.run([*through, BINARY, "probe", *words], env=environment, **options)


def probe(namespace, *words):
    """The JSON object of a probe that worked."""
    done = run_probe(namespace, "--json", *words)
    if done.returncode != 0:
        raise AssertionError(f"tcpkit probe {words} ended with {done.returncode}: {done.stderr}{done.stdout}")
    document = json.loads(done.stdout)
    document["stderr"] = done.stderr
    return document


def tcp_info(connection):
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)


def window_scales(connection):
    """(of the other end, our own) as the kernel of this end holds them."""
    both = tcp_info(connection)[_WSCALE_OFFSET]
    return both & 0x0F, both >> 4  # a bit-field: the first member has the low bits on little-endian machines


def offered_mss(connection):
    """The MSS option of the SYN that a listener with save_syn() took; Linux puts it first."""
    syn = connection.getsockopt(socket.IPPROTO_TCP, _SAVED_SYN, 128)
    header = 4 * (syn[0] & 0x0F) if syn[0] >> 4 == 4 else 40
    kind, length, mss = struct.unpack_from("!BBH", syn, header + 20)
    assert (kind, length) == (2, 4), syn.hex()  # RFC 9293 3.2
    return mss


def rto_us(connection):
    return struct.unpack_from("I", tcp_info(connection), _RTO_OFFSET)[0]


class Listener:
    """Takes connections in a namespace; the kernel completes them whether or not somebody accepts."""

    def __init__(self, namespace, address="127.0.0.1", patience_s=10):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with namespace.inside():
            self.socket = socket.create_server((address, PORT), family=family, backlog=64)
        self.socket.settimeout(patience_s)
        self.target = f"[{address}]:{PORT}" if ":" in address else f"{address}:{PORT}"

    def accept(self):
        return self.socket.accept()[0]

    def save_syn(self):
        self.socket.setsockopt(socket.IPPROTO_TCP, _SAVE_SYN, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
