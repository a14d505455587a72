#!/usr/bin/env python3
"""A machine with a Debian release's own kernel, emulated in software, that runs shell scripts.

    kernel_vm.py VERSION [-f FILE]... SCRIPT     kernel_vm.py 6.1 -f build/static/bin/tcpkit 'tcpkit probe --json'

VERSION is 5.10, 6.1 or 6.12. Each FILE is in /bin of the machine; the rest there is busybox. stdout, stderr and the exit
status are the script's; 125 says that it could not be run, and why. The machine has one core, lo, and no other network.
"""

import argparse
import base64
import dataclasses
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile

from debian_kernel import RELEASES, Missing, kernel
from initramfs import initramfs

MODULES = ("tun", "veth", "sch_netem", "tcp_bbr", "tcp_diag", "inet_diag")
MEMORY_MIB = 2048  # the kernel's own limits follow memory below that: tcp_rmem's maximum is 6 MiB from 1 GiB on
_BOOT_S = 120
_RUN_S = 120
# Whether a timer interrupt comes in time is tested at boot, and fails on a busy host: no_timer_check (kernel-parameters.txt).
_COMMAND_LINE = ("console=ttyS0 quiet panic=-1 nokaslr mitigations=off tsc=reliable no_timer_check "
                 "random.trust_cpu=on")


@dataclasses.dataclass
class Done:
    """What became of a script."""

    status: int
    stdout: str
    stderr: str


class KernelVm:
    """The machine, from a with statement's beginning to its end."""

    def __init__(self, version, files=None):
        if platform.machine() != "x86_64":
            raise Missing("the machine is an x86-64, and programs of this host are not for that")
        if not shutil.which("qemu-system-x86_64"):
            raise Missing("no qemu-system-x86_64: Debian's package is qemu-system-x86")
        self._folder = tempfile.TemporaryDirectory(prefix="tcpkit-vm-")
        self._console = pathlib.Path(self._folder.name) / "console"
        self._process = self._port = None
        try:
            self._start(kernel(version), files or {})
        except BaseException:
            self.close()
            raise

    def _start(self, image, files):
        folder = pathlib.Path(self._folder.name)
        (folder / "initrd").write_bytes(initramfs(image, files, MODULES))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "port"))
            listener.listen()
            listener.settimeout(_BOOT_S)
            self._process = subprocess.Popen(
                ["qemu-system-x86_64", "-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", str(MEMORY_MIB),
                 "-nodefaults", "-no-user-config", "-display", "none", "-nic", "none", "-no-reboot",
                 "-kernel", image / "vmlinuz", "-initrd", folder / "initrd", "-append", _COMMAND_LINE,
                 "-serial", f"file:{self._console}", "-serial", f"unix:{folder / 'port'}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(folder / "qemu", "wb"))
            connection, _ = listener.accept()
        self._port = connection.makefile("rwb")
        self._connection = connection
        connection.settimeout(_BOOT_S)
        if self._line() != "ready":
            raise RuntimeError(f"the machine did not come up: {self._last_words()}")

    def _last_words(self):
        said = [pathlib.Path(self._folder.name) / name for name in ("qemu", "console")]
        return "".join(path.read_text(errors="replace")[-2000:] for path in said if path.exists())

    def _line(self):
        line = self._port.readline()
        if not line:
            raise RuntimeError(f"the machine ended: {self._last_words()}")
        return line.decode().strip()

    def run(self, script, timeout=_RUN_S):
        """Done, of a script of busybox's sh; processes that it leaves behind live on. Longer than `timeout` seconds ends
        the machine."""
        self._connection.settimeout(timeout)
        self._port.write(base64.b64encode(script.encode()) + b"\n")
        self._port.flush()
        status, out_bytes, err_bytes = map(int, self._line().split())
        return Done(status, self._port.read(out_bytes).decode(), self._port.read(err_bytes).decode())

    def close(self):
        if self._port:
            self._port.close()
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", choices=RELEASES)
    parser.add_argument("-f", "--file", action="append", type=pathlib.Path, default=[])
    parser.add_argument("script")
    wanted = parser.parse_args()
    try:
        with KernelVm(wanted.version, {f"/bin/{path.name}": path for path in wanted.file}) as machine:
            done = machine.run(wanted.script)
    except (Missing, RuntimeError, TimeoutError) as problem:
        sys.exit(print(f"kernel_vm: {problem}", file=sys.stderr) or 125)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    sys.exit(done.status)


if __name__ == "__main__":
    main()
