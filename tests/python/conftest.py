"""Sessions that decode functions, and sessions that refuse them."""

from __future__ import annotations

import signal
from itertools import count
from pathlib import Path

import planwire
import pytest
from planwire import ipc

from support.quarantined import Setup, module

_modules = count()

# A shell has the commands that it runs in the background ignore Ctrl-C, which tests press.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _nothing_decoded() -> None:
    """Has no test find what another one decoded."""
    ipc.clear_decode_cache()


@pytest.fixture
def inline() -> planwire.SessionContext:
    """A session as it starts: Python functions travel inside messages."""
    return planwire.SessionContext()


@pytest.fixture
def strict(inline: planwire.SessionContext) -> planwire.SessionContext:
    """A session that takes no code from outside."""
    return inline.with_python_udf_inlining(enabled=False)


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """What writes a module with a function `make`, and tells a quarantine the name of that."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(source: str) -> str:
        return module(tmp_path, f"quarantined_{next(_modules)}", source)

    return write
