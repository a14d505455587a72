"""What --help of each command says, taken apart."""

import re

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
