"""A toggle makes another session that shares everything but the mode."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import planwire
import pytest
from planwire import errors, ipc

from support import kinds

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)


def modes(ctx: planwire.SessionContext) -> dict[str, str]:
    return {family.name: family.mode for family in ctx.families()}


@pytest.mark.inline
@pytest.mark.unguarded
def test_toggle_leaves_the_original_as_it_was(
    inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    assert (modes(inline)["python"], modes(strict)["python"]) == ("inline", "refuse")
    message = kinds.call(kinds.make("scalar")).to_bytes()
    with pytest.raises(errors.InlineRefused):
        planwire.Expr.from_bytes(message, strict)
    assert kinds.rows("scalar", planwire.Expr.from_bytes(message, inline)) == kinds.expected(
        "scalar"
    )


@pytest.mark.inline
@pytest.mark.unguarded
def test_toggle_can_be_turned_back(strict: planwire.SessionContext) -> None:
    again = strict.with_python_udf_inlining(enabled=True)
    assert modes(again)["python"] == "inline"
    planwire.Expr.from_bytes(kinds.call(kinds.make("scalar")).to_bytes(), again)


def test_toggle_is_the_mode_of_the_python_family(inline: planwire.SessionContext) -> None:
    by_toggle = inline.with_python_udf_inlining(enabled=False)
    by_mode = inline.with_family("python", "refuse")
    assert modes(by_toggle) == modes(by_mode)


@each_kind
def test_functions_registered_later_are_seen_on_both_sides(
    kind: str, inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    kinds.register(inline, kind, kinds.make(kind, "first"))
    kinds.register(strict, kind, kinds.make(kind, "second"))
    for ctx in (inline, strict):
        for name in ("first", "second"):
            message = kinds.call(kinds.make(kind, name)).to_bytes(strict)
            expr = planwire.Expr.from_bytes(message, ctx)
            assert kinds.rows(kind, expr) == kinds.expected(kind)


def test_tables_registered_later_are_seen_on_both_sides(
    inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    inline.from_pydict({"a": [1, 2]}, name="first")
    strict.from_pydict({"a": [3]}, name="second")
    query = "SELECT a FROM first UNION ALL SELECT a FROM second ORDER BY a"
    assert inline.sql(query).to_pydict() == strict.sql(query).to_pydict() == {"a": [1, 2, 3]}


def test_settings_made_later_are_seen_on_both_sides(
    inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    inline.sql("SET datafusion.catalog.information_schema = true").collect()
    inline.sql("SET datafusion.execution.batch_size = 17").collect()
    assert strict.sql("SHOW datafusion.execution.batch_size").to_pydict()["value"] == ["17"]


def test_enabled_is_keyword_only(inline: planwire.SessionContext) -> None:
    with pytest.raises(TypeError):
        inline.with_python_udf_inlining(False)  # type: ignore[call-arg]


@pytest.mark.inline
@pytest.mark.unguarded
def test_families_lists_what_is_linked(inline: planwire.SessionContext) -> None:
    (python,) = [family for family in inline.families() if family.name == "python"]
    assert python.mode == "inline"


def test_unknown_family_lists_the_known_ones(inline: planwire.SessionContext) -> None:
    with pytest.raises(ValueError, match="python"):
        inline.with_family("pyton", "inline")


def test_unknown_mode_lists_the_known_ones(inline: planwire.SessionContext) -> None:
    with pytest.raises(ValueError, match="refuse"):
        inline.with_family("python", "perhaps")


@pytest.mark.inline
@each_kind
def test_explicit_session_wins_over_the_contexts(
    kind: str, inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    expr = kinds.call(kinds.make(kind))
    with ipc.sender_ctx(strict), ipc.worker_ctx(strict):
        message = expr.to_bytes(inline)
        decoded = planwire.Expr.from_bytes(message, inline)
        with pytest.raises(errors.InlineRefused):
            planwire.Expr.from_bytes(message)
    assert kinds.rows(kind, decoded) == kinds.expected(kind)


@pytest.mark.inline
@pytest.mark.unguarded
def test_contexts_hold_for_bytes_as_for_pickles(strict: planwire.SessionContext) -> None:
    expr = kinds.call(kinds.make("scalar"))
    with ipc.sender_ctx(strict):
        assert expr.to_bytes() == expr.to_bytes(strict)
    with ipc.worker_ctx(strict), pytest.raises(errors.InlineRefused):
        pickle.loads(pickle.dumps(expr))


def test_contexts_end_with_their_block(strict: planwire.SessionContext) -> None:
    with pytest.raises(ZeroDivisionError), ipc.worker_ctx(strict):
        raise ZeroDivisionError
    assert ipc.get_worker_ctx() is None


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copying_never_encodes(
    duplicate: Callable[[planwire.Expr], planwire.Expr], strict: planwire.SessionContext
) -> None:
    expr = kinds.call(kinds.make("scalar"))
    with ipc.sender_ctx(strict), ipc.worker_ctx(strict):
        same = duplicate(expr)
    assert kinds.rows("scalar", same) == kinds.expected("scalar")


@pytest.mark.inline
def test_same_named_functions_stay_apart() -> None:
    first, second = (kinds.call(kinds.make("scalar", "same", amount)) for amount in (10, 20))
    expr = planwire.Expr.from_bytes((first + second).to_bytes())
    assert kinds.rows("scalar", expr) == [32, 34, 36]
