#!/usr/bin/env python3
"""`tcpkit probe --json` as a fact of the real Ansible, on this host."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from skip import skip
from tcpkit_run import BINARY, PATIENCE_S


class LocalFacts(unittest.TestCase):
    def test_a_probe_is_a_fact(self):
        with tempfile.TemporaryDirectory() as folder:
            fact = pathlib.Path(folder, "tcp.fact")
            fact.write_text(f'#!/bin/sh\nexec "{BINARY}" probe --json -o keepidle=77s\n')
            fact.chmod(0o755)
            words = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "ansible.builtin.setup", "-a",
                     f"fact_path={folder} gather_subset=!all,!min,local"]
            environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": folder, "ANSIBLE_LOCALHOST_WARNING": "False",
                           "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline"}
            done = subprocess.run(words, env=environment, text=True, check=False, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=3 * PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout)
        facts = json.loads(done.stdout[done.stdout.index("=> ") + 3:])["ansible_facts"]["ansible_local"]["tcp"]
        self.assertEqual(facts["schema"], "tcpkit.probe/1")
        self.assertEqual(facts["options"]["TCP_KEEPIDLE"]["value"], 77)


if __name__ == "__main__":
    if shutil.which("ansible") is None:
        skip("there is no ansible")
    unittest.main()
