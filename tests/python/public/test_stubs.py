"""The stubs of what is made of DataFusion's registry are those of the DataFusion that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.programs import stubs


@pytest.mark.parametrize(
    ("path", "text"), stubs.stubs().items(), ids=lambda part: getattr(part, "name", "")
)
def test_stub_is_what_datafusion_registers(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, (
        "run `python tests/python/support/programs/stubs.py`"
    )
