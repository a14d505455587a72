"""Servers of other makes: HTTP/1.1, a protocol of lines as Redis speaks it, and socat."""

import contextlib
import http.server
import re
import shutil
import socket
import subprocess
import threading
import unittest

from peer import PATIENCE_S, Peer
from send_case import SendCase, shows_stall
from serve_run import Lines

MODES = (("--mode", "rr"), ("--mode", "rr", "-c", "4"), ("--mode", "wwr"), ("--mode", "crr", "-c", "2"),
         ("--rate", "500", "-c", "2"))
REQUESTS = 10  # in two writes, each of them takes 40 ms


class KnownPeer(SendCase):
    def check(self, address, message, *words, escapes=True):
        """All requests are answered right, in every mode."""
        for mode in MODES:
            with self.subTest(mode=mode, words=words):
                flags = ("-e",) if escapes else ()
                document = self.measure("-n", str(REQUESTS), *flags, *mode, *words, address, message)
                self.assertEqual((document["requests"], document["errors"]), (REQUESTS, 0), document["first_failure"])
                self.assertEqual(document["reopened"], 0)


class Pages(http.server.BaseHTTPRequestHandler):
    """HTTP/1.1 with connections that stay; a page of a known length and end."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    PAGE = b"<html>" + b"x" * 3000 + b"</html>\n"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.PAGE)))
        self.end_headers()
        self.wfile.write(self.PAGE)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def web_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield "{}:{}".format(*server.server_address)
        finally:
            server.shutdown()
            thread.join(PATIENCE_S)


def reply_size(address, request):
    """How long a reply is, as a client of another make finds out."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
        connection.sendall(request)
        reply = b""
        while not reply.endswith(Pages.PAGE):
            reply += connection.recv(1 << 16)
    return len(reply)


class Http(KnownPeer):
    GET = r"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    def test_until_the_end_of_the_page(self):
        with web_server() as address:
            self.check(address, self.GET, "--reply", r"until:</html>\n")

    def test_so_many_bytes(self):
        """The date in the head has the same length on every day."""
        with web_server() as address:
            size = reply_size(address, self.GET.encode().decode("unicode_escape").encode())
            self.check(address, self.GET, "--reply", f"bytes:{size}")

    def test_another_page_is_not_taken_for_it(self):
        with web_server() as address:
            message = r"BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            document = self.measure("-n", "3", "--mode", "crr", "--reply", r"until:</html>\n\n", "-e", address, message,
                                    status=1)
            self.check_failures(document, ended=3)

    def test_a_server_that_closes_as_it_was_asked_to(self):
        """Connection: close; crr is made for that, and rr connects anew."""
        message = r"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        with web_server() as address:
            words = ("--reply", r"until:</html>\n", "-n", "20", "-e", address, message)
            document = self.measure("--mode", "crr", *words)
            self.assertEqual((document["requests"], document["errors"]), (20, 0))


def redis_like(connection, _):
    """Lines in, one line out; as Redis it takes several commands at once."""
    with connection.makefile("rb") as lines:
        for line in lines:
            words = line.split()
            if words[:1] == [b"PING"]:
                connection.sendall(b"+PONG\r\n")
            elif words[:1] == [b"GET"]:
                connection.sendall(b"$5\r\n")  # a reply in two pieces
                connection.sendall(b"value\r\n")
            else:
                connection.sendall(b"-ERR unknown command\r\n")


class Redis(KnownPeer):
    def check_redis(self, message, *words):
        with Peer(redis_like) as peer:
            self.check(peer.address, message, *words)

    def test_a_line(self):
        self.check_redis(r"PING\r\n", "--reply", r"until:\r\n")

    def test_this_line(self):
        self.check_redis(r"PING\r\n", "--reply", r"match:+PONG\r\n")

    def test_any_answer(self):
        self.check_redis(r"PING\r\n", "--reply", "any")

    def test_so_many_bytes_in_pieces(self):
        self.check_redis(r"GET key\r\n", "--reply", "bytes:11")
        self.check_redis(r"GET key\r\n", "--reply-size", "11")

    def test_text_in_pieces(self):
        self.check_redis(r"GET key\r\n", "--reply", r"match:$5\r\nvalue\r\n")
        self.check_redis(r"GET key\r\n", "--reply", r"until:value\r\n")

    def test_several_at_once(self):
        self.check_redis(r"PING\r\nPING\r\nPING\r\n", "--reply", r"match:+PONG\r\n+PONG\r\n+PONG\r\n")

    def test_two_writes_stall(self):
        """As with any server that waits for the whole line: Nagle's algorithm keeps its second half until the first one
        is acknowledged, and the server has nothing to say yet that could carry the acknowledgment."""
        words = ("--mode", "wwr", "-n", "20", "--reply", r"until:\r\n")
        with Peer(redis_like) as peer:
            document = self.measure(*words, "-e", peer.address, r"PING\r\n")
            self.assertTrue(shows_stall(document))
            document = self.measure(*words, "-o", "nodelay", "-e", peer.address, r"PING\r\n")
            self.assertFalse(shows_stall(document))

    def test_an_error_is_no_match(self):
        with Peer(redis_like) as peer:
            words = ("--mode", "crr", "-n", "3", "--reply", r"match:+PONG\r\n", "-e", peer.address, r"PONG\r\n")
            document = self.measure(*words, status=1)
        self.check_failures(document, wrong=3)


@contextlib.contextmanager
def socat(peer):
    """An echo server of its own kind; says where it listens."""
    command = ["socat", "-d", "-d", "TCP4-LISTEN:0,bind=127.0.0.1,fork,backlog=100,nodelay", peer]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            lines = Lines(process.stderr)
            listening = lines.wait_for("listening on")
            yield re.search(r"(127\.0\.0\.1:\d+)", listening).group(1)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            lines.join()


@unittest.skipUnless(shutil.which("socat"), "needs socat")
class Socat(KnownPeer):
    def test_a_pipe(self):
        with socat("PIPE") as address:
            self.check(address, "hello", escapes=False)

    def test_a_program(self):
        with socat("SYSTEM:cat") as address:
            self.check(address, "hello\\n")

    def test_a_large_message(self):
        with socat("PIPE") as address:
            for mode in ("rr", "wwr"):
                document = self.measure("--mode", mode, "-n", "3", "-s", "1MiB", address)
                self.assertEqual((document["requests"], document["errors"]), (3, 0), document["first_failure"])


if __name__ == "__main__":
    unittest.main()
