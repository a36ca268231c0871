"""No method that returns another session loosens what the session refuses, nor what it limits."""

from __future__ import annotations

import copy
from collections.abc import Callable

import datafusion
import planwire
import pytest
from planwire import Expr, SessionContext

from support import kinds

# How to call each of them on a session, in a way that has nothing to do with the family `python`.
BUILDERS: dict[str, Callable[[SessionContext], SessionContext]] = {
    "with_family": lambda ctx: ctx.with_family("arrow", "refuse"),
    "with_frames": lambda ctx: ctx.with_frames("python", "native"),
    "with_limits": lambda ctx: ctx.with_limits(frames=7),
    # To what it is already, below.
    "with_precedence": lambda ctx: ctx.with_precedence("registered"),
    "with_logical_extension_codec": lambda ctx: ctx.with_logical_extension_codec(
        datafusion.SessionContext(), "theirs"
    ),
    "with_physical_extension_codec": lambda ctx: ctx.with_physical_extension_codec(
        datafusion.SessionContext(), "theirs"
    ),
    # Changes the family, so only its limits are held against it below.
    "with_python_udf_inlining": lambda ctx: ctx.with_python_udf_inlining(enabled=False),
    "enable_url_table": lambda ctx: ctx.enable_url_table(),
    "__copy__": copy.copy,
    "__deepcopy__": copy.deepcopy,
}


def test_every_builder_is_tried() -> None:
    found = {name for name in dir(SessionContext) if name.startswith("with_")}
    assert found <= set(BUILDERS)


@pytest.mark.inline
@pytest.mark.parametrize("second", BUILDERS)
@pytest.mark.parametrize("first", BUILDERS)
def test_refusal_and_limits_outlast_every_pair_of_builders(first: str, second: str) -> None:
    strict = SessionContext().with_limits(depth=9).with_precedence("registered")
    strict = strict.with_python_udf_inlining(enabled=False)
    made = BUILDERS[first](strict)
    if "codec" not in first or first != second:
        made = BUILDERS[second](made)
    assert made.limits()["depth"] == 9
    assert made.precedence() == "registered"
    assert "python=refuse" in repr(made)
    for kind in kinds.KINDS:
        with pytest.raises(planwire.InlineRefused):
            Expr.from_bytes(kinds.call(kinds.make(kind)).to_bytes(), made)


def test_no_such_family_and_no_such_frames_are_named() -> None:
    ctx = SessionContext()
    with pytest.raises(
        ValueError, match="no family named 'pyton' is linked here, known are `arrow`, `python`"
    ):
        ctx.with_frames("pyton", "native")
    with pytest.raises(ValueError, match='no frames are named "v2", known are "v1" and "native"'):
        ctx.with_frames("python", "v2")
