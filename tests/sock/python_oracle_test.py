#!/usr/bin/env python3
"""Reads every option of a socket twice: with Python's socket module, decoding the bytes itself, and with the catalogue
(the helper program given as argument, through an inherited descriptor). Both must say the same."""

import errno
import socket
import struct
import subprocess
import sys

NEVER_READ = ("?consuming read", "?write-only", "?not read: a secret")
MOVING = {"TCP_TIMESTAMP"}  # another number at every reading: checked to lie between two readings


def number(form, data):
    return str(struct.unpack(form, data[: struct.calcsize(form)])[0])


def numbers(form, data):
    return ",".join(str(word) for word in struct.unpack(form, data))


def address(data):
    family = struct.unpack("=H", data[:2])[0]
    port = struct.unpack("!H", data[2:4])[0]
    if family == socket.AF_INET:
        return "%s:%d" % (socket.inet_ntop(family, data[4:8]), port)
    return "[%s]:%d" % (socket.inet_ntop(family, data[8:24]), port)


def microseconds(data):
    seconds, rest = struct.unpack("@qq", data)
    return str(seconds * 1_000_000 + rest)


def port_range(data):
    both = struct.unpack("@I", data)[0]
    return "%d,%d" % (both & 0xFFFF, both >> 16)


DECODERS = {
    "Switch": lambda data: "1" if struct.unpack("@i", data)[0] else "0",
    "Integer": lambda data: number("@i", data),
    "Enumeration": lambda data: number("@i", data),
    "Flags": lambda data: number("@i", data),
    "Unsigned32": lambda data: number("@I", data),
    "Unsigned64": lambda data: number("@Q", data),
    "Name": lambda data: data.split(b"\0")[0].decode("ascii"),
    "Linger": lambda data: numbers("@ii", data),
    "Timeval": microseconds,
    "NetworkIndex": lambda data: number("!I", data),
    "PortRange": port_range,
    "Words": lambda data: numbers("@%dI" % (len(data) // 4), data),
    "Bytes": lambda data: data.hex(),
    "Address": address,
}


def read(sock, level, option, kind, size):
    """The value as text, or an errno."""
    if kind == "Address":
        size = 16 if sock.family == socket.AF_INET else 28
    try:
        return DECODERS[kind](sock.getsockopt(level, option, size))
    except OSError as error:
        return error.errno


def expected_reasons(code):
    if code in (errno.ENOPROTOOPT, errno.EOPNOTSUPP):
        return ("?not applicable", "?not known to this kernel")
    if code == errno.ENODATA:
        return ("?not applicable",)
    if code == errno.ENOTCONN:
        return ("?not connected",)
    return ()


def agrees(symbol, before, told, after):
    if symbol in MOVING:
        modulus = 2**32
        return (int(told) - int(before)) % modulus <= (int(after) - int(before)) % modulus
    if isinstance(before, int):
        return told in expected_reasons(before)
    return told == before


def compare(helper, sock, state):
    """Returns how many values agreed and the lines of those that did not."""
    first = {}
    output = subprocess.run([helper, str(sock.fileno())], pass_fds=[sock.fileno()], check=True, stdout=subprocess.PIPE)
    rows = [line.split(" ", 5) for line in output.stdout.decode("ascii").splitlines()]
    for symbol, level, option, kind, size, told in rows:
        if told not in NEVER_READ:
            first[symbol] = read(sock, int(level), int(option), kind, int(size))
    output = subprocess.run([helper, str(sock.fileno())], pass_fds=[sock.fileno()], check=True, stdout=subprocess.PIPE)
    wrong, values = [], 0
    for line in output.stdout.decode("ascii").splitlines():
        symbol, level, option, kind, size, told = line.split(" ", 5)
        if getattr(socket, symbol, int(option)) != int(option):
            wrong.append("%s: number %s, Python has %d" % (symbol, option, getattr(socket, symbol)))
        if told in NEVER_READ:
            continue
        before = first[symbol]
        after = read(sock, int(level), int(option), kind, int(size))
        if agrees(symbol, before, told, after):
            values += not isinstance(before, int)
        else:
            wrong.append("%s socket: %s is %r, Python reads %r" % (state, symbol, told, before))
    return values, wrong


def change_something(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 12345)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("@ii", 1, 7))
    sock.setsockopt(socket.SOL_SOCKET, 20 if sys.maxsize > 2**32 else 66, struct.pack("@qq", 5, 500_000))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50_000)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 16)


def main(helper):
    failures = 0
    fresh = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    changed = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    change_something(changed)
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    accepted = listener.accept()[0]
    for state, sock in (("fresh", fresh), ("changed", changed), ("listening", listener), ("connected", client),
                        ("accepted", accepted)):
        values, wrong = compare(helper, sock, state)
        print("%s: %d values agree" % (state, values))
        failures += len(wrong) + (values < 70)
        for line in wrong:
            print("  " + line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
