"""Other minor versions of CPython, where this machine has some."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# What planwire needs beside itself.
NEEDED = ["pyarrow>=16", "cloudpickle>=3"]


def others() -> list[Path]:
    """One interpreter of each other minor version, on the path or among those of pyenv."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [*map(Path, os.get_exec_path()), *sorted(root.glob("versions/*/bin"))]
    minors = [minor for minor in range(10, 14) if minor != sys.version_info.minor]
    candidates = [[folder / f"python3.{minor}" for folder in folders] for minor in minors]
    found = [next(filter(_runs, programs), None) for programs in candidates]
    return [program for program in found if program is not None]


def _runs(program: Path) -> bool:
    """Whether it is there and has pip, unlike a shim of pyenv's whose version is not chosen."""
    asked = [str(program), "-c", "import pip"]
    return (
        program.is_file()
        and subprocess.run(asked, capture_output=True, check=False).returncode == 0
    )


def packages(python: Path) -> Path:
    """The directory with what planwire needs there, made once and kept in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "planwire"
    directory = cache / f"packages-{python.name}"
    if not directory.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as fresh:
            install = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
            subprocess.run([*install, "--target", f"{fresh}/packages", *NEEDED], check=True)
            # Only whole packages get the name that the next run looks for.
            Path(fresh, "packages").rename(directory)
    return directory
