"""The asyncio echo server that `tcpkit serve --one-shot` stands in for: asyncio_echo_server.py [PORT], 0 = a free one.

It is what the tests compare with: the calls it makes, their order and their defaults are the point of it, so they stay.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys

from net import handle_tcp_keepalive, handle_tcp_nodelay, handle_tcp_quickack

logging.basicConfig(
    level=logging.DEBUG, style='{', format='[{threadName} ({thread})] {message}'
)

tcp_nodelay = True
tcp_quickack = True
g_tcp_keepalive_enabled = None
g_tcp_keepalive_idle = None
g_tcp_keepalive_cnt = None
g_tcp_keepalive_intvl = None


async def handle_echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    client_address = writer.get_extra_info('peername')
    logging.debug(f'connected from {client_address}')

    sock = writer.get_extra_info('socket')
    assert sock.type is socket.SOCK_STREAM
    assert sock.getpeername() == client_address
    assert sock.getsockname() == writer.get_extra_info('sockname')
    assert sock.gettimeout() == 0.0
    logging.debug(
        f'reuse_address: {sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0}'
    )
    logging.debug(
        f'reuse_port: {sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0}'
    )
    logging.debug(
        f'recv_buf_size: {sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)}'
    )
    logging.debug(
        f'send_buf_size: {sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)}'
    )
    handle_tcp_nodelay(sock, tcp_nodelay)
    handle_tcp_keepalive(
        sock,
        g_tcp_keepalive_enabled,
        g_tcp_keepalive_idle,
        g_tcp_keepalive_cnt,
        g_tcp_keepalive_intvl,
    )
    handle_tcp_quickack(sock, tcp_quickack)

    data = await reader.read(100)
    logging.debug(f'recv: {data!r}')

    writer.write(data)
    await writer.drain()
    logging.debug(f'sent: {data!r}')

    writer.close()


async def tcp_echo_server(
    host: str,
    port: int,
    *,
    backlog: int = 100,
    tcp_keepalive: bool = False,
    tcp_keepalive_idle: int | None = None,
    tcp_keepalive_cnt: int | None = None,
    tcp_keepalive_intvl: int | None = None,
):
    global g_tcp_keepalive_enabled
    global g_tcp_keepalive_idle
    global g_tcp_keepalive_cnt
    global g_tcp_keepalive_intvl
    g_tcp_keepalive_enabled = tcp_keepalive
    g_tcp_keepalive_idle = tcp_keepalive_idle
    g_tcp_keepalive_cnt = tcp_keepalive_cnt
    g_tcp_keepalive_intvl = tcp_keepalive_intvl

    server = await asyncio.start_server(
        handle_echo,
        host,
        port,
        reuse_address=True,
        reuse_port=True,
        backlog=backlog,
        start_serving=True,
    )

    server_addresses = ', '.join(str(sock.getsockname()) for sock in server.sockets)
    logging.debug(f'Serving on {server_addresses}')

    async with server:
        await server.serve_forever()


def main(port: int = 8888):
    asyncio.run(
        tcp_echo_server(
            '127.0.0.1',
            port,
            tcp_keepalive=True,
            tcp_keepalive_idle=1800,
            tcp_keepalive_cnt=5,
            tcp_keepalive_intvl=15,
        )
    )


if __name__ == '__main__':
    main(*map(int, sys.argv[1:]))
