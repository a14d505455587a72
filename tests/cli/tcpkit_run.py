"""Runs the built program the way a script would."""

import json
import os
import pathlib
import subprocess

import jsonschema

from program import program

BINARY = program()
SCHEMAS = pathlib.Path(os.environ["TCPKIT_SCHEMAS"])
PATIENCE_S = 60


def run(*words, **options):
    """The finished process; stdout and stderr are texts."""
    environment = {**os.environ, "LC_ALL": "C", "COLUMNS": "", **options.pop("env", {})}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([BINARY, *words], env=environment, timeout=PATIENCE_S, text=True, **streams)


def run_shell(script):
    """Runs a line of sh in which $T is the program."""
    environment = {**os.environ, "LC_ALL": "C", "T": BINARY}
    return subprocess.run(["/bin/sh", "-c", script], env=environment, timeout=PATIENCE_S, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def read_terminal(descriptor):
    """Everything that is written to the other end of a pseudo terminal until nobody has it open; closes this end."""
    text = b""
    try:
        while chunk := os.read(descriptor, 65536):
            text += chunk
    except OSError:  # how a terminal without a writer ends
        pass
    os.close(descriptor)
    return text.decode()


def validated(text):
    """The one JSON object that `text` is, checked against the schema it names."""
    document = json.loads(text)
    name = document["schema"].replace("/", "-")
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)
    return document
