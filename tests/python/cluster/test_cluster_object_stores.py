"""Files in object stores, read and written by all processes of a cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import SessionContext, col, functions, udf
from planwire.object_store import AmazonS3

from support.clusters import running
from support.overheard import overheard
from support.s3 import BUCKET, KEY, SECRET, Bucket, serving

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()

TOKEN = "a-token"
CREDENTIALS = [KEY.encode(), SECRET.encode(), TOKEN.encode()]


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with serving() as bucket:
        for part in range(4):
            numbers = list(range(part * 10, part * 10 + 10))
            bucket.put(f"numbers/{part}.parquet", pa.table({"a": numbers}))
        yield bucket


@pytest.fixture(scope="module")
def cluster(bucket: Bucket) -> Iterator[str]:
    """The address of a cluster whose processes have credentials in their environments."""
    with running(executors=2, **bucket.environment) as address:
        yield address


@pytest.fixture
def session(bucket: Bucket, cluster: str, monkeypatch: pytest.MonkeyPatch) -> SessionContext:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return SessionContext.cluster(cluster)


@pytest.mark.inline
def test_query_over_a_bucket_runs_on_the_cluster(session: SessionContext) -> None:
    session.register_parquet("numbers", f"s3://{BUCKET}/numbers/")
    tens = udf(lambda a: pc.divide(a, 10), NUMBER, NUMBER, "immutable", "tens")
    groups = session.table("numbers").aggregate(
        [tens(col("a")).alias("tens")], [functions.count(col("a")).alias("n")]
    )
    rows = groups.sort(col("tens").sort()).to_pydict()
    assert rows == {"tens": [0, 1, 2, 3], "n": [10, 10, 10, 10]}


def test_rows_are_written_to_a_bucket(session: SessionContext, bucket: Bucket) -> None:
    session.read_parquet(f"s3://{BUCKET}/numbers/").write_parquet(f"s3://{BUCKET}/copy/")
    assert sorted(bucket.get("copy")["a"].to_pylist()) == list(range(40))


def test_credentials_stay_in_the_process_that_has_them(bucket: Bucket, cluster: str) -> None:
    heard = bytearray()
    store = AmazonS3(
        BUCKET, "us-east-1", KEY, SECRET, TOKEN, endpoint=bucket.endpoint, allow_http=True
    )
    with overheard(cluster, heard) as address:
        session = SessionContext.cluster(address)
        session.register_object_store("s3://", store)
        frame = session.read_parquet(f"s3://{BUCKET}/numbers/")
        assert frame.count() == 40
    assert b"numbers" in heard
    said = [bytes(heard), frame.logical_plan().to_bytes(), repr(store).encode()]
    assert not [part for part in said if any(word in part for word in CREDENTIALS)]
