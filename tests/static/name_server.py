"""A name server of a few lines on UDP port 53 of a namespace: it knows one name and its IPv4 address."""

import socket
import struct
import threading

_A = 1
_FOUND, _NO_SUCH_NAME = 0x8180, 0x8183  # a recursive answer and its code: RFC 1035 section 4.1.1
_HEADER_BYTES = 12
_NAME_OF_THE_QUESTION = 0xC000 | _HEADER_BYTES  # a pointer to it: RFC 1035 section 4.1.4
_TTL_S = 60


def _question(query):
    """Its name, its type and its bytes."""
    labels, at = [], _HEADER_BYTES
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack_from("!H", query, at + 1)[0], query[_HEADER_BYTES:at + 5]


def _reply(query, name, address):
    asked, kind, question = _question(query)
    records = b""
    if (asked, kind) == (name, _A):
        records = struct.pack("!HHHIH", _NAME_OF_THE_QUESTION, _A, 1, _TTL_S, 4) + socket.inet_aton(address)
    code = _FOUND if asked == name else _NO_SUCH_NAME
    return query[:2] + struct.pack("!5H", code, 1, 1 if records else 0, 0, 0) + question + records


def serve_name(namespace, name, address):
    """Answers from now on until the test ends."""
    with namespace.inside():
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))

    def answer():
        while True:
            query, client = server.recvfrom(512)
            server.sendto(_reply(query, name, address), client)

    threading.Thread(target=answer, daemon=True).start()
