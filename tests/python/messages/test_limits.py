"""Limits as Python sees them: set by name, for messages in both directions and of every sort."""

from __future__ import annotations

import pickle
from typing import Any

import planwire
import pyarrow as pa
import pytest
from planwire import (
    ExecutionPlan,
    Expr,
    LimitExceeded,
    LogicalPlan,
    SessionContext,
    col,
    ipc,
)

from support import kinds
from support.queries import plan_of


def chain(operands: int) -> Expr:
    """A sum of columns, as deep as it has operands."""
    expr = col("a")
    for _ in range(operands - 1):
        expr = expr + col("a")
    return expr


def test_other_limits_and_the_original_stay_as_they_are() -> None:
    ctx = SessionContext()
    before = ctx.limits()
    small = ctx.with_limits(payload=10, depth=3)
    assert small.limits() == {**before, "payload": 10, "depth": 3}
    assert ctx.limits() == before
    assert small.with_family("python", "refuse").limits() == small.limits()


@pytest.mark.parametrize("most", [-1, 1.5, "many", None, 2**64])
def test_limit_is_a_number(most: object) -> None:
    with pytest.raises(ValueError, match="depth"):
        SessionContext().with_limits(depth=most)  # type: ignore[arg-type]


def test_unknown_limit_lists_the_known_ones() -> None:
    with pytest.raises(TypeError, match="payload"):
        SessionContext().with_limits(payloads=1)


@pytest.mark.inline
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_payload_is_limited_in_both_directions(kind: str) -> None:
    expr = kinds.call(kinds.make(kind))
    small = SessionContext().with_limits(payload=100)
    with pytest.raises(planwire.EncodeError) as refused:
        expr.to_bytes(small)
    assert refused.value.code == "PW-E007"
    with pytest.raises(LimitExceeded) as exceeded:
        Expr.from_bytes(expr.to_bytes(), small)
    assert exceeded.value.code == "PW-D017"
    with ipc.sender_ctx(small), pytest.raises(planwire.EncodeError):
        pickle.dumps(expr)


@pytest.mark.inline
def test_limit_is_held_before_the_mode_is_asked() -> None:
    strict = SessionContext().with_python_udf_inlining(enabled=False).with_limits(payload=100)
    with pytest.raises(LimitExceeded):
        Expr.from_bytes(kinds.call(kinds.make("scalar")).to_bytes(), strict)


@pytest.mark.inline
def test_large_closure_is_stopped_where_it_is_sent() -> None:
    table = bytes(257 << 20)
    large = planwire.udf(lambda a: (table, a)[1], pa.int64(), pa.int64(), "immutable", "large")
    with pytest.raises(planwire.EncodeError, match="payload"):
        large(col("a")).to_bytes()
    generous = SessionContext().with_limits(payload=300 << 20, message=300 << 20)
    assert len(large(col("a")).to_bytes(generous)) > len(table)


def test_deeper_expression_is_refused() -> None:
    shallow = SessionContext().with_limits(depth=100)
    assert len(Expr.from_bytes(chain(100).to_bytes(shallow), shallow).canonical_name()) > 100
    with pytest.raises(planwire.EncodeError, match="depth"):
        chain(101).to_bytes(shallow)
    with pytest.raises(LimitExceeded, match="depth"):
        Expr.from_bytes(chain(101).to_bytes(), shallow)


@pytest.mark.inline
@pytest.mark.parametrize("layer", [LogicalPlan, ExecutionPlan])
def test_wide_table_is_refused_in_both_directions(layer: Any) -> None:
    wide = plan_of(layer, SessionContext().from_pydict({f"c{at}": [1] for at in range(10)}))
    message = wide.to_bytes()
    enough = SessionContext().with_limits(fields=10)
    assert layer.from_bytes(enough, wide.to_bytes(enough))
    for limit in ({"fields": 9}, {"schema": 50}):
        small = SessionContext().with_limits(**limit)
        with pytest.raises(planwire.EncodeError, match=next(iter(limit))):
            wide.to_bytes(small)
        with pytest.raises(LimitExceeded, match=next(iter(limit))):
            layer.from_bytes(small, message)
