"""Dask and Ray: contexts reach their threads, and refusals come back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import distributed
import planwire
import pytest
import ray
from planwire import errors, ipc

from support import contexts, kinds
from support.contexts import PATIENCE, be_strict

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(autouse=True)
def without_contexts() -> Iterator[None]:
    yield
    ipc.clear_sender_ctx()
    ipc.clear_worker_ctx()


def shipped() -> planwire.Parcel:
    return planwire.pack(kinds.call(kinds.make("scalar", "shipped")))


def decoded(message: bytes) -> str:
    return contexts.fate(message)


@pytest.fixture(params=["threads", "processes"])
def dask(request: Any) -> Iterator[distributed.Client]:
    cluster = distributed.LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=1,
        threads_per_worker=2,
        processes=request.param == "processes",
        dashboard_address=None,
        **({"host": "127.0.0.1"} if request.param == "processes" else {}),
    )
    with cluster, distributed.Client(cluster) as client:  # type: ignore[no-untyped-call]
        yield client


@pytest.mark.inline
@pytest.mark.unguarded
def test_worker_of_dask_that_was_made_strict_refuses(dask: distributed.Client) -> None:
    message, parcel = contexts.inline_call(), shipped()
    assert dask.submit(decoded, message, pure=False).result(PATIENCE) == "decoded"
    dask.run(be_strict)
    assert dask.submit(decoded, message, pure=False).result(PATIENCE) == "InlineRefused"
    with pytest.raises(errors.InlineRefused, match="'shipped'"):
        dask.submit(contexts.opened, parcel, pure=False).result(PATIENCE)
    # The worker lives on.
    plain = planwire.pack(planwire.col("a"))
    assert dask.submit(contexts.opened, plain, pure=False).result(PATIENCE) == "Expr(a)"


@pytest.fixture(scope="module")
def rays() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_AUTH_MODE", "disabled")
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(
            num_cpus=1,
            include_dashboard=False,
            log_to_driver=False,
            _node_ip_address="127.0.0.1",
            runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join(sys.path)}},
        )
        yield
        ray.shutdown()


@pytest.mark.inline
@pytest.mark.usefixtures("rays")
def test_actor_of_ray_that_was_made_strict_refuses() -> None:
    @ray.remote
    class Strict:
        def __init__(self) -> None:
            be_strict()

        def opened(self, parcel: planwire.Parcel) -> str:
            return contexts.opened(parcel)

    actor = Strict.remote()  # type: ignore[attr-defined]
    with pytest.raises(errors.InlineRefused, match="'shipped'"):
        ray.get(actor.opened.remote(shipped()), timeout=PATIENCE)
    assert (
        ray.get(actor.opened.remote(planwire.pack(planwire.col("a"))), timeout=PATIENCE)
        == "Expr(a)"
    )
