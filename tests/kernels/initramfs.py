"""A root file system in memory: busybox, the files asked for, and kernel modules with those they need."""

import lzma
import os
import pathlib
import re
import stat
import subprocess

from debian_kernel import Missing

_HERE = pathlib.Path(__file__).resolve().parent
_FOLDERS = ("bin", "dev", "etc", "proc", "root", "run", "sys", "tmp")


class Archive:
    """A cpio archive of the kind "newc": Documentation/driver-api/early-userspace/buffer-format.rst"""

    def __init__(self):
        self._parts, self._names = [], set()

    def _add(self, name, mode, data=b""):
        fields = (len(self._parts), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        self._parts.append(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))

    def folder(self, name):
        name = str(name).strip("/")
        if name and name not in self._names:
            self.folder(pathlib.PurePath(name).parent if "/" in name else "")
            self._names.add(name)
            self._add(name, stat.S_IFDIR | 0o755)

    def file(self, name, data):
        name = name.strip("/")
        if name not in self._names:
            self.folder(os.path.dirname(name))
            self._names.add(name)
            self._add(name, stat.S_IFREG | 0o755, data)

    def content(self):
        self._add("TRAILER!!!", 0)
        return b"".join(self._parts)


def _module_name(path):
    return path.name.split(".ko")[0].replace("-", "_")


def _module_code(path):
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _add_modules(archive, kernel, wanted):
    """In the order in which they can be loaded; one that this kernel does not have as a module is left out."""
    known = {_module_name(path): path for path in (kernel / "modules").rglob("*.ko*")}
    order = []

    def load(name):
        if name not in known or name in order:
            return
        code = _module_code(known[name])
        needed = re.search(rb"\0depends=([^\0]*)\0", code)[1].decode()
        for other in filter(None, needed.split(",")):
            load(other.replace("-", "_"))
        archive.file(f"lib/modules/{name}.ko", code)
        order.append(name)

    for name in wanted:
        load(name)
    archive.file("lib/modules/list", "".join(f"{name}\n" for name in order).encode())


def _libraries(path):
    """The shared libraries of a program; none of a static one."""
    said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", said)


def _busybox():
    for folder in ("/bin", "/usr/bin"):
        path = pathlib.Path(folder) / "busybox"
        if path.exists() and not _libraries(path):
            return path.read_bytes()
    raise Missing("no static busybox: Debian's package is busybox-static")


def initramfs(kernel, files, modules):
    """Its bytes. `files` are from where in the machine to where on the host; programs bring their libraries."""
    archive = Archive()
    for name in _FOLDERS:
        archive.folder(name)
    archive.file("bin/busybox", _busybox())
    archive.file("init", (_HERE / "init.sh").read_bytes())
    archive.file("etc/hosts", b"127.0.0.1 localhost\n::1 localhost\n")
    archive.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
    for place, source in files.items():
        archive.file(place, pathlib.Path(source).read_bytes())
        for library in _libraries(source):
            archive.file(library, pathlib.Path(library).read_bytes())
    _add_modules(archive, kernel, modules)
    return archive.content()
