"""What the asyncio echo server imports: each helper sets options of a socket and logs what the kernel then has."""

from __future__ import annotations

import logging
import socket


def _log(name: str, value: object):
    logging.debug(f'{name}: {value}')


def handle_tcp_nodelay(sock: socket.socket, tcp_nodelay: bool):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(tcp_nodelay))
    _log('tcp_nodelay', sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0)


def handle_tcp_keepalive(
    sock: socket.socket,
    enabled: bool | None,
    idle: int | None,
    cnt: int | None,
    intvl: int | None,
):
    """What is None stays as the kernel made it; it is logged all the same."""
    if enabled is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(enabled))
    _log('tcp_keepalive', sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0)
    parts = {
        'tcp_keepalive_idle': (socket.TCP_KEEPIDLE, idle),
        'tcp_keepalive_cnt': (socket.TCP_KEEPCNT, cnt),
        'tcp_keepalive_intvl': (socket.TCP_KEEPINTVL, intvl),
    }
    for name, (option, value) in parts.items():
        if value is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
        _log(name, sock.getsockopt(socket.IPPROTO_TCP, option))


def handle_tcp_quickack(sock: socket.socket, tcp_quickack: bool):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, int(tcp_quickack))
    _log('tcp_quickack', sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) != 0)
