"""What functions log, warn of and print in workers comes out where this process logs."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from planwire import SessionConfig, SessionContext, col, udf
from planwire.ipc import WorkerLogs

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import BaseContext

METHODS = multiprocessing.get_all_start_methods()


def context(method: str) -> BaseContext:
    return multiprocessing.get_context(method)


def tell(values: pa.Array) -> pa.Array:
    """A function of a user's, which runs on a thread of the engine."""
    log = logging.getLogger("shop.prices")
    log.debug("detail of %s", values.to_pylist())
    log.info("prices %s", values.to_pylist(), extra={"held": lambda: 0})
    logging.getLogger("other").info("of a logger that is not wanted")
    warnings.warn("below zero", RuntimeWarning, stacklevel=1)
    print("printed", values.to_pylist())
    print("complained", file=sys.stderr)
    return values


def run() -> int:
    """Run the function over two partitions, and return the worker that did."""
    ctx = SessionContext(SessionConfig().with_target_partitions(2))
    ctx.register_record_batches("t", [[pa.record_batch({"a": [part]})] for part in range(2)])
    told = udf(tell, pa.int64(), pa.int64(), "volatile", "tell")
    assert ctx.table("t").select(told(col("a")).alias("a")).count() == 2
    assert sorted(ctx.table("t").select(told(col("a")).alias("a")).to_pydict()["a"]) == [0, 1]
    return os.getpid()


def die() -> None:
    logging.getLogger("shop").warning("the last words")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def shop(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING)
    caplog.set_level(logging.INFO, "shop")
    return caplog


def told(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    return sorted(record.getMessage() for record in caplog.records if record.name == name)


@pytest.mark.parametrize("method", METHODS)
def test_records_of_a_worker_come_out_once_in_the_handlers_here(
    shop: pytest.LogCaptureFixture, method: str
) -> None:
    with WorkerLogs() as logs, ProcessPoolExecutor(1, context(method), logs.start) as pool:
        worker = pool.submit(run).result()
    records = [record for record in shop.records if record.name == "shop.prices"]
    assert sorted(set(told(shop, "shop.prices"))) == ["prices [0]", "prices [1]"]
    assert len(records) == len({(record.thread, record.created) for record in records})
    assert {record.process for record in records} == {worker} != {os.getpid()}
    assert all("Process-" in str(record.processName) for record in records)
    assert told(shop, "other") == []


def test_what_cannot_be_pickled_is_told_as_text(shop: pytest.LogCaptureFixture) -> None:
    with WorkerLogs() as logs, ProcessPoolExecutor(1, context("spawn"), logs.start) as pool:
        pool.submit(run).result()
    records = [record for record in shop.records if record.name == "shop.prices"]
    assert all("lambda" in vars(record)["held"] for record in records)


def test_warnings_and_prints_of_a_worker_are_records(shop: pytest.LogCaptureFixture) -> None:
    shop.set_level(logging.INFO, "planwire.prints")
    with (
        WorkerLogs(prints=True) as logs,
        ProcessPoolExecutor(1, context("spawn"), logs.start) as pool,
    ):
        pool.submit(run).result()
    [warning, *_] = told(shop, "py.warnings")
    assert "RuntimeWarning: below zero" in warning
    assert set(told(shop, "planwire.prints")) == {"printed [0]", "printed [1]", "complained"}


def test_workers_reach_a_host_by_its_name(shop: pytest.LogCaptureFixture) -> None:
    with WorkerLogs(host="127.0.0.1") as logs, context("spawn").Pool(2, logs.start) as pool:
        pool.apply(run)
    assert "prices [0]" in told(shop, "shop.prices")


def test_what_a_killed_worker_has_logged_is_not_lost(shop: pytest.LogCaptureFixture) -> None:
    with WorkerLogs() as logs, ProcessPoolExecutor(1, context("spawn"), logs.start) as pool:
        death = pool.submit(die).exception()
    assert isinstance(death, BrokenProcessPool)
    assert told(shop, "shop") == ["the last words"]


def test_a_worker_that_nobody_listens_to_writes_to_its_stderr(
    shop: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with WorkerLogs() as logs:
        pass
    with ProcessPoolExecutor(1, context("spawn"), logs.start) as pool:
        pool.submit(run).result()
    assert told(shop, "shop.prices") == []
    assert "prices [0]" in capfd.readouterr().err


def test_a_stranger_without_the_key_is_not_listened_to(shop: pytest.LogCaptureFixture) -> None:
    with WorkerLogs(host="127.0.0.1") as logs:
        address = vars(logs.start)["address"]
        with pytest.raises(AuthenticationError):
            Client(address, authkey=b"not the key")
        with ProcessPoolExecutor(1, context("spawn"), logs.start) as pool:
            pool.submit(run).result()
    assert "prices [0]" in told(shop, "shop.prices")


def test_a_peer_that_says_nothing_holds_up_nobody(shop: pytest.LogCaptureFixture) -> None:
    with WorkerLogs(host="127.0.0.1") as logs:
        mute = socket.create_connection(vars(logs.start)["address"])
        with ProcessPoolExecutor(1, context("spawn"), logs.start) as pool:
            pool.submit(run).result()
    mute.close()
    assert "prices [0]" in told(shop, "shop.prices")


def test_threads_of_this_process_log_here_as_ever(shop: pytest.LogCaptureFixture) -> None:
    with WorkerLogs() as logs, ThreadPoolExecutor(1, initializer=logs.start) as pool:
        pool.submit(logging.getLogger("shop").info, "from a thread").result()
    assert told(shop, "shop") == ["from a thread"]


def go_on_logging(began: str) -> None:
    log = logging.getLogger("shop")
    while True:
        log.info("and on")
        Path(began).touch()


def test_the_block_ends_though_a_worker_goes_on_logging(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with WorkerLogs() as logs:
        worker = multiprocessing.get_context("spawn").Process(
            target=started, args=(logs.start, str(began))
        )
        worker.start()
        while not began.exists():
            worker.join(0.01)
            assert worker.is_alive()
    assert worker.is_alive()
    worker.kill()
    worker.join()


def started(start: Callable[[], None], began: str) -> None:
    start()
    vars(sys)["__stderr__"] = None  # nobody reads what comes after the block
    go_on_logging(began)


def say_half() -> None:
    print("half a line", end="", flush=True)


def test_a_line_that_is_not_ended_is_a_record_once_it_is_flushed(
    shop: pytest.LogCaptureFixture,
) -> None:
    shop.set_level(logging.INFO, "planwire.prints")
    started_by = context("spawn")
    with WorkerLogs(prints=True) as logs, ProcessPoolExecutor(1, started_by, logs.start) as pool:
        pool.submit(say_half).result()
    assert told(shop, "planwire.prints") == ["half a line"]
