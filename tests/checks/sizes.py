#!/usr/bin/env python3
"""Files of at most 400 lines, C++ functions of at most 60. --self-test shows that it counts right."""

import re
import sys

import source
import tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
TABLES = re.compile(r"(catalogue|sysctls|tcp_info_fields)[^/]*$")  # a row is a row, however many there are
CODE = (".cpp", ".hpp", ".py", ".sh", ".cmake", "")  # scripts have no suffix

SCOPE = re.compile(r"\s*(inline\s+)?(namespace|class|struct|union|enum|extern)\b")
ATTRIBUTE = re.compile(r"\[\[.*?\]\]|\b(alignas|__attribute__)\s*\((?:[^()]|\([^()]*\))*\)")
MEMBER_INIT = re.compile(r"\)[^:]*(?<!:):(?!:).*[\w>]\s*$", re.DOTALL)  # "Name(...) : member_" before its brace
TEMPLATE = re.compile(r"^\s*template\s*<.*?>(?=\s*[\w:\[])", re.DOTALL)
OPERATOR = re.compile(r"operator\s*[^\w\s(]+")
PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)


def drop_nested(text, opening, closing):
    """Text outside the given brackets."""
    depth, kept = 0, []
    for character in text:
        depth += character == opening
        if depth <= 0:
            kept.append(character)
        depth -= character == closing
    return "".join(kept)


def kind_of(head):
    """What a brace opens, told by the text before it: scope, function, part (of a head that goes on) or other."""
    head = ATTRIBUTE.sub(" ", head)
    if head.count("(") > head.count(")"):
        return "part"  # an argument: std::to_array({...}), f(Style style = {})
    head = TEMPLATE.sub(" ", head)
    if "(" not in head:
        return "scope" if SCOPE.match(head) else "other"
    if "=" in drop_nested(OPERATOR.sub("operator", head), "(", ")"):
        return "other"
    return "part" if MEMBER_INIT.search(head) else "function"


def functions(text):
    """(first line, last line) of every outermost function, from its opening brace to its closing one."""
    text = PREPROCESSOR.sub(source.blank, source.code_only(text))
    stack, head_start = [], 0
    for token in re.finditer(r"[{};]|\b(public|private|protected)\s*:", text):
        at = token.start()
        at_scope = all(kind == "scope" for kind, _, _ in stack)
        if token.group() == "{":
            stack.append((kind_of(text[head_start:at]) if at_scope else "other", at, head_start))
        elif token.group() == "}" and stack:
            kind, opened, start = stack.pop()
            if kind == "part":  # read on as if it had been in parentheses
                text = f"{text[:opened]}({source.blank_text(text[opened + 1:at])}){text[at + 1:]}"
                head_start = start
                continue
            if kind == "function":
                yield source.line_of(text, opened), source.line_of(text, at)
        if all(kind == "scope" for kind, _, _ in stack):
            head_start = token.end()


def check_file(path, text):
    lines = text.count("\n")
    if lines > MAX_FILE_LINES and not TABLES.search(path):
        yield f"{path}:{lines}: {lines} lines, at most {MAX_FILE_LINES}: does it do two jobs?"
    if path.endswith((".cpp", ".hpp")):
        for first, last in functions(text):
            if last - first + 1 > MAX_FUNCTION_LINES:
                yield f"{path}:{first}: a function of {last - first + 1} lines, at most {MAX_FUNCTION_LINES}"


def check_tree(root):
    problems = []
    for name in tree.files(root, CODE):
        if name.parts[0] in ("lib", "tools", "tests", "scripts", ".ci"):
            problems += check_file(name.as_posix(), (root / name).read_text())
    return problems


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        import sizes_test
        sizes_test.run()
    tree.finish(check_tree(tree.ROOT))
