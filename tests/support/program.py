"""The built program, as the tests start it."""

import atexit
import os
import pathlib
import shutil
import subprocess
import tempfile


def _open_to_all(path):
    return all(folder.stat().st_mode & 0o001 for folder in path.parents)


def _copied(program, libraries):
    """Program and library in the places they have to each other, in a folder that everybody may enter."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tcpkit-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    place = folder / "bin"
    beside = pathlib.Path(os.path.normpath(place / os.path.relpath(libraries, program.parent)))
    place.mkdir()
    beside.mkdir(parents=True, exist_ok=True)
    shutil.copy2(program, place)
    for library in libraries.glob("libtcpkit.so.*"):
        shutil.copy2(library, beside, follow_symlinks=True)
    return place / program.name


def program():
    """Its path. A clone below /root, say, is closed to the users without rights that some tests become: they, and so all,
    get a copy."""
    built = pathlib.Path(os.environ["TCPKIT_BINARY"])
    if os.geteuid() != 0 or _open_to_all(built):
        return str(built)
    return str(_copied(built, pathlib.Path(os.environ.get("TCPKIT_LIBRARY_DIR", built.parent))))


def may_mount():
    """Whether this process may make a mount namespace: not in a chroot, nor in some containers."""
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
