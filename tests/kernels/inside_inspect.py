"""What inspect finds, shows and changes in other processes, as tests/inspect has it, on this kernel."""

from borrowed import WITHOUT_LONG, Borrowed, borrow

MODULES = ("find_test", "findings_test", "inherited_test", "set_test")


class Inspect(Borrowed):
    pass


borrow(Inspect, MODULES, WITHOUT_LONG)
