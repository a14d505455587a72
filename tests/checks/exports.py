#!/usr/bin/env python3
"""libtcpkit.so exports what belongs to tcpkit and nothing else: exports.py LIBRARY | --self-test"""

import re
import subprocess
import sys

import tree

OURS = re.compile(r"((typeinfo|typeinfo name|vtable|VTT|guard variable|construction vtable) for |non-virtual thunk to )?"
                  r"tcpkit::(?!os::)")
# The standard library's templates are visible by its own declaration, whatever we ask for. They are weak.
UNAVOIDABLE = re.compile(r"(.* )?std::")
WEAK = "VWuvw"

SAMPLE = """\
0000000000002594 T tcpkit::system_error(int, std::string)
0000000000002594 V typeinfo for tcpkit::Format
0000000000002594 W std::vector<int>::push_back(int)
0000000000002594 T std::broken()
0000000000002594 T tcpkit::os::real_kernel()
0000000000002594 W fmt::v9::format(int)
0000000000002594 T helper
"""


def strangers(listing):
    for line in listing.splitlines():
        _, kind, name = line.split(maxsplit=2)
        if not OURS.match(name) and not (kind in WEAK and UNAVOIDABLE.match(name)):
            yield f"exported: {kind} {name}"


def exported_by(library):
    return subprocess.run(["nm", "-DC", "--defined-only", library], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        tree.finish([] if len(list(strangers(SAMPLE))) == 4 else ["the sample has four strangers"])
    listing = exported_by(sys.argv[1])
    tree.finish(strangers(listing) if "tcpkit::" in listing else [f"{sys.argv[1]} exports nothing of tcpkit"])
