"""The stock kernels of Debian's releases, unpacked into a cache: nothing is installed and no source of the host changed."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

RELEASES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie"}
_PACKAGE = "linux-image-cloud-amd64"  # it depends on the release's newest kernel
_PATIENCE_S = 600


class Missing(Exception):
    """Why there is no such kernel, or nothing to boot it with."""


def _cache():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not os.access(home if os.path.isdir(home) else os.path.dirname(home), os.W_OK):
        home = tempfile.gettempdir()
    folder = pathlib.Path(home) / "tcpkit/kernels"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _locked(path):
    with open(path, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _said(command, **options):
    """What a command printed; Missing when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False, **options)
    if done.returncode:
        raise Missing(f"{' '.join(map(str, command[:1] + command[-2:]))} failed: {done.stderr.strip()[-300:]}")
    return done.stdout


class _Apt:
    """apt-get with lists of its own below a folder."""

    def __init__(self, folder, sources=None):
        places = {"Dir::State::Lists": folder / "lists", "Dir::Cache": folder / "cache"}
        for place in places.values():
            (place / "partial").mkdir(parents=True, exist_ok=True)
        (folder / "archives/partial").mkdir(parents=True, exist_ok=True)
        if sources is not None:
            (folder / "status").touch()
            (folder / "sources.list").write_text(sources)
            places |= {"Dir::State::Status": folder / "status", "Dir::Etc::SourceList": folder / "sources.list",
                       "Dir::Etc::SourceParts": "/dev/null", "Dir::Etc::Preferences": "/dev/null",
                       "Dir::Etc::PreferencesParts": "/dev/null"}
        self._options = ["-q", "-o", f"APT::Sandbox::User={os.environ.get('USER', 'root')}", "-o", "Debug::NoLocking=1"]
        for name, value in places.items():
            self._options += ["-o", f"{name}={value}"]

    def run(self, tool, *words, **options):
        return _said([tool, *self._options, *words], **options)


def _codename():
    found = re.search(r"^VERSION_CODENAME=(\w+)$", pathlib.Path("/etc/os-release").read_text(), re.M)
    return found[1] if found else "?"


def _sources(folder, release):
    """The host's own sources, with the name of its release replaced."""
    apt = _Apt(folder)
    apt.run("apt-get", "update")
    known = apt.run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Identifier: Packages")
    lines = set()
    for uri, suite in (line.split() for line in known.splitlines()):
        if found := re.fullmatch(re.escape(_codename()) + "(-security|-updates)?", suite):
            lines.add(f"deb [arch=amd64] {uri} {release}{found[1] or ''} main\n")
    if not lines:
        raise Missing("the host's apt sources are not Debian's")
    return "".join(sorted(lines))


def _download(folder, release):
    """The package of the newest kernel."""
    apt = _Apt(folder / "release", _sources(folder / "host", release))
    with contextlib.suppress(Missing):  # not every release still has its -updates
        apt.run("apt-get", "update")
    newest = re.search(r"Depends: (linux-image-\S+)", apt.run("apt-cache", "depends", _PACKAGE))
    if not newest:
        raise Missing(f"{_PACKAGE} of {release} is not served here")
    apt.run("apt-get", "download", newest[1], cwd=folder)
    return next(folder.glob("linux-image-*.deb"))


def _unpack(package, place):
    tree = package.parent / "tree"
    _said(["dpkg-deb", "-x", package, tree])
    modules = next(path for path in (tree / "lib/modules", tree / "usr/lib/modules") if path.is_dir())
    kept = package.parent / "kept"
    kept.mkdir()
    shutil.move(next(tree.glob("boot/vmlinuz-*")), kept / "vmlinuz")
    shutil.move(next(modules.iterdir()), kept / "modules")
    kept.rename(place)


def kernel(version):
    """A folder with vmlinuz and modules/."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Missing("no apt-get and dpkg-deb to fetch a kernel with")
    release, cache = RELEASES[version], _cache()
    with _locked(cache / f"{release}.lock"):
        place = cache / release
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                _unpack(_download(pathlib.Path(folder), release), place)
    return place
