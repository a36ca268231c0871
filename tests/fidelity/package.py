"""The package that is tried: planwire, or the `datafusion` wheel where the page compares both."""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import Any

PLANWIRE, WHEEL = "planwire", "datafusion"

NAME = os.environ.get("FIDELITY_PACKAGE", PLANWIRE)
# Whether queries are run on a cluster, and in no other form.
CLUSTER = "FIDELITY_CLUSTER"
ON_CLUSTER = CLUSTER in os.environ

tried: Any = importlib.import_module(NAME)

# Partitions of the plans: more than one, so that rows are exchanged between them.
PARTITIONS = 4


def ipc() -> ModuleType:
    """The module that chooses the sessions of pickling."""
    return importlib.import_module(f"{NAME}.ipc")


def session(settings: tuple[str, ...] = ()) -> Any:
    """A session that knows nothing, with settings."""
    ctx = tried.SessionContext(tried.SessionConfig().with_target_partitions(PARTITIONS))
    for setting in settings:
        ctx.sql(setting)
    return ctx
