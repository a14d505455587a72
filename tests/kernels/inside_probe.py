"""What probe says of origins and limits, and the clock of what follows, as tests/net has it, on this kernel."""

from borrowed import WITHOUT_LONG, Borrowed, borrow

QUICK = ("buffers_test", "defaults_test", "family_test", "handshake_test", "settings_test")
WAITING = ("timeouts_test",)
MODULES = QUICK + WAITING


class Probe(Borrowed):
    pass


borrow(Probe, QUICK)
borrow(Probe, WAITING, WITHOUT_LONG)
