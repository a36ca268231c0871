"""The first import of the compiled module, which the environment of the process can prevent."""

import sys
from pathlib import PurePath

from planwire._base.escaped import escaped

_FAILED = 2


def _is_command() -> bool:
    """Tell whether the process is one of planwire's commands."""
    if sys.argv[:1] == ["-m"]:
        module = sys.orig_argv[-len(sys.argv)]
        return module.removeprefix("-m") == "planwire"
    return PurePath(sys.argv[0]).stem == "planwire" if sys.argv else False


try:
    import planwire._internal  # noqa: F401  # pyright: ignore[reportUnusedImport]
except (ValueError, RuntimeError) as error:
    # A program gets the exception; a command says in a line why it does not start.
    if not _is_command():
        raise
    notes = getattr(error, "__notes__", [])
    print("\n  ".join(map(escaped, [f"planwire: {error}", *notes])), file=sys.stderr)
    sys.exit(_FAILED)
