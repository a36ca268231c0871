"""F26: A physical scan of compressed files is sent, and cannot be read."""

from __future__ import annotations

import gzip
from typing import Any

import plans
from scenario import Seen, run

TEXTS = {"csv": "a,b\n1,x\n2,y\n", "json": '{"a":1}\n{"a":2}\n'}


def csv(package: Any) -> Seen:
    """Sends a scan of a CSV file."""
    return scan(package, "csv")


def json(package: Any) -> Seen:
    """Sends a scan of a JSON file."""
    return scan(package, "json")


def scan(package: Any, kind: str) -> Seen:
    """Whether the rows arrive, or the plan does not leave."""
    path = plans.folder() / f"t.{kind}.gz"
    path.write_bytes(gzip.compress(TEXTS[kind].encode()))
    ctx = plans.session(package)
    register = getattr(ctx, f"register_{kind}")
    register("t", str(path), file_extension=f".{kind}.gz", file_compression_type="gzip")

    def arrived(message: bytes) -> list[plans.Row]:
        return plans.rows(package, plans.decoded(package, message))

    encode = ctx.sql("SELECT a FROM t").execution_plan().to_bytes
    return plans.same_or_refused(lambda: encode(ctx), arrived, [{"a": 1}, {"a": 2}], "compress")


if __name__ == "__main__":
    run(csv, json)
