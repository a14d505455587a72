"""Clients of many habits, all at once, for as long as they are told; each checks what it is owed."""

import os
import threading
import time
import traceback

from host_run import echoed, reset, round_trip, take

SMALL = os.urandom(100)
LARGE = os.urandom(64 << 10)
HUGE = os.urandom(4 << 20)


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def asks(data):
    """Request, answer, request, answer."""
    def habit(load):
        with load.connect() as connection:
            while load.goes_on():
                expect(round_trip(connection, data) == data, f"a wrong echo of {len(data)} bytes")
    return habit


def comes_and_goes(load):
    while load.goes_on():
        with load.connect() as connection:
            expect(round_trip(connection, SMALL) == SMALL, "a wrong echo on a new connection")


def resets(load):
    """Right away, before the first read, in the middle."""
    while load.goes_on():
        reset(load.connect())
        for data in (SMALL, LARGE):
            connection = load.connect()
            connection.sendall(data)
            reset(connection)
        time.sleep(0.005)


def half_closes(load):
    while load.goes_on():
        with load.connect() as connection:
            expect(echoed(connection, HUGE), "less than everything before the end")


def reads_slowly(load):
    while load.goes_on():
        with load.connect() as connection:
            sender = threading.Thread(target=connection.sendall, args=(HUGE,), daemon=True)
            sender.start()
            received = 0
            while received < len(HUGE):
                got = len(take(connection, min(128 << 10, len(HUGE) - received)))
                expect(got, "the end came early")
                received += got
                time.sleep(0.02)
            sender.join()


def keeps_silent(load):
    with load.connect() as connection:
        while load.goes_on():
            time.sleep(0.1)
        expect(round_trip(connection) == b"?", "a silent client was forgotten")


HABITS = (asks(SMALL), asks(SMALL), asks(LARGE), comes_and_goes, comes_and_goes, resets, half_closes, reads_slowly,
          *[keeps_silent] * 20)


class Load:
    """Runs within a with block; `errors` are those of clients that did not get what they were owed."""

    def __init__(self, connect):
        self.connect = connect
        self.errors = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(habit,), daemon=True) for habit in HABITS]

    def goes_on(self):
        return not self._over.is_set()

    def _run(self, habit):
        try:
            habit(self)
        except Exception:  # whatever it is, the test tells
            self.errors.append(traceback.format_exc())

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()
