"""DataFusion's own test files, as data from cargo's registry."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CRATE = "datafusion-sqllogictest"

MANIFEST = """\
[package]
name = "fetched"
version = "0.0.0"
edition = "2021"

[dependencies]
{crate} = {{ version = "={version}", default-features = false }}
"""


def version() -> str:
    """The version of DataFusion that is built in."""
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    found = re.search(r'name = "datafusion"\nversion = "(.+)"', lock)
    if found is None:
        raise LookupError("Cargo.lock names no datafusion")
    return found[1]


def crate() -> Path:
    """The folder of the crate, which cargo fetches if it is not there."""
    found = _unpacked()
    if found is None:
        _fetch()
        found = _unpacked()
    if found is None:
        raise FileNotFoundError(f"cargo fetched no {CRATE} {version()}")
    return found


def files() -> list[Path]:
    """The test files, without those for functions of Spark, which no session here has."""
    root = crate() / "test_files"
    paths = sorted(root.rglob("*.slt"))
    return [path for path in paths if path.relative_to(root).parts[0] != "spark"]


def _unpacked() -> Path | None:
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    folders = home.glob(f"registry/src/*/{CRATE}-{version()}/test_files")
    return next((folder.parent for folder in folders), None)


def _fetch() -> None:
    """Has cargo fetch the crate for a package that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "Cargo.toml")
        manifest.write_text(MANIFEST.format(crate=CRATE, version=version()), encoding="utf-8")
        Path(folder, "src").mkdir()
        Path(folder, "src", "lib.rs").touch()
        cargo = os.environ.get("CARGO", "cargo")
        command = [cargo, "fetch", "--quiet", "--manifest-path", str(manifest)]
        subprocess.run(command, check=True, cwd=folder)
