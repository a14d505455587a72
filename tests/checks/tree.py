"""What every house rule needs: the project's files, and one way to report."""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(root=ROOT, suffixes=()):
    """Files under version control, or in a tree without git all but build and hidden directories; sorted."""
    listed = shutil.which("git") and subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed and listed.returncode == 0:
        names = [pathlib.PurePath(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [path.relative_to(root) for path in root.rglob("*")]
        names = [name for name in names if name.parts[0] not in ("build", ".git")]
    return sorted(name for name in names
                  if (root / name).is_file() and (not suffixes or name.suffix in suffixes))


def finish(problems):
    """Prints 'path:line: what' for each problem and exits 1 if there were any."""
    problems = list(problems)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def skip(reason):
    """Ends the check as "not run": ctest is told by 77."""
    print(f"skipped: {reason}")
    sys.exit(77)
