"""A quarantine: a message that would end or stop a worker ends a process of the quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import planwire
import pyarrow as pa
import pytest
from planwire import SessionContext, col, errors, guard, lit

from support import kinds
from support.hostile import hostile
from support.quarantined import Setup, attempting

MIB = 1024 * 1024
SOUND = hostile.query("SELECT 1 + 1 AS two")

Sort = Literal["expression", "logical plan", "physical plan"]


@pytest.fixture(scope="module")
def quarantine() -> Iterator[guard.Quarantine]:
    """A quarantine in which each message has a second."""
    with guard.Quarantine(seconds=1) as made:
        yield made


@pytest.mark.parametrize(
    ("message", "limits", "told"),
    [
        (hostile.LARGE, {"seconds": 60}, "ended by SIGABRT"),
        (hostile.SLOW, {"seconds": 1}, "more than 1 seconds of processor time"),
        (hostile.SLOW, {"seconds": 600, "wall_seconds": 2}, "not done after 2 seconds"),
    ],
    ids=["memory", "processor time", "time"],
)
def test_plan_that_grows_while_it_is_planned_ends_another_process(
    message: bytes, limits: dict[str, Any], told: str
) -> None:
    with guard.Quarantine(memory=256 * MIB, **limits) as quarantine:
        for _ in range(2):
            with pytest.raises(errors.LimitExceeded, match=told) as ended:
                quarantine.check(message, "logical plan")
            assert ended.value.code == "PW-G006"
            quarantine.check(SOUND, "logical plan")


def test_expression_is_planned_over_the_columns_that_it_is_for(
    quarantine: guard.Quarantine,
) -> None:
    message = hostile.doubling(31).to_bytes()
    # Decoded and shown it is harmless; which columns it is for does not stand in it.
    quarantine.check(message, "expression")
    with pytest.raises(errors.LimitExceeded):
        quarantine.check(message, "expression", schema=pa.schema([("a", pa.int64())]))


@pytest.mark.parametrize("expr", [col("a") + 1, col("a") > 1, planwire.functions.sum(col("a"))])
def test_harmless_expression_passes(quarantine: guard.Quarantine, expr: planwire.Expr) -> None:
    quarantine.check(expr.to_bytes(), "expression")
    quarantine.check(expr.to_bytes(), "expression", schema=pa.schema([("a", pa.int64())]))
    # An error of planning is an end as good as any.
    quarantine.check(expr.to_bytes(), "expression", schema=pa.schema([("b", pa.string())]))


def test_plans_over_many_files_pass(tmp_path: Path) -> None:
    ctx = SessionContext()
    for number in range(50):
        ctx.from_pydict({"a": [number]}).write_parquet(tmp_path / f"{number}.parquet")
    ctx.register_parquet("t", tmp_path)
    query = ctx.sql("SELECT a, count(*) AS n FROM t WHERE a > 3 GROUP BY a ORDER BY a")
    # A thread for each file would take far more.
    with guard.Quarantine(memory=192 * MIB) as quarantine:
        quarantine.check(query.logical_plan().to_bytes(), "logical plan")
        quarantine.check(query.execution_plan().to_bytes(), "physical plan")


@pytest.mark.inline
def test_tables_in_memory_are_tried(quarantine: guard.Quarantine) -> None:
    query = SessionContext().from_pydict({"a": [1, 2]}).filter(col("a") > 1)
    quarantine.check(query.logical_plan().to_bytes(), "logical plan")
    quarantine.check(query.execution_plan().to_bytes(), "physical plan")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("expression", hostile.list_of_lists(2**24)),
        ("logical plan", hostile.aliases(40)),
        ("physical plan", hostile.sorted_by_what_sorts(14)),
        ("expression", b"no message"),
        ("logical plan", b""),
    ],
)
def test_whatever_the_bytes_are_the_end_is_an_error_of_planwire(
    quarantine: guard.Quarantine, what: Sort, message: bytes
) -> None:
    with pytest.raises((errors.LimitExceeded, errors.PolicyRefused)) as refused:
        quarantine.check(message, what)
    assert refused.value.code in ("PW-G006", "PW-G007")
    assert f"planwire explain {refused.value.code}" in str(refused.value)
    quarantine.check(SOUND, "logical plan")


@pytest.mark.inline
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_payload_is_not_opened_and_the_message_counts_as_not_tried(
    kind: str, quarantine: guard.Quarantine
) -> None:
    with pytest.raises(errors.PolicyRefused, match=r"not tried to its end.*PW-D005") as refused:
        quarantine.check(kinds.call(kinds.make(kind)).to_bytes(), "expression")
    assert refused.value.code == "PW-G007"


@pytest.mark.inline
def test_process_that_is_about_to_unpickle_ends(setup: Setup) -> None:
    name = setup(
        attempting("""
            try:
                planwire.Expr.from_bytes(message, planwire.SessionContext())
            except planwire.PlanwireError:
                pass
            return wire.TRIED, ''
        """)
    )
    with guard.Quarantine(setup=name) as quarantine:
        quarantine.check((lit(1) + 1).to_bytes(), "expression")
        with pytest.raises(errors.LimitExceeded):
            quarantine.check(kinds.call(kinds.make("scalar")).to_bytes(), "expression")


STAND_IN = """
    def make():
        ctx = planwire.SessionContext()
        ctx.register_udf(planwire.udf(lambda a: a, "int64", "int64", "immutable", "crossing"))
        return ctx.with_precedence("registered")
"""


def test_function_of_the_setup_stands_in_for_one_by_name_and_for_a_payload(
    quarantine: guard.Quarantine, setup: Setup
) -> None:
    crossing = kinds.make("scalar", "crossing")
    by_name = SessionContext().with_family("python", "refuse")
    messages = [crossing(lit(1)).to_bytes(), crossing(lit(1)).to_bytes(by_name)]
    slow = crossing(planwire.functions.length(hostile.doubling(31))).to_bytes()
    with guard.Quarantine(seconds=1, setup=setup(STAND_IN)) as knowing:
        for message in messages:
            knowing.check(message, "expression", schema=pa.schema([]))
            with pytest.raises(errors.PolicyRefused):
                quarantine.check(message, "expression", schema=pa.schema([]))
        with pytest.raises(errors.LimitExceeded):
            knowing.check(slow, "expression", schema=pa.schema([]))


NONSENSE = [
    ("os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL"),
    ("os.abort()", "ended by SIGABRT"),
    ("os._exit(0)", "its process ended"),
    ("raise KeyboardInterrupt", "its process ended"),
    ("inside.LINE.sendall(b'garbage' * 10); return wire.TRIED, ''", "nonsense"),
    ("inside.LINE.sendall(b'tPW-D0 1s'); return wire.TRIED, ''", "nonsense"),
    ("while True: inside.LINE.sendall(b't' * 65536)", "nonsense"),
    ("time.sleep(3600)", "not done after 2 seconds"),
    ("inside.LINE.shutdown(2); time.sleep(3600)", "its process ended"),
]


@pytest.mark.parametrize(("body", "told"), NONSENSE, ids=[body for body, _ in NONSENSE])
def test_process_that_dies_lies_or_stays_silent_is_replaced(
    body: str, told: str, setup: Setup
) -> None:
    name = setup(
        attempting(f"""
            inside.LINE = sys._getframe(2).f_locals["line"]
            if b'two' in message:
                {body}
            return wire.TRIED, ''
        """)
    )
    with guard.Quarantine(wall_seconds=2, setup=name) as quarantine:
        for _ in range(2):
            with pytest.raises(errors.LimitExceeded, match=told):
                quarantine.check(SOUND, "logical plan")
            quarantine.check(hostile.query("SELECT 1"), "logical plan")
