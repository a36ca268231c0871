"""Executors that take no functions, or those that a key has signed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import SessionContext, col, guard, udf

from support.clusters import COMMAND, running

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()
AUDIENCE = "workers"

double = udf(lambda a: pc.multiply(a, 2), NUMBER, NUMBER, "immutable", "double")


def doubled(session: SessionContext) -> object:
    return session.from_pydict({"a": [1, 2]}).select(double(col("a")).alias("b")).to_pydict()


class Keys:
    """A key: the file of those who verify with it, and the guard of one who signs with it."""

    def __init__(self, path: Path) -> None:
        sender, receiver = guard.generate_key("ed25519", "driver")
        path.write_text(receiver)
        self.options = ["--keyring", str(path), "--audience", AUDIENCE]
        self.guard = guard.signed(guard.Keyring.from_text(sender), audience=AUDIENCE)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys.txt")


@pytest.mark.inline
def test_executor_with_a_floor_runs_no_function() -> None:
    with running(executor=["--floor", "refuse"]) as address:
        session = SessionContext.cluster(address)
        assert session.sql("select 1 as a").to_pydict() == {"a": [1]}
        with pytest.raises(
            planwire.InlineRefused, match=r"'double' of family `python`.*in executor"
        ):
            doubled(session)


@pytest.mark.inline
@pytest.mark.unguarded
def test_executor_with_a_keyring_runs_what_its_key_signed(keys: Keys, tmp_path: Path) -> None:
    other = Keys(tmp_path / "other.txt")
    with running(executor=keys.options) as address:
        session = SessionContext.cluster(address)
        assert doubled(session.with_family("python", keys.guard)) == {"b": [2, 4]}
        with pytest.raises(planwire.PolicyRefused, match="'double'"):
            doubled(session.with_family("python", other.guard))
        with pytest.raises(planwire.PolicyRefused, match="'double'"):
            doubled(session)


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("allowed", [False, True])
def test_executor_with_a_keyring_writes_if_it_is_told_to(
    allowed: bool, keys: Keys, tmp_path: Path
) -> None:
    path, policy = tmp_path / "rows.csv", ["--policy", "pull"]
    with running(
        policy, [*policy, *keys.options, *(["--allow-writes"] if allowed else [])]
    ) as address:
        query = SessionContext.cluster(address).sql(
            f"copy (select 1 as a) to '{path}' stored as csv"
        )
        if allowed:
            query.collect()
        else:
            with pytest.raises(planwire.ExecutionError, match="Writes"):
                query.collect()
    assert path.exists() == allowed


WRONG: dict[str, tuple[list[str], str]] = {
    "nobody to sign for": (["--keyring", "keys.txt"], "go together"),
    "no keyring": (["--allow-writes"], "is for --keyring"),
    "no file": (["--keyring", "/no/such/file", "--audience", "all"], "/no/such/file"),
    "no floor": (["--floor", "low"], "invalid choice: 'low'"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_command_says_what_is_wrong(wrong: str) -> None:
    options, text = WRONG[wrong]
    command = [*COMMAND, "executor", "df://localhost:1", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert text in ended.stderr
