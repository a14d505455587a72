"""Completion in zsh, found by its place in fpath."""

import os
import shutil
import unittest

from completion_case import SCRIPTS, CompletionCase
from skip import skip
from terminal import Terminal

START = """
fpath=(%s $fpath)
autoload -Uz compinit
compinit -u -D
bindkey -e
unsetopt beep auto_list auto_menu
PS1='$ '
report() { print -rN -- "${@:2}" >new; mv new $1 }
tcpkit() { report called "$@" }
compadd() {
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)' '* ]]; then
        local -a __matches
        builtin compadd -O __matches "$@"
        offered+=("${(@)__matches}")
    fi
    builtin compadd "$@"
}
watched() {
    typeset -ga offered=()
    zle complete-word
    if (( $#offered )); then report offered "${(@)offered}"; else : >offered; fi
}
zle -N watched
bindkey '^I' watched
: >ready
"""


class Zsh(CompletionCase, unittest.TestCase):
    @classmethod
    def start(cls, folder):
        (folder / ".zshrc").write_text(START % (SCRIPTS / "zsh"))
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "ZDOTDIR": str(folder)}
        return Terminal(["zsh", "-d", "-i"], folder, environment)


if __name__ == "__main__":
    if not shutil.which("zsh"):
        skip("zsh is not installed")
    unittest.main()
