"""F29: A submodule that inner code of a function uses is missing at the worker."""

from __future__ import annotations

import xml.etree.ElementTree
from typing import Any

import pyarrow as pa

import worker
from scenario import Seen, run

TEXTS = ["<a/>", "<bc/>"]


def comprehension(package: Any) -> Seen:
    """Uses it in a comprehension."""
    return of(
        package,
        lambda values: pa.array(
            [xml.etree.ElementTree.fromstring(text).tag for text in values.to_pylist()]
        ),
    )


def generator(package: Any) -> Seen:
    """Uses it in a generator."""
    return of(
        package,
        lambda values: pa.array(
            list(xml.etree.ElementTree.fromstring(text).tag for text in values.to_pylist())  # noqa: C400
        ),
    )


def inner_lambda(package: Any) -> Seen:
    """Uses it in a lambda."""
    return of(
        package,
        lambda values: pa.array(
            list(map(lambda text: xml.etree.ElementTree.fromstring(text).tag, values.to_pylist()))  # noqa: C417
        ),
    )


def inner_class(package: Any) -> Seen:
    """Uses it in a class."""

    def call(values: pa.Array) -> pa.Array:
        class Reader:
            def tag(self, text: str) -> str:
                return xml.etree.ElementTree.fromstring(text).tag

        return pa.array([Reader().tag(text) for text in values.to_pylist()])

    return of(package, call)


def of(package: Any, function: Any) -> Seen:
    """The rows of a function at a worker."""
    made = package.udf(function, [pa.string()], pa.string(), "immutable", "f")
    return worker.runs(package, made(package.col("a")), TEXTS, ["a", "bc"])


if __name__ == "__main__":
    run(comprehension, generator, inner_lambda, inner_class)
