"""Codecs of other libraries in sessions of planwire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import errors

from support import kinds, libraries
from support.audit import listening
from support.corpus import CORPUS

ENVELOPED = (CORPUS / "cp311-scalar_in_codec_envelope.bin").read_bytes()
LAYERS = ("logical", "physical")


class Exporter:
    """Hands out the codecs of a session of the wheel, as the object of a library would."""

    def __init__(self) -> None:
        self.sessions: list[Any] = []
        self.inner = datafusion.SessionContext()

    def __datafusion_logical_extension_codec__(self, session: Any) -> Any:
        self.sessions.append(session)
        return self.inner.__datafusion_logical_extension_codec__(session)

    def __datafusion_physical_extension_codec__(self, session: Any) -> Any:
        self.sessions.append(session)
        return self.inner.__datafusion_physical_extension_codec__(session)


class Named(Exporter):
    """Says what its codecs are called."""

    __datafusion_codec_id__ = "example.named"


class Old(Exporter):
    """A library from before the getters were given a session."""

    def __datafusion_logical_extension_codec__(self) -> Any:  # type: ignore[override]
        return self.inner.__datafusion_logical_extension_codec__()

    def __datafusion_physical_extension_codec__(self) -> Any:  # type: ignore[override]
        return self.inner.__datafusion_physical_extension_codec__()


def installed(ctx: Any, codec: Any, codec_id: str | None = None, layer: str = "logical") -> Any:
    """The session with a codec installed."""
    return getattr(ctx, f"with_{layer}_extension_codec")(codec, codec_id)


def ids(ctx: Any, layer: str = "logical") -> list[str]:
    """The ids of what is installed."""
    found: list[str] = getattr(ctx, f"{layer}_extension_codec_ids")()
    return found


@pytest.mark.inline
@pytest.mark.unguarded
def test_codec_of_the_wheel_reads_what_the_wheel_wrote(inline: planwire.SessionContext) -> None:
    ctx = installed(inline, datafusion.SessionContext(), "example.codec")
    expr = planwire.Expr.from_bytes(ENVELOPED, ctx)
    assert kinds.rows("scalar", expr) == [2, 3, 4]
    # Its own codec finds it in the capsule again, so it leaves as it came.
    again = expr.to_bytes(ctx)
    assert again.startswith(ENVELOPED[:40])
    assert kinds.rows("scalar", planwire.Expr.from_bytes(again, ctx)) == [2, 3, 4]


def test_strict_session_never_unpickles_by_a_codec_that_would(
    inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    codec = datafusion.SessionContext()
    for ctx in (
        installed(strict, codec, "example.codec"),
        installed(inline, codec, "example.codec").with_python_udf_inlining(enabled=False),
    ):
        with listening() as events, pytest.raises(errors.InlineRefused, match="plus_one"):
            planwire.Expr.from_bytes(ENVELOPED, ctx)
        assert events == ["planwire.refuse"]


@pytest.mark.inline
@pytest.mark.unguarded
def test_strict_session_sends_by_name_what_a_codec_would_inline(
    inline: planwire.SessionContext,
) -> None:
    ctx = installed(inline, datafusion.SessionContext(), "example.codec")
    expr = planwire.Expr.from_bytes(ENVELOPED, ctx)
    message = expr.to_bytes(ctx.with_python_udf_inlining(enabled=False))
    assert b"plus_one" in message
    assert b"DFPY" not in message


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("mode", ["inline", "refuse"])
def test_installing_a_codec_changes_no_mode_and_no_other_session(mode: str, layer: str) -> None:
    before = planwire.SessionContext().with_family("python", mode)
    after = installed(before, datafusion.SessionContext(), "example.codec", layer)
    modes = [{family.name: family.mode for family in ctx.families()} for ctx in (before, after)]
    assert modes[0] == modes[1]
    assert modes[1]["python"] == mode
    assert (ids(before, layer), ids(after, layer)) == ([], ["example.codec"])
    other = LAYERS[1 - LAYERS.index(layer)]
    assert ids(after, other) == []
    # And a mode changes no codec.
    assert ids(after.with_family("python", "refuse"), layer) == ["example.codec"]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("exporter", [Exporter, Named, planwire.SessionContext])
def test_ids_are_those_that_the_wheel_would_give(
    exporter: Callable[[], Any], layer: str, inline: planwire.SessionContext
) -> None:
    theirs = datafusion.SessionContext()
    for codec_id in (None, "example.given"):
        ours = ids(installed(inline, exporter(), codec_id, layer), layer)
        assert ours == ids(installed(theirs, exporter(), codec_id, layer), layer)


def test_capsule_gets_an_id_of_its_own(inline: planwire.SessionContext) -> None:
    capsule = datafusion.SessionContext().__datafusion_logical_extension_codec__()
    ctx = installed(installed(inline, capsule), capsule)
    first, second = ids(ctx)
    assert first.startswith("anon:")
    assert second.startswith("anon:")
    assert first != second


@pytest.mark.parametrize("layer", LAYERS)
def test_getter_is_given_the_session_unless_it_takes_none(
    layer: str, inline: planwire.SessionContext
) -> None:
    exporter = Exporter()
    installed(inline, exporter, None, layer)
    assert exporter.sessions == [inline]
    assert len(ids(installed(inline, Old(), None, layer), layer)) == 1


def test_unknown_codec_lists_those_installed(inline: planwire.SessionContext) -> None:
    ctx = installed(installed(inline, Exporter(), "one"), Exporter(), "two")
    with pytest.raises(errors.DecodeError, match=r"'example.codec'.*known are `one`, `two`"):
        planwire.Expr.from_bytes(ENVELOPED, ctx)


def test_taken_id_is_an_error_as_in_the_wheel(inline: planwire.SessionContext) -> None:
    for ctx in (inline, datafusion.SessionContext()):
        with pytest.raises(
            ValueError, match=r"example\.codec.*already installed|already installed"
        ):
            installed(installed(ctx, Exporter(), "example.codec"), Exporter(), "example.codec")


def test_codec_of_another_major_version_is_refused(
    tmp_path: Path, inline: planwire.SessionContext
) -> None:
    old = libraries.load(tmp_path, b"54.2.0").SessionContext()
    for layer in LAYERS:
        with pytest.raises(ImportError, match="DataFusion 54, planwire with DataFusion 55"):
            installed(inline, old, None, layer)


@pytest.mark.inline
def test_function_comes_home_from_a_session_of_another_library(
    tmp_path: Path, inline: planwire.SessionContext
) -> None:
    elsewhere = libraries.load(tmp_path)
    theirs = elsewhere.ScalarUDF.from_pycapsule(kinds.make("scalar"))
    ctx = installed(elsewhere.SessionContext(), inline)
    message = theirs(elsewhere.col("a")).to_bytes(ctx)
    # This library found its own function in theirs, and carried it by value.
    assert b"planwireDFPYUDF" in message
    expr = planwire.Expr.from_bytes(message, inline)
    assert kinds.rows("scalar", expr) == kinds.expected("scalar")


@pytest.mark.inline
def test_refusal_of_another_library_keeps_its_code_and_text(
    tmp_path: Path, inline: planwire.SessionContext
) -> None:
    elsewhere = libraries.load(tmp_path)
    theirs = elsewhere.SessionContext()
    numbers = pa.int64()
    function = elsewhere.ScalarUDF("negated", pc.negate, [numbers], numbers, "immutable")
    call = planwire.ScalarUDF.from_pycapsule(function)(planwire.col("a"))
    message = call.to_bytes(installed(inline, theirs, "example.codec"))
    assert kinds.rows("scalar", call) == [-1, -2, -3]

    refusing = theirs.with_family("python", "refuse")
    with pytest.raises(errors.DecodeError, match=r"codec 'example.codec'") as raised:
        planwire.Expr.from_bytes(message, installed(inline, refusing, "example.codec"))
    assert raised.value.code == "PW-D012"
    assert "refused the inline scalar UDF 'negated'" in str(raised.value.__cause__)
    assert "planwire explain PW-D005" in str(raised.value.__cause__)
