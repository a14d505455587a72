"""Network namespaces of a test's own.

A namespace is held by a file descriptor and has no name: it ends with the test, however the test ends, and takes its
devices, sockets and sysctls along.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import subprocess
import threading

from skip import skip

PATIENCE_S = 20
_CLONE_NEWNET = 0x40000000  # <sched.h>
_NOWHERE = "02:00:00:00:00:99"  # a locally administered address nobody has
_OF_NAMESPACE = ("net.ipv4.", "net.ipv6.", "net.core.somaxconn")
_libc = ctypes.CDLL(None, use_errno=True)
_OUTSIDE = os.stat("/proc/self/ns/net").st_ino


def _check(result, doing):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")


def _open_new_namespace():
    """The descriptor of a new namespace: made by a thread that leaves for it and ends."""
    made = []

    def make():
        try:
            _check(_libc.unshare(_CLONE_NEWNET), "unshare")
            made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join(PATIENCE_S)
    if not made or isinstance(made[0], OSError):
        raise made[0] if made else TimeoutError("unshare did not return")
    return made[0]


class Namespace:
    """A network namespace with a loopback interface that is up."""

    def __init__(self):
        self.fd = _open_new_namespace()
        try:
            self.ip("link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @contextlib.contextmanager
    def inside(self):
        """The calling thread, and it alone, is in the namespace for the length of a with block."""
        back = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check(_libc.setns(self.fd, _CLONE_NEWNET), "setns")
            try:
                yield
            finally:
                _check(_libc.setns(back, _CLONE_NEWNET), "setns back")
        finally:
            os.close(back)

    def run(self, command, **options):
        """The finished process of a command that ran in the namespace."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.inside():
            return subprocess.run(command, **{"timeout": PATIENCE_S, "text": True, **streams, **options}, check=False)

    def ip(self, *words, **options):
        done = self.run(["ip", *words], **options)
        if done.returncode != 0:
            raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def sysctl(self, name):
        """The words of a sysctl, like "4096 131072 6291456"; of the host's where a kernel shows that nowhere else."""
        with self.inside() if self.shows(name) else contextlib.nullcontext():
            return " ".join(_sysctl_path(name).read_text().split())

    def shows(self, name):
        """Older kernels show sysctls of the whole host in the first namespace only."""
        with self.inside():
            return _sysctl_path(name).exists()

    def set_sysctl(self, name, value):
        """Only of the namespace: a sysctl of the whole host must not be given."""
        if os.stat(self.fd).st_ino == _OUTSIDE or not name.startswith(_OF_NAMESPACE):
            raise ValueError(f"{name} does not belong to a namespace of this test")
        with self.inside():
            _sysctl_path(name).write_text(str(value))

    def hide_neighbour(self, address, device):
        """What is sent to that address is lost from now on, and nobody says so."""
        self.ip("neigh", "replace", address, "lladdr", _NOWHERE, "dev", device, "nud", "permanent")


def _sysctl_path(name):
    return pathlib.Path("/proc/sys") / name.replace(".", "/")


class Pair:
    """Two namespaces joined by a cable: `here` is 10.77.0.1 and fd77::1 on va, `there` is .2 on vb."""

    HERE, THERE, NOBODY = "10.77.0.1", "10.77.0.2", "10.77.0.3"
    HERE6, THERE6 = "fd77::1", "fd77::2"

    def __init__(self):
        with contextlib.ExitStack() as stack:
            self.here = stack.enter_context(Namespace())
            self.there = stack.enter_context(Namespace())
            self._join()
            self._stack = stack.pop_all()

    def _join(self):
        # The name of a namespace may be a path: the other end is made where it belongs.
        self.here.ip("link", "add", "va", "type", "veth", "peer", "name", "vb", "netns",
                     f"/proc/self/fd/{self.there.fd}", pass_fds=[self.there.fd])
        ends = (self.here, "va", self.HERE, self.HERE6), (self.there, "vb", self.THERE, self.THERE6)
        for namespace, device, address, address6 in ends:
            namespace.ip("addr", "add", f"{address}/24", "dev", device)
            namespace.ip("addr", "add", f"{address6}/64", "dev", device, "nodad")
            namespace.ip("link", "set", device, "up")
        self.here.hide_neighbour(self.NOBODY, "va")

    def lose_everything(self):
        """The peer is gone, and with it every answer."""
        self.here.hide_neighbour(self.THERE, "va")

    def close(self):
        self._stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def skip_unless_possible():
    """Ends the program with 77 and a reason where no namespace can be had."""
    if shutil.which("ip") is None:
        skip("there is no ip(8); Debian: apt-get install iproute2")
    if os.geteuid() != 0:
        skip("network namespaces of one's own need root")
    try:
        with Pair():
            pass
    except (OSError, RuntimeError) as error:
        skip(f"no two network namespaces joined by veth: {error}")
