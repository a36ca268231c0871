"""Sessions that decode functions, and sessions that refuse them."""

from __future__ import annotations

import planwire
import pytest


@pytest.fixture
def inline() -> planwire.SessionContext:
    """A session as it starts: Python functions travel inside messages."""
    return planwire.SessionContext()


@pytest.fixture
def strict(inline: planwire.SessionContext) -> planwire.SessionContext:
    """A session that takes no code from outside."""
    return inline.with_python_udf_inlining(enabled=False)
