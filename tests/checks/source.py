"""C++ text with what is not code taken out; line numbers and columns stay."""

import re

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""  # comments
    r"""|R"(?P<mark>[^()\s]*)\(.*?\)(?P=mark)\""""  # raw strings
    r"""|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""",  # strings, characters; 1'000 is neither
    re.DOTALL)


def blank_text(text):
    return re.sub(r"[^\n]", " ", text)


def blank(match):
    return blank_text(match.group())


def code_only(text):
    """Comments, strings and character literals become spaces."""
    return TOKEN.sub(blank, text)


def without_comments(text):
    """Comments become spaces, literals stay."""
    return TOKEN.sub(lambda match: blank(match) if match.group().startswith("/") else match.group(), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
