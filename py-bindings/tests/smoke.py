"""What an installed wheel has to do: ``python -I smoke.py README VERSION DATAFUSION``."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

# Beside what a new environment has, which depends on the version of Python.
NEEDED = {"planwire", "pyarrow", "cloudpickle"}
OF_THE_ENVIRONMENT = {"pip", "setuptools", "wheel"}


def check(*, holds: bool, otherwise: str) -> None:
    """End the program unless something holds."""
    if not holds:
        sys.exit(f"smoke: {otherwise}")


def requirements(name: str) -> set[str]:
    """The packages that a package asks for, without those of its extras."""
    asked = [line for line in metadata.requires(name) or [] if "extra ==" not in line]
    return {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in asked}


def check_packages() -> None:
    """Nothing is installed but planwire, pyarrow, cloudpickle, and what those two ask for."""
    installed = {found.metadata["Name"].lower() for found in metadata.distributions()}
    check(
        holds=requirements("planwire") == NEEDED - {"planwire"},
        otherwise=f"planwire asks for {requirements('planwire')}",
    )
    allowed = NEEDED | OF_THE_ENVIRONMENT
    allowed |= requirements("pyarrow") | requirements("cloudpickle")
    more = installed - allowed
    check(holds=not more, otherwise=f"these are installed too: {more}")


def check_versions(version: str, datafusion: str) -> None:
    """The package, its metadata and its command are of these versions."""
    import planwire  # noqa: PLC0415  # what is installed is looked at first

    told = (planwire.__version__, metadata.version("planwire"), planwire.__datafusion_version__)
    check(holds=told == (version, version, datafusion), otherwise=f"the versions are {told}")
    folder = Path(sys.prefix).resolve()
    check(
        holds=folder in Path(planwire.__file__).resolve().parents,
        otherwise=f"planwire comes from {planwire.__file__}",
    )


def run_ten_lines(readme: Path) -> None:
    """The first program of the README prints and raises what it says."""
    block = re.search(r"^```python\n(.*?)^```$", readme.read_text("utf-8"), re.M | re.S)
    check(holds=block is not None, otherwise=f"{readme} has no program")
    assert block is not None
    program = block[1]
    wanted = re.findall(r"^print\(.*\)  # (.*)$", program, re.M)
    raised = re.findall(r"  # raises (\w+)$", program, re.M)
    found = ""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            exec(compile(program, "README.md", "exec"), {"__name__": "__main__"})
        except Exception as error:
            found = type(error).__name__
            if found not in raised:
                raise
    printed = output.getvalue().splitlines()
    check(holds=bool(wanted) and printed == wanted, otherwise=f"the README printed {printed}")
    check(holds=[found] == raised or not raised, otherwise=f"the README did not raise {raised}")


def check_command(version: str, datafusion: str) -> None:
    """The command is beside the interpreter, and tells its version and what it takes."""
    command = Path(sys.executable).with_name("planwire")
    for argument, wanted in {
        ("--version",): f"planwire {version}, DataFusion {datafusion}",
        ("inspect", "--help"): "usage: planwire inspect",
    }.items():
        done = subprocess.run(
            [command, *argument], capture_output=True, text=True, timeout=60, check=False
        )
        check(
            holds=done.returncode == 0 and done.stdout.startswith(wanted),
            otherwise=f"planwire {' '.join(argument)} printed {done.stdout!r} {done.stderr!r}",
        )


def main() -> None:
    """Check what is installed, then use it."""
    readme, version, datafusion = sys.argv[1:]
    check_packages()
    check_versions(version, datafusion)
    run_ten_lines(Path(readme))
    check_command(version, datafusion)
    print(f"planwire {version} with pyarrow {metadata.version('pyarrow')}")


if __name__ == "__main__":
    main()
