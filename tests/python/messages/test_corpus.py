"""The datafusion wheel's own messages decode, or are refused for what is wrong with them."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import planwire
import pytest
from planwire import errors

from support import kinds
from support.corpus import CORPUS, MANIFEST, read

RUNNING = list(sys.version_info[:2])


def messages(*columns: str) -> pytest.MarkDecorator:
    """The cases of the manifest that have these columns."""
    cases = [case for case in MANIFEST if all(column in case for column in columns)]
    return pytest.mark.parametrize(
        "case", cases, ids=lambda case: case["file"].removesuffix(".bin")
    )


@messages()
def test_golden_bytes_are_unchanged(case: dict[str, Any]) -> None:
    assert hashlib.sha256(read(case)).hexdigest() == case["sha256"]


def test_every_golden_file_is_listed() -> None:
    assert {path.name for path in CORPUS.glob("*.bin")} == {case["file"] for case in MANIFEST}


@pytest.mark.inline
@pytest.mark.unguarded
@messages("result")
def test_inline_session_decodes_its_own_python_and_no_other(
    case: dict[str, Any], inline: planwire.SessionContext
) -> None:
    if case["python"] == RUNNING:
        expr = planwire.Expr.from_bytes(read(case), inline)
        assert kinds.rows(case["kind"], expr) == case["result"]
    else:
        with pytest.raises(errors.VersionMismatch) as refused:
            planwire.Expr.from_bytes(read(case), inline)
        assert "aligning the versions alone will not help" not in str(refused.value)


@messages("result")
def test_strict_session_refuses_sound_frames_and_names_the_fault_of_others(
    case: dict[str, Any], strict: planwire.SessionContext
) -> None:
    if case["python"] == RUNNING:
        with pytest.raises(errors.InlineRefused):
            planwire.Expr.from_bytes(read(case), strict)
    else:
        with pytest.raises(
            errors.VersionMismatch, match="aligning the versions alone will not help"
        ):
            planwire.Expr.from_bytes(read(case), strict)


@messages("by_name")
@pytest.mark.parametrize("mode", ["inline", "refuse"])
def test_message_by_name_finds_the_receivers_function(case: dict[str, Any], mode: str) -> None:
    ctx = planwire.SessionContext().with_family("python", mode)
    with pytest.raises(errors.UnknownFunction, match=case["by_name"]):
        planwire.Expr.from_bytes(read(case), ctx)

    ctx.register_udf(kinds.make("scalar", case["by_name"], amount=1))
    expr = planwire.Expr.from_bytes(read(case), ctx)
    assert kinds.rows("scalar", expr) == [2, 3, 4]


@messages("codec_id")
def test_envelope_of_a_codec_that_is_not_installed_is_an_unknown_codec(
    case: dict[str, Any], inline: planwire.SessionContext
) -> None:
    with pytest.raises(errors.DecodeError, match=case["codec_id"]) as refused:
        planwire.Expr.from_bytes(read(case), inline)
    assert refused.value.code == "PW-D009"
