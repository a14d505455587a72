"""Packages made from the build directory under test."""

import os
import pathlib
import shutil
import subprocess

from skip import skip

CONFIGURATION = pathlib.Path(os.environ["TCPKIT_CPACK_CONFIG"])
EPOCH_S = "1700000000"
PATIENCE_S = 240


def packed(kind, folder, tool):
    """The packages of a kind that cpack knows, made in `folder`. Ends the test where their tool is not installed."""
    for needed in ("cpack", tool):
        if shutil.which(needed) is None:
            skip(f"there is no {needed}")
    done = subprocess.run(["cpack", "-G", kind, "--config", CONFIGURATION, "-B", folder], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S,
                          env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH_S})
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    ends = {"DEB": "*.deb", "RPM": "*.rpm", "TGZ": "*.tar.gz"}
    return sorted(pathlib.Path(folder).glob(ends[kind]))
