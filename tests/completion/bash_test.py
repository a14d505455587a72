"""Completion in bash, with the package bash-completion and without."""

import os
import pathlib
import shutil
import unittest

from completion_case import SCRIPTS, CompletionCase
from skip import skip
from terminal import Terminal

PACKAGE = pathlib.Path("/usr/share/bash-completion/bash_completion")

START = """
PS1='$ '
unset HISTFILE
bind 'set bell-style none' 2>/dev/null
report() {
    : >new
    [[ $# -eq 1 ]] || printf '%s\\0' "${@:2}" >new
    mv new "$1"
}
tcpkit() { report called "$@"; }
watched() { _tcpkit "$@"; report offered "${COMPREPLY[@]}"; }
complete -F watched tcpkit
: >ready
"""


def start(folder, load):
    (folder / "rc").write_text(load + START)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "XDG_DATA_DIRS": str(folder / "share")}
    return Terminal(["bash", "--noprofile", "--rcfile", "rc", "-i"], folder, environment)


class Bash(CompletionCase, unittest.TestCase):
    @classmethod
    def start(cls, folder):
        return start(folder, f"set -u\nsource '{SCRIPTS}/bash/tcpkit'\n")


@unittest.skipUnless(PACKAGE.exists(), "bash-completion is not installed")
class BashWithItsPackage(CompletionCase, unittest.TestCase):
    """The script is found by its place."""

    @classmethod
    def start(cls, folder):
        place = folder / "share/bash-completion/completions"
        place.mkdir(parents=True)
        shutil.copy(SCRIPTS / "bash/tcpkit", place)
        return start(folder, f"source {PACKAGE}\n_completion_loader tcpkit\n")


if __name__ == "__main__":
    if not shutil.which("bash"):
        skip("bash is not installed")
    unittest.main()
