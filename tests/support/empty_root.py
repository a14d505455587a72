"""A root directory with nothing in it but what a test puts there, as a container from an empty image has."""

import os
import pathlib
import shutil
import subprocess
import tempfile

PATIENCE_S = 60


class EmptyRoot:
    """Gone after a with block. To be entered by root only."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tcpkit-root-"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, name, text):
        """A file of this text; `name` is absolute, seen from inside."""
        place = self.path / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def copy(self, source, name=None):
        """A file of the host, at the same place inside or at `name`."""
        place = self.path / (name or str(source)).lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)

    def files(self):
        """Every file, as it is called inside."""
        return sorted(f"/{path.relative_to(self.path)}" for path in self.path.rglob("*") if not path.is_dir())

    def _enter(self):
        os.chroot(self.path)
        os.chdir("/")

    def run(self, *words, namespace=None, **options):
        """The finished process of a command that sees this root alone; its environment is empty."""
        command = {"timeout": PATIENCE_S, "text": True, "env": {}, "stdin": subprocess.DEVNULL,
                   "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "preexec_fn": self._enter, **options}
        return namespace.run(words, **command) if namespace else subprocess.run(words, **command, check=False)
