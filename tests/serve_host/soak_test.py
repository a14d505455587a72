"""Mixed load for a while: nobody loses a byte, memory stays flat, and no sanitizer has a word to say."""

import os
import subprocess
import time
import unittest

from host_run import LONG, assert_well, eventually, resident_bytes
from probe_failure_test import free_port
from probe_run import SANITIZED
from serve_run import Server
from soak_load import Load

# What the first quarter does not show: an allocator that settles; a sanitizer keeps freed memory for a while.
SLACK_BYTES = (64 if SANITIZED else 4) << 20
SECONDS = 600 if LONG else 20
SMALL_QUARANTINE = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"}


class Soak(unittest.TestCase):
    """With two threads and with every event written, to where nobody reads."""

    def serve(self):
        address = f"127.0.0.1:{free_port()}"
        words = ("--json", "--threads", "2", "--idle-timeout", "15m")
        server = Server(*words, addresses=(address,), stdout=subprocess.DEVNULL, env=SMALL_QUARANTINE)
        server.addresses.append(address)  # nobody reads where it says so
        return server

    def listens(self, server):
        try:
            server.connect().close()
            return True
        except ConnectionRefusedError:
            return False

    def test_nobody_loses_a_byte_and_memory_stays_flat(self):
        with self.serve() as server:
            self.assertTrue(eventually(lambda: self.listens(server)), server.stderr.text())
            with Load(server.connect) as load:
                time.sleep(SECONDS / 4)
                warm = resident_bytes(server.pid)
                time.sleep(SECONDS * 3 / 4)
                late = resident_bytes(server.pid)
            self.assertEqual(load.errors, [])
            self.assertLess(late, warm + SLACK_BYTES)
            assert_well(self, server)


if __name__ == "__main__":
    unittest.main()
