#!/usr/bin/env python3
"""What tcpkit writes is what the text file collector of the real node_exporter passes on."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from prometheus_text import read_metrics, value
from skip import skip
from tcpkit_run import PATIENCE_S, run

PROGRAM = shutil.which("prometheus-node-exporter") or shutil.which("node_exporter")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def page(url):
    """Its text, once somebody answers."""
    until = time.monotonic() + PATIENCE_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            return opener.open(url, timeout=PATIENCE_S).read().decode()
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


class NodeExporter(unittest.TestCase):
    def exported(self, folder):
        port = free_port()
        words = [PROGRAM, "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory", folder,
                 "--web.listen-address", f"127.0.0.1:{port}", "--web.disable-exporter-metrics"]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as exporter:
            try:
                return page(f"http://127.0.0.1:{port}/metrics")
            finally:
                exporter.terminate()

    def test_files_of_several_targets_and_of_all_sockets_are_taken(self):
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as one, \
                socket.create_server(("127.0.0.1", 0)) as two:
            targets = ["127.0.0.1:{}".format(listener.getsockname()[1]) for listener in (one, two)]
            for number, target in enumerate(targets):
                done = run("probe", "--format", "prometheus", "-o", "keepidle=77s", "--output",
                           f"{folder}/probe{number}.prom", target)
                self.assertEqual(0, done.returncode, done.stderr)
            done = run("inspect", "--format", "prometheus", "--output", f"{folder}/sockets.prom")
            self.assertEqual(0, done.returncode, done.stderr)
            text = self.exported(folder)
            self.assertIn("node_textfile_scrape_error 0", text.splitlines())
            for target in targets:
                self.assertIn(f'tcpkit_option_keepidle_seconds{{target="{target}"}} 77', text.splitlines())
            written = read_metrics(pathlib.Path(folder, "sockets.prom").read_text())
            listening = value(written, "tcpkit_sockets", state="listen")
            self.assertIn(f'tcpkit_sockets{{state="listen"}} {listening}', text.splitlines())


if __name__ == "__main__":
    if PROGRAM is None:
        skip("there is no prometheus-node-exporter")
    os.environ.setdefault("GOMAXPROCS", "2")
    unittest.main()
