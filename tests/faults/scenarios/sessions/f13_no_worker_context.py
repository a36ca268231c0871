"""F13: Unpickling without a worker context makes a session for each message."""

from __future__ import annotations

import pickle
from typing import Any

import timing
from scenario import Seen, run


def pickle_loads(package: Any) -> Seen:
    """Unpickles a call of a built-in function with a worker context and without."""
    message = pickle.dumps(package.functions.abs(package.col("a")))
    without = timing.best(lambda: pickle.loads(message), 50)
    package.ipc.set_worker_ctx(package.SessionContext())
    times = without / timing.best(lambda: pickle.loads(message), 50)
    return Seen(times < 2, f"{times:.1f} times as long without a worker context as with one")


if __name__ == "__main__":
    run(pickle_loads)
