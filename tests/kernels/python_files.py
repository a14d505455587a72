"""The host's Python as it is packed into a machine: what importing some modules loads, where it is on the host."""

import json
import os
import pathlib
import py_compile
import subprocess
import sys

from debian_kernel import Missing

_LOADED = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps(sorted({file for file in files if file})))
"""
PYTHON = os.path.realpath(sys.executable)
# Imported only when they are used.
_LATER = ("concurrent.futures.thread", "difflib", "encodings.idna", "pprint", "resource", "traceback")


def _loaded(names):
    command = [sys.executable, "-B", "-c", _LOADED, *names, *_LATER]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"this Python cannot load what runs in the machine: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def _data(modules):
    """What packages have beside their code, like the meta-schemas of jsonschema."""
    folders = {path.parent for path in modules if path.name == "__init__.py"}
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return {path for path in files if path.suffix not in (".py", ".pyc")}


def _compiled(source, folder):
    """Compiling is slow in a machine, and looking after sources, too: there is only what was compiled."""
    target = folder / (str(source).replace("/", "+") + "c")
    py_compile.compile(str(source), cfile=str(target), dfile=str(source), doraise=True)
    return target


def python_files(names, folder):
    """From where in the machine to where here, for initramfs(); `folder` takes what is compiled."""
    modules = [pathlib.Path(file) for file in _loaded(names)]
    packed = {PYTHON: PYTHON}
    for module in modules:
        if module.suffix == ".py":
            packed[f"{module}c"] = _compiled(module, folder)
        else:
            packed[str(module)] = module
    return packed | {str(file): file for file in _data(modules)}
