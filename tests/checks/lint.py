#!/usr/bin/env python3
"""Other people's checkers over the project's files: lint.py format | scripts | completion BUILD | man BUILD | headers COMPILER"""

import shutil
import subprocess
import sys

import tree

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def run(command, paths):
    """Runs a checker on paths and ends with its verdict; what it says goes to our output."""
    if not shutil.which(command[0]):
        tree.skip(f"{command[0]} is not installed")
    if not paths:
        tree.skip("no such file yet")
    done = subprocess.run([*command, *paths], cwd=tree.ROOT, check=False)
    sys.exit(1 if done.returncode else 0)


def check_format():
    run(["clang-format", "--dry-run", "-Werror"], tree.files(suffixes=(".cpp", ".hpp")))


def check_scripts():
    scripts = [path for path in tree.files() if path.suffix == ".sh" or
               (tree.ROOT / path).read_bytes()[:40].startswith((b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash"))]
    run(["shellcheck", "--external-sources"], scripts)


def check_completion(build):
    """What bash reads is made at build time."""
    run(["shellcheck"], sorted(build.glob("tools/completion/bash/*")))


def check_man(build):
    """Pages as they are installed, and those in the source that need nothing spliced in."""
    pages = [path for path in tree.files(suffixes=(".1", ".5", ".7", ".8")) if path.parts[0] == "man"]
    run(["mandoc", "-Tlint", "-Wwarning"], pages + sorted(build.glob("man/*.[1578]")))


def check_headers(compiler):
    """Each public header compiles by itself, with nothing but the public headers on the path."""
    include = tree.ROOT / "lib/include"
    problems = []
    for header in sorted(include.rglob("*.hpp")):
        name = header.relative_to(include)
        done = subprocess.run(
            [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, "-I", include, "-x", "c++", "-"],
            input=f"#include <{name}>\n", capture_output=True, text=True, check=False)
        if done.returncode:
            problems.append(f"lib/include/{name}:1: does not compile by itself\n{done.stderr}")
    tree.finish(problems)


if __name__ == "__main__":
    if sys.argv[1:] == ["format"]:
        check_format()
    elif sys.argv[1:] == ["scripts"]:
        check_scripts()
    elif len(sys.argv) == 3 and sys.argv[1] == "completion":
        check_completion(tree.pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 3 and sys.argv[1] == "man":
        check_man(tree.pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 3 and sys.argv[1] == "headers":
        check_headers(sys.argv[2])
    else:
        sys.exit(__doc__)
