"""An empty root directory with a package database of its own, in which dpkg installs and purges for real."""

import os
import pathlib
import shutil
import stat
import subprocess

from empty_root import EmptyRoot

_FOR_SCRIPTS = ["dash", "libc-bin"]  # what every Debian has for the scripts of packages: sh and ldconfig
_DATABASE = "var/lib/dpkg"
_WRITTEN_BY_TOOLS = ("/var/lib/dpkg", "/var/log", "/var/cache/ldconfig", "/etc/ld.so.cache")


def _said_by(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _names(depends):
    """The packages of a Depends line that this host has: the first of alternatives, without versions."""
    for clause in filter(str.strip, depends.split(",")):
        yield clause.split("|")[0].split("(")[0].split(":")[0].strip()


def _with_dependencies(names):
    """These packages of the host and all that they need."""
    found, left = [], list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.append(name)
            left += _names(_said_by("dpkg-query", "-W", "-f", "${Pre-Depends},${Depends}", name))
    return found


class DebianRoot(EmptyRoot):
    """Holds no more of the host's packages than `packages`, which are .deb files, say that they need."""

    def __init__(self, packages):
        self._packages = packages
        ours = {_said_by("dpkg-deb", "-f", package, "Package").strip() for package in packages}
        needed = {name for package in packages for name in _names(_said_by("dpkg-deb", "-f", package, "Depends"))}
        self._names, self._needed = sorted(ours), sorted(needed - ours) + _FOR_SCRIPTS

    def __enter__(self):
        super().__enter__()
        for folder in ("info", "updates", "triggers"):
            (self.path / _DATABASE / folder).mkdir(parents=True)
        self._merge_usr()
        needed = _with_dependencies(self._needed)
        self.write(f"{_DATABASE}/status", "\n".join(_said_by("dpkg-query", "-s", name) for name in needed))
        for name in needed:
            self._add(name)
        self.run("/sbin/ldconfig")
        return self

    def _merge_usr(self):
        """/bin and its like are links into /usr where the host has them so."""
        for place in map(pathlib.Path, ("/bin", "/sbin", "/lib", "/lib64")):
            if place.is_symlink():
                (self.path / "usr" / place.name).mkdir(parents=True)
                (self.path / place.name).symlink_to(f"usr/{place.name}")

    def _add(self, name):
        listed = _said_by("dpkg-query", "-L", name)
        identity = _said_by("dpkg-query", "-W", "-f", "${binary:Package}", name)
        self.write(f"{_DATABASE}/info/{identity}.list", listed)
        for line in listed.splitlines():
            source, target = pathlib.Path(line), self.path / line.lstrip("/")
            if line.startswith("/usr/share/") or not os.path.lexists(source) or os.path.lexists(target):
                continue
            if stat.S_ISDIR(source.lstat().st_mode):
                target.mkdir(parents=True, exist_ok=True)
            elif source.is_symlink() or source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)

    def _dpkg(self, *words):
        subprocess.run(["dpkg", "--root", self.path, *words], check=True, stdout=subprocess.DEVNULL, timeout=60)

    def install(self):
        self._dpkg("--install", *self._packages)

    def purge(self):
        self._dpkg("--purge", *self._names)

    def listing(self):
        """Every file and directory but what dpkg and ldconfig keep for themselves."""
        return sorted(name for name in (f"/{path.relative_to(self.path)}" for path in self.path.rglob("*"))
                      if not name.startswith(_WRITTEN_BY_TOOLS))
