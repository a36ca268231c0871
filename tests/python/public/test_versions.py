"""The versions that the package and its command tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from planwire import __datafusion_version__, __version__


def test_versions_are_those_of_the_lock_file() -> None:
    lock = (Path(__file__).parents[3] / "Cargo.lock").read_text(encoding="utf-8")
    versions = {"planwire-py": __version__, "datafusion": __datafusion_version__}
    for package, version in versions.items():
        assert f'name = "{package}"\nversion = "{version}"\n' in lock


def test_command_beside_the_interpreter_tells_the_versions() -> None:
    # Where the wheel puts it; `cargo xtask setup` does too.
    command = Path(sys.executable).with_name("planwire")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    versions = f"planwire {__version__}, DataFusion {__datafusion_version__}"
    assert (done.stdout, done.stderr) == (f"{versions}\n", "")
