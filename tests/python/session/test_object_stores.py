"""Files in object stores: on a real server of S3, and over HTTP."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

import planwire
import pyarrow as pa
import pytest
from planwire import ExecutionPlan, LogicalPlan, SessionContext
from planwire.ipc import worker_ctx
from planwire.object_store import AmazonS3, Http, LocalFileSystem, MicrosoftAzure

from support.s3 import BUCKET, KEY, SECRET, Bucket, serving

ROWS = {"a": [1, 2, 3]}

# A hardened process pickles nothing.
PICKLED = pytest.mark.unguarded


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with serving() as bucket:
        bucket.put("numbers/0.parquet", pa.table(ROWS))
        yield bucket


@pytest.fixture
def store(bucket: Bucket) -> AmazonS3:
    return AmazonS3(BUCKET, "us-east-1", KEY, SECRET, endpoint=bucket.endpoint, allow_http=True)


@pytest.fixture
def ctx(store: AmazonS3) -> SessionContext:
    ctx = SessionContext()
    ctx.register_object_store("s3://", store)
    return ctx


NUMBERS = f"s3://{BUCKET}/numbers/"
URL = f"s3://somebody:a-password@{BUCKET}/numbers/"


def _external(ctx: SessionContext) -> planwire.DataFrame:
    ctx.sql(f"CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{NUMBERS}'")
    return ctx.table("t")


READS: dict[str, Callable[[SessionContext], planwire.DataFrame]] = {
    "a folder": lambda ctx: ctx.read_parquet(NUMBERS),
    "a file": lambda ctx: ctx.read_parquet(f"{NUMBERS}0.parquet"),
    "SQL": _external,
}


@pytest.mark.parametrize("read", READS)
def test_session_reads_a_bucket(read: str, ctx: SessionContext) -> None:
    assert READS[read](ctx).to_pydict() == ROWS


WRITES: dict[str, Callable[[planwire.DataFrame, str], object]] = {
    "csv": lambda frame, url: frame.write_csv(url, with_header=True),
    "json": lambda frame, url: frame.write_json(url),
    "parquet": lambda frame, url: frame.write_parquet(url),
}


@pytest.mark.parametrize("form", WRITES)
def test_session_writes_a_bucket(form: str, ctx: SessionContext, bucket: Bucket) -> None:
    url = f"s3://{BUCKET}/written/{form}/"
    WRITES[form](ctx.read_parquet(NUMBERS), url)
    assert [name.rpartition(".")[2] for name in bucket.names(f"written/{form}")] == [form]
    assert getattr(ctx, f"read_{form}")(url).to_pydict() == ROWS


def test_session_reads_by_http(bucket: Bucket) -> None:
    ctx = SessionContext()
    ctx.register_object_store("http://", Http(bucket.endpoint))
    assert ctx.read_parquet(f"{bucket.endpoint}/{BUCKET}/numbers/0.parquet").to_pydict() == ROWS


def test_what_is_not_given_is_taken_from_the_environment(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    ctx = SessionContext()
    ctx.register_object_store("s3://", AmazonS3(BUCKET))
    assert ctx.read_parquet(NUMBERS).to_pydict() == ROWS


def test_session_reads_only_what_is_registered(ctx: SessionContext) -> None:
    assert ctx.read_parquet(NUMBERS).to_pydict() == ROWS
    ctx.deregister_object_store("s3://", BUCKET)
    with pytest.raises(planwire.ExecutionError, match=f"s3://{BUCKET}"):
        ctx.read_parquet(NUMBERS)
    with pytest.raises(ValueError, match=f"no store is registered for 's3://{BUCKET}/'"):
        ctx.deregister_object_store("s3://", BUCKET)


def _unpickled(frame: planwire.DataFrame, ctx: SessionContext) -> planwire.DataFrame:
    with worker_ctx(ctx):
        loaded: planwire.DataFrame = pickle.loads(pickle.dumps(frame))
        return loaded


MESSAGES: dict[str, Callable[[planwire.DataFrame, SessionContext], planwire.DataFrame]] = {
    "logical": lambda frame, ctx: ctx.create_dataframe_from_logical_plan(
        LogicalPlan.from_bytes(ctx, frame.logical_plan().to_bytes())
    ),
    "pickle": _unpickled,
}


@pytest.mark.parametrize("form", ["logical", pytest.param("pickle", marks=PICKLED)])
def test_receiver_reads_with_a_store_of_its_own(
    form: str, ctx: SessionContext, store: AmazonS3
) -> None:
    frame, receiver = ctx.read_parquet(NUMBERS), SessionContext()
    with pytest.raises(planwire.PlanwireError, match=f"s3://{BUCKET}"):
        MESSAGES[form](frame, receiver).collect()
    receiver.register_object_store("s3://", store)
    assert MESSAGES[form](frame, receiver).to_pydict() == ROWS


def test_physical_plan_reads_with_the_store_of_its_receiver(
    ctx: SessionContext, store: AmazonS3
) -> None:
    message = ctx.read_parquet(NUMBERS).execution_plan().to_bytes()
    receiver = SessionContext()
    receiver.register_object_store("s3://", store)
    plan = ExecutionPlan.from_bytes(receiver, message)
    assert [batch.to_pyarrow().to_pydict() for batch in receiver.execute(plan, 0)] == [ROWS]


@pytest.mark.unguarded
def test_credentials_are_in_nothing_that_leaves(ctx: SessionContext, store: AmazonS3) -> None:
    frame = ctx.read_parquet(NUMBERS)
    said = [
        frame.logical_plan().to_bytes(),
        frame.execution_plan().to_bytes(),
        pickle.dumps(frame),
        pickle.dumps(ctx),
        repr(store).encode(),
    ]
    assert not [part for part in said if KEY.encode() in part or SECRET.encode() in part]
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(store)


LEAKS: dict[str, Callable[[SessionContext], object]] = {
    "logical": lambda ctx: ctx.read_parquet(URL).logical_plan().to_bytes(),
    "physical": lambda ctx: ctx.read_parquet(URL).execution_plan().to_bytes(),
    "query": lambda ctx: pickle.dumps(ctx.read_parquet(URL)),
    "session": lambda ctx: pickle.dumps(_registered(ctx)),
    "insert": lambda ctx: (
        _registered(ctx).sql("INSERT INTO t VALUES (1)").logical_plan().to_bytes()
    ),
    "what EXPLAIN shows": lambda ctx: (
        ctx.sql(f"EXPLAIN COPY (SELECT 1 AS a) TO '{URL}x.csv' STORED AS CSV")
        .execution_plan()
        .to_bytes()
    ),
    "copy": lambda ctx: _copy(ctx).logical_plan().to_bytes(),
    "sink": lambda ctx: _copy(ctx).execution_plan().to_bytes(),
    "definition": lambda ctx: (
        ctx.sql(f"EXPLAIN CREATE EXTERNAL TABLE t (a BIGINT) STORED AS PARQUET LOCATION '{URL}'")
        .logical_plan()
        .to_bytes()
    ),
}


MARKS = {"query": PICKLED, "session": PICKLED}


def _registered(ctx: SessionContext) -> SessionContext:
    ctx.register_parquet("t", URL)
    return ctx


def _copy(ctx: SessionContext) -> planwire.DataFrame:
    return ctx.sql(f"COPY (SELECT 1 AS a) TO '{URL}x.csv' STORED AS CSV")


@pytest.mark.parametrize("leak", [pytest.param(leak, marks=MARKS.get(leak, ())) for leak in LEAKS])
def test_url_with_a_password_is_not_sent(leak: str, ctx: SessionContext) -> None:
    with pytest.raises(planwire.EncodeError, match="a user name, a password or") as refused:
        LEAKS[leak](ctx)
    assert "a-password" not in str(refused.value)


TELLING = {
    "one slash": "COPY (SELECT 1 AS a) TO 'https:/u:a-password@h/x.csv' STORED AS CSV",
    "a signature": "COPY (SELECT 1 AS a) TO 'https://h/x.csv?sig=a-password' STORED AS CSV",
    "an option": "COPY (SELECT 1 AS a) TO 's3://b/x.csv' STORED AS CSV"
    " OPTIONS ('aws.secret_access_key' 'a-password')",
    "an option of a table": "EXPLAIN CREATE EXTERNAL TABLE t (a INT) STORED AS CSV"
    " LOCATION 's3://b/' OPTIONS ('aws.secret_access_key' 'a-password')",
}


@pytest.mark.parametrize("telling", TELLING)
def test_statement_with_a_credential_is_not_sent(telling: str) -> None:
    plan = SessionContext().sql(TELLING[telling]).logical_plan()
    with pytest.raises(planwire.EncodeError, match="is not carried") as refused:
        plan.to_bytes()
    assert "a-password" not in str(refused.value)


def test_name_of_a_container_is_no_credential() -> None:
    url = "abfss://numbers@account.dfs.core.windows.net/x.csv"
    plan = SessionContext().sql(f"COPY (SELECT 1 AS a) TO '{url}' STORED AS CSV").logical_plan()
    assert url.encode() in plan.to_bytes()


WRONG: dict[str, tuple[Callable[[SessionContext], object], str]] = {
    "a URL": (
        lambda ctx: ctx.register_object_store("s3", LocalFileSystem()),
        "begin like s3://bucket",
    ),
    "half of an account": (lambda _: MicrosoftAzure("c", client_id="i"), "go together"),
    "a directory": (lambda _: LocalFileSystem("/no/such/directory"), "/no/such/directory"),
    "a server": (lambda _: Http("no url"), "no url"),
    "a password": (lambda _: Http("http://u:a-password@h"), "has no user name and no password"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_argument_is_named(wrong: str, ctx: SessionContext) -> None:
    make, text = WRONG[wrong]
    with pytest.raises(ValueError, match=text):
        make(ctx)
