"""Tiny houses, each with one thing out of place: every rule of floors.py can fail, and the right house passes."""

import pathlib
import tempfile
import unittest

import floors

SOUND = {
    "lib/include/tcpkit/base/result.hpp": "#include <string>\n",
    "lib/include/tcpkit/sock/option.hpp": "#include <tcpkit/base/result.hpp>\n",
    "lib/include/tcpkit/report/report.hpp": "#include <tcpkit/sock/option.hpp>\n",
    "lib/src/os/kernel.cpp": '#include "os/kernel.hpp"\n#include <sys/socket.h>\n#include <tcpkit/base/result.hpp>\n',
    "lib/src/sock/option.cpp": '#include "codec.hpp"\n#include "os/kernel.hpp"\n#include <fmt/format.h>\n',
    "lib/src/net/connect.cpp": "#include <asio/awaitable.hpp>\n#include <tcpkit/sock/option.hpp>\n",
    "lib/src/proc/netlink.cpp": "#include <linux/netlink.h>\n",
    "lib/src/report/json.cpp": "#include <nlohmann/json.hpp>\n#include <tcpkit/report/report.hpp>\n",
    "lib/src/base/text.cpp": '// std::cout << getenv("X")\nauto n = std::snprintf(b, 9, "exit(1)"); on_exit(n);\n',
    "tools/tcpkit/parser.cpp": '#include <CLI/CLI.hpp>\n#include "command.hpp"\n',
    "tests/sock/codec_test.cpp": '#include "sock/codec.hpp"\n#include "support/catch.hpp"\n',
    "tests/support/catch.hpp": "#include <catch2/catch.hpp>\n",
}

# (file, its text, a part of what must be said)
BROKEN = [
    ("lib/include/tcpkit/base/units.hpp", "#include <tcpkit/sock/option.hpp>", "base does not stand on public sock"),
    ("lib/src/os/kernel.cpp", '#include "sock/codec.hpp"', "os does not stand on internal sock"),
    ("lib/src/sock/option.cpp", "#include <tcpkit/report/report.hpp>", "sock does not stand on public report"),
    ("lib/src/diag/rules.cpp", "#include <tcpkit/net/connect.hpp>", "diag does not stand on public net"),
    ("lib/src/net/connect.cpp", "#include <tcpkit/proc/process.hpp>", "net does not stand on public proc"),
    ("lib/src/proc/process.cpp", '#include "net/resolve.hpp"', "proc does not stand on internal net"),
    ("lib/src/report/text.cpp", "#include <tcpkit/proc/process.hpp>", "report does not stand on public proc"),
    ("lib/src/report/text.cpp", '#include "sock/codec.hpp"', "report does not stand on internal sock"),
    ("lib/src/cloud/sync.cpp", "#include <string>", "no known floor"),
    ("lib/src/sock/option.cpp", '#include "vendor/thing.hpp"', "no known floor"),
    ("lib/src/sock/option.cpp", '#include "../net/resolve.hpp"', ".."),
    ("lib/include/tcpkit/sock/option.hpp", '#include "sock/codec.hpp"', "public header includes an internal one"),
    ("lib/include/tcpkit/sock/option.hpp", "#include <fmt/format.h>", "only std and tcpkit"),
    ("lib/include/tcpkit/sock/option.hpp", "#include <sys/socket.h>", "only std and tcpkit"),
    ("tools/tcpkit/cmd_probe.cpp", '#include "sock/codec.hpp"', "public headers only"),
    ("tools/tcpkit/cmd_probe.cpp", "#include <CLI/CLI.hpp>", "only in tools/tcpkit/parser.cpp"),
    ("tools/tcpkit/cmd_probe.cpp", "#include <nlohmann/json.hpp>", "only in lib/src/report/json.cpp"),
    ("lib/src/sock/option.cpp", "#include <asio.hpp>", "only in lib/src/net/"),
    ("tests/base/units_test.cpp", "#include <catch2/catch.hpp>", "only in tests/support/"),
    ("lib/src/proc/process.cpp", "#include <linux/inet_diag.h>", "only in lib/src/proc/netlink.cpp"),
    ("lib/src/proc/process.cpp", "#include <linux/netlink.h>", "only in lib/src/proc/netlink.cpp"),
    ("lib/src/proc/netlink.cpp", "#include <linux/rtnetlink.h>", "only in lib/src/proc/egress.cpp"),
    ("lib/src/sock/tcp_info.cpp", "#  include <linux/tcp.h>", "allowed only in no file"),
    ("tests/sock/tcp_info_test.cpp", "#include <linux/tcp.h>", "allowed only in no file"),
    ("lib/src/base/units.cpp", "#include <iostream>", "only in tools/"),
    ("lib/src/base/units.cpp", "#include <boost/format.hpp>", "nobody agreed on"),
    ("lib/src/base/units.cpp", "void f() { std::cerr << 1; }", "never prints"),
    ("lib/src/base/units.cpp", 'void f() { fmt::print("x"); }', "never prints"),
    ("lib/src/base/units.cpp", 'void f() { std::printf("x"); }', "never prints"),
    ("lib/src/base/units.cpp", "void f() { std::exit(1); }", "never ends the process"),
    ("lib/src/base/units.cpp", 'auto home = std::getenv("HOME");', "never reads the environment"),
]


def broken_rules(files):
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return floors.check_tree(root)


class FloorsTest(unittest.TestCase):
    def test_a_sound_house_passes(self):
        self.assertEqual(broken_rules(SOUND), [])

    def test_each_broken_rule_is_named_with_its_place(self):
        for name, text, said in BROKEN:
            with self.subTest(file=name, text=text):
                problems = broken_rules({**SOUND, name: "\n" + text + "\n"})
                self.assertEqual(len(problems), 1, problems)
                self.assertIn(said, problems[0])
                self.assertTrue(problems[0].startswith(f"{name}:2: "), problems[0])


def run():
    unittest.main(module=__name__, argv=["floors_test"])
