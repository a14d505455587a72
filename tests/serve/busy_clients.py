"""Many clients in one thread, each of which sends a message, waits for it to come back, and begins again."""

import select
import socket
import struct
import time

from tcpkit_run import PATIENCE_S

MESSAGE_BYTES = 64


class BusyClients:
    def __init__(self, server, count, sources=None):
        """`sources`: addresses of this host to come from, one each."""
        self.poll = select.epoll()
        self.clients = {}
        self.rounds = 0
        self.wrong = 0
        for number in range(count):
            client = socket.socket()
            client.setblocking(False)
            if sources:
                client.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT of <linux/in.h>
                client.bind((sources[number], 0))
            client.connect_ex(server.address)
            self.clients[client.fileno()] = client
            self.poll.register(client, select.EPOLLOUT)
        self.messages = dict.fromkeys(self.clients, b"")
        self.echoed = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for descriptor in list(self.clients):
            self.drop(descriptor)
        self.poll.close()

    def run_until(self, holds, patience_s=PATIENCE_S):
        until = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.echoed)} of {len(self.clients)} clients had an echo")
            for descriptor, _ in self.poll.poll(0.1, 1024):
                self.turn(descriptor)

    def turn(self, descriptor):
        client = self.clients[descriptor]
        try:
            if self.messages[descriptor]:
                self.take_echo(descriptor, client)
            else:
                self.poll.modify(descriptor, select.EPOLLIN)
            if descriptor in self.clients:
                self.ask(descriptor, client)
        except OSError:
            self.drop(descriptor)

    def ask(self, descriptor, client):
        self.rounds += 1
        self.messages[descriptor] = struct.pack("QQ", descriptor, self.rounds) * (MESSAGE_BYTES // 16)
        client.send(self.messages[descriptor])

    def take_echo(self, descriptor, client):
        received = client.recv(MESSAGE_BYTES)  # so few bytes come in one piece
        if not received:
            return self.drop(descriptor)
        self.wrong += received != self.messages[descriptor]
        self.echoed.add(descriptor)

    def drop(self, descriptor):
        """Ends it with a reset, so that no port is kept from other tests for a minute."""
        client = self.clients.pop(descriptor)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
