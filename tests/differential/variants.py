"""The asyncio program with one thing changed: variants.py NAME PORT. The comparisons must find each of them."""

import asyncio.selector_events
import functools
import logging
import os
import socket
import struct
import sys
import time

import asyncio_echo_server as program

_handle_echo = program.handle_echo
_start_server = asyncio.start_server
_debug = logging.debug


class Instead:
    """An object that has some attributes of its own, and else those of another."""

    def __init__(self, other, **own):
        self.__dict__.update(own)
        self._other = other

    def __getattr__(self, name):
        return getattr(self._other, name)


def _read_with(change):
    """The handler gets a reader whose read() is another."""
    def handle(reader, writer):
        return _handle_echo(Instead(reader, read=functools.partial(change, reader)), writer)
    program.handle_echo = handle


def _close_with(change):
    def handle(reader, writer):
        return _handle_echo(reader, Instead(writer, close=functools.partial(change, writer)))
    program.handle_echo = handle


def _set(level, option, value):
    """Every accepted socket has this option, last of all."""
    handle_tcp_quickack = program.handle_tcp_quickack

    def handle(sock, enabled):
        handle_tcp_quickack(sock, enabled)
        sock.setsockopt(level, option, value)
    program.handle_tcp_quickack = handle


def _start_with(**changes):
    async def start_server(*words, **options):
        return await _start_server(*words, **{**options, **changes})
    asyncio.start_server = start_server


def _log_with(old, new):
    logging.debug = lambda message: _debug(message.replace(old, new))


def unchanged():
    pass


def echoes_one_byte_more():
    _read_with(lambda reader, size: reader.read(size + 1))


def waits_for_a_hundred_bytes():
    async def read(reader, size):
        try:
            return await reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            return error.partial
    _read_with(read)


def answers_silence():
    async def read(reader, size):
        return await reader.read(size) or b"nothing?"
    _read_with(read)


def answers_only_itself():
    async def read(reader, size):
        return (await reader.read(size)).replace(b"19", b"91")
    _read_with(read)


def loses_patience():
    async def read(reader, size):
        return await asyncio.wait_for(reader.read(size), 0.2)
    _read_with(read)


def reads_less_ahead():
    asyncio.selector_events._SelectorTransport.max_size = 1000  # pylint: disable=protected-access


def reads_until_nothing_comes():
    def close(writer):
        sock = writer.get_extra_info("socket")._sock  # pylint: disable=protected-access
        deadline = time.monotonic() + 0.05
        while time.monotonic() < deadline:
            try:
                sock.recv(1 << 20)
            except BlockingIOError:
                time.sleep(0.001)
        writer.close()
    _close_with(close)


def only_shuts_down():
    _close_with(lambda writer: writer.write_eof())


def resets():
    _set(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def keeps_descriptors():
    sock = socket.socket
    program.kept = []

    async def read(reader, size):
        program.kept.append(sock())
        return await reader.read(size)
    _read_with(read)


def dies_of_a_reset():
    async def read(reader, size):
        try:
            return await reader.read(size)
        except ConnectionResetError:
            os._exit(1)  # pylint: disable=protected-access
    _read_with(read)


def has_no_nodelay():
    _set(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)


def has_no_quickack():
    program.tcp_quickack = False


def has_another_keepidle():
    _set(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1801)


def has_a_user_timeout():
    _set(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1)


def has_another_rcvbuf():
    _set(socket.SOL_SOCKET, socket.SO_RCVBUF, 50000)


def has_another_backlog():
    _start_with(backlog=99)


def shares_no_port():
    _start_with(reuse_port=False)


def logs_another_number():
    _log_with("recv_buf_size: ", "recv_buf_size: 1")


def logs_less():
    _log_with("tcp_keepalive_cnt: ", "keepalive probes: ")


def main(name, port):
    globals()[name]()
    program.main(int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
