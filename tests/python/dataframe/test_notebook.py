"""In a notebook, the bar of a long query is one line below the cell, by a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

CELL = """
from planwire import SessionContext
numbers = SessionContext().from_pydict({"a": list(range(1000))})
print(sum(batch.num_rows for batch in numbers.collect(progress=True)))
"""


@pytest.fixture
def kernel() -> Iterator[Any]:
    """A client of a kernel of its own, which ends with the test."""
    manager, client = start_new_kernel(startup_timeout=50)
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def messages(client: Any, cell: str) -> list[tuple[str, dict[str, Any]]]:
    """What a front end is told while the kernel runs a cell."""
    asked = client.execute(cell)
    told = []
    while True:
        message = client.get_iopub_msg(timeout=50)
        if message["parent_header"].get("msg_id") != asked:
            continue
        told.append((message["msg_type"], message["content"]))
        if told[-1] == ("status", {"execution_state": "idle"}):
            return told


def test_bar_is_one_display_that_is_updated_and_stays(kernel: Any) -> None:
    told = messages(kernel, CELL)
    assert [content for sort, content in told if sort == "error"] == []
    printed = "".join(content["text"] for sort, content in told if sort == "stream")
    assert printed == "1000\n"
    bars = [(sort, content) for sort, content in told if "display_data" in sort]
    assert [sort for sort, _ in bars] == ["display_data"] + ["update_display_data"] * (
        len(bars) - 1
    )
    assert len({content["transient"]["display_id"] for _, content in bars}) == 1
    last = bars[-1][1]["data"]["text/plain"]
    assert last.endswith("1,000 rows read, 1,000 out, done")
