"""Who wins where a payload comes under the name of a registered function."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import planwire
import pytest
from planwire import ExecutionPlan, Expr, LogicalPlan, SessionContext, errors, ipc

from support import kinds
from support.audit import listening
from support.queries import plan_of, query

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
each_mode = pytest.mark.parametrize("mode", ["inline", "refuse"])


def receiver(kind: str, mode: str, precedence: str = "registered") -> SessionContext:
    """A session in which the function `crossing` adds 20, where senders' adds 10."""
    ctx = SessionContext().with_precedence(precedence).with_family("python", mode)
    kinds.register(ctx, kind, kinds.make(kind, amount=20))
    return ctx


def heard_and_told(decode: Any) -> tuple[Any, list[str], list[str]]:
    """What something decodes to, the audit events, and the warnings."""
    with warnings.catch_warnings(record=True) as told, listening() as events:
        warnings.simplefilter("always")
        decoded = decode()
    return decoded, list(events), [str(warning.message) for warning in told]


@pytest.mark.inline
@each_mode
@each_kind
def test_registered_function_is_taken_and_nothing_unpickled(kind: str, mode: str) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    ctx = receiver(kind, mode)
    expr, events, told = heard_and_told(lambda: Expr.from_bytes(message, ctx))
    assert kinds.rows(kind, expr) == kinds.expected(kind, 20)
    assert not {"planwire.decode", "planwire.refuse", "pickle.find_class"} & set(events)
    (warning,) = told
    assert f"registered {kind} UDF 'crossing' is taken" in warning
    assert "PW-D018" in warning


@pytest.mark.inline
@each_kind
def test_payload_is_taken_in_a_new_session(kind: str) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    ctx = receiver(kind, "inline", "payload")
    expr, _, told = heard_and_told(lambda: Expr.from_bytes(message, ctx))
    assert (kinds.rows(kind, expr), told) == (kinds.expected(kind, 10), [])
    with pytest.raises(errors.InlineRefused):
        Expr.from_bytes(message, receiver(kind, "refuse", "payload"))


@pytest.mark.parametrize("layer", [LogicalPlan, ExecutionPlan])
@each_kind
def test_plans_of_both_layers_run_the_registered_function(kind: str, layer: Any) -> None:
    message = plan_of(layer, query(kind)).to_bytes()
    ctx = receiver(kind, "refuse")
    plan, events, _ = heard_and_told(lambda: layer.from_bytes(ctx, message))
    assert "pickle.find_class" not in events
    if layer is LogicalPlan:
        frame = ctx.create_dataframe_from_logical_plan(plan)
        assert frame.to_pydict()["r"] == kinds.expected(kind, 20)


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_function_alone_and_pickles_take_the_registered_one(kind: str) -> None:
    function = kinds.make(kind)
    with ipc.worker_ctx(receiver(kind, "refuse")), pytest.warns(planwire.PlanwireWarning):
        found, expr = (pickle.loads(pickle.dumps(x)) for x in (function, kinds.call(function)))
    for call in (kinds.call(found), expr):
        assert kinds.rows(kind, call) == kinds.expected(kind, 20)


@pytest.mark.inline
@each_kind
def test_other_names_keep_to_the_mode(kind: str) -> None:
    message = kinds.call(kinds.make(kind, "another")).to_bytes()
    expr, _, told = heard_and_told(lambda: Expr.from_bytes(message, receiver(kind, "inline")))
    assert (kinds.rows(kind, expr), told) == (kinds.expected(kind), [])
    with pytest.raises(errors.InlineRefused):
        Expr.from_bytes(message, receiver(kind, "refuse"))


@pytest.mark.inline
@each_mode
def test_payload_that_is_left_alone_has_to_be_sound(mode: str) -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    with pytest.raises(errors.VersionMismatch):
        Expr.from_bytes(message.replace(b"DFPYUDF\x01", b"DFPYUDF\x02"), receiver("scalar", mode))
    with pytest.raises(errors.MalformedFrame):
        Expr.from_bytes(message[:-1], receiver("scalar", mode))


def test_precedence_is_a_setting_of_one_session() -> None:
    ctx = SessionContext()
    registered = ctx.with_precedence("registered")
    assert (ctx.precedence(), registered.precedence()) == ("payload", "registered")
    assert registered.with_precedence("payload").precedence() == "payload"
    with listening() as events:
        ctx.with_precedence("registered")
    assert events == ["planwire.policy"]
    with pytest.raises(ValueError, match='known are "payload" and "registered"'):
        ctx.with_precedence("both")


@pytest.mark.unguarded
@pytest.mark.parametrize("own", ["payload", "registered"])
@pytest.mark.parametrize("receivers", ["payload", "registered"])
def test_restored_session_prefers_payloads_only_where_both_do(own: str, receivers: str) -> None:
    message = pickle.dumps(SessionContext().with_precedence(own))
    with ipc.worker_ctx(SessionContext().with_precedence(receivers)):
        restored = pickle.loads(message)
    assert restored.precedence() == max(own, receivers)
