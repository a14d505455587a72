"""Completion in fish, found by its place."""

import os
import shutil
import unittest

from completion_case import SCRIPTS, CompletionCase
from skip import skip
from terminal import Terminal

START = """
function fish_prompt; echo '$ '; end
function fish_greeting; end
function report; string join0 -- $argv[2..-1] >new; mv new $argv[1]; end
function tcpkit; report called $argv; end
function watched
    complete -C (commandline -c) | string replace -r '\\t.*' '' | string join0 >new
    mv new offered
    commandline -f complete
end
bind \\t watched
bind \\cu kill-whole-line
touch ready
"""


class Fish(CompletionCase, unittest.TestCase):
    lines_only = True

    @classmethod
    def start(cls, folder):
        place = folder / "share/fish/vendor_completions.d"
        place.mkdir(parents=True)
        shutil.copy(SCRIPTS / "fish/tcpkit.fish", place)
        (folder / "start.fish").write_text(START)
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "HOME": str(folder),
                       "XDG_DATA_DIRS": str(folder / "share")}
        return Terminal(["fish", "-i", "-C", "source start.fish"], folder, environment)


if __name__ == "__main__":
    if not shutil.which("fish"):
        skip("fish is not installed")
    unittest.main()
