"""Other libraries built on DataFusion: this build of planwire once more, from another file.

A library that is loaded twice is two libraries: neither finds its own objects in what the other
hands over, so all of it crosses as it does between planwire and anyone else's.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import planwire

OURS = b"55.2.0"


def load(directory: Path, version: bytes = OURS) -> Any:
    """Loads the library from a copy, which may claim to have been built with another DataFusion."""
    (original,) = Path(planwire.__file__).parent.glob("_internal*.so")
    copy = directory / original.name
    copy.write_bytes(original.read_bytes().replace(OURS, version))
    spec = importlib.util.spec_from_file_location("elsewhere._internal", copy)
    assert spec is not None
    assert spec.loader is not None
    library = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(library)
    # It is mapped already, and large.
    copy.unlink()
    return library
