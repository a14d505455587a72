"""What --help of each command says, taken apart."""

import re
import shlex

from tcpkit_run import run


def commands():
    """Names in the overview's list of commands."""
    listed = run("--help").stdout.split("\nCommands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\S+)", listed, re.MULTILINE)


def help_of(command):
    result = run(command, "--help")
    assert result.returncode == 0, result.stderr
    return result.stdout


def flags(text):
    """Every long flag a help text declares."""
    return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE))


def examples(text):
    if "\nExamples:\n" not in text:
        return []
    return re.findall(r"^  (\S.*)", text.split("\nExamples:\n")[1].split("\n\n")[0], re.MULTILINE)


def words_of(example):
    """The words of an example's first command, without what the shell does with its result."""
    lexer = shlex.shlex(example, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [at for at, word in enumerate(words) if set(word) <= set("&|;")]
    return words[:ends[0]] if ends else words
