"""A function finds in a `threading.local` what it kept there on the same thread."""

from __future__ import annotations

import subprocess
import sys
import threading

import planwire
import pyarrow as pa

INT = pa.int64()


def test_the_next_batch_of_a_thread_finds_what_the_last_one_kept() -> None:
    kept = threading.local()
    batches: list[tuple[int, bool]] = []

    def remember(numbers: pa.Array) -> pa.Array:
        batches.append((threading.get_ident(), hasattr(kept, "model")))
        kept.model = "loaded"
        return numbers

    ctx = planwire.SessionContext()
    ctx.sql("SET datafusion.execution.batch_size = 64").collect()
    ctx.register_udf(planwire.udf(remember, INT, INT, "volatile", "remember"))
    ctx.from_arrow(pa.table({"a": range(64 * 40)}), name="t")
    ctx.sql("SELECT count(remember(a)) FROM t").collect()

    seen: set[int] = set()
    for thread, found in batches:
        assert found is (thread in seen)
        seen.add(thread)
    assert len(batches) >= 40
    assert len(seen) < len(batches)


ENDS = """
import threading, weakref
import planwire, pyarrow as pa

class Model: pass

kept, models = threading.local(), []

def remember(numbers):
    if not hasattr(kept, "model"):
        kept.model = Model()
        models.append(weakref.ref(kept.model))
    return numbers

ctx = planwire.SessionContext()
ctx.register_udf(planwire.udf(remember, pa.int64(), pa.int64(), "volatile", "remember"))
ctx.from_arrow(pa.table({"a": range(100_000)}), name="t")
ctx.sql("SELECT count(remember(a)) FROM t").collect()
print(len(models) > 0 and all(model() is not None for model in models))
"""


def test_a_process_ends_while_threads_keep_something() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
