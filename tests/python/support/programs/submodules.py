"""A program that pickles functions which use a module within a package, from each sort of code.

python submodules.py > message
"""

from __future__ import annotations

import pickle
import sys
import xml.etree.ElementTree
from collections.abc import Callable, Iterable
from typing import Any

import planwire
import pyarrow as pa

TEXT = pa.string()


def loop(texts: Iterable[str]) -> list[str]:
    tags = []
    for text in texts:
        tags.append(xml.etree.ElementTree.fromstring(text).tag)
    return tags


def comprehension(texts: Iterable[str]) -> list[str]:
    return [xml.etree.ElementTree.fromstring(text).tag for text in texts]


def set_comprehension(texts: Iterable[str]) -> list[str]:
    return sorted({xml.etree.ElementTree.fromstring(text).tag for text in texts})


def dict_comprehension(texts: Iterable[str]) -> list[str]:
    return list({xml.etree.ElementTree.fromstring(text).tag: text for text in texts})


def generator(texts: Iterable[str]) -> list[str]:
    return list(xml.etree.ElementTree.fromstring(text).tag for text in texts)  # noqa: C400


def in_lambda(texts: Iterable[str]) -> list[str]:
    return list(map(lambda text: xml.etree.ElementTree.fromstring(text).tag, texts))  # noqa: C417


def inner(texts: Iterable[str]) -> list[str]:
    def outer(text: str) -> str:
        def innermost() -> str:
            return xml.etree.ElementTree.fromstring(text).tag

        return innermost()

    return [outer(text) for text in texts]


def inner_class(texts: Iterable[str]) -> list[str]:
    class Parser:
        parse = staticmethod(xml.etree.ElementTree.fromstring)

        def tag(self, text: str) -> str:
            return self.parse(text).tag

    return [Parser().tag(text) for text in texts]


def method_of_inner_class(texts: Iterable[str]) -> list[str]:
    class Parser:
        def tag(self, text: str) -> str:
            return xml.etree.ElementTree.fromstring(text).tag

    return [Parser().tag(text) for text in texts]


def by_decorator(texts: Iterable[str]) -> list[str]:
    def decorator(_: Any, package: Any = xml) -> Callable[[str], str]:
        return lambda text: package.etree.ElementTree.fromstring(text).tag

    @decorator
    def tag(text: str) -> str:
        return text

    return [tag(text) for text in texts]


def default(texts: Iterable[str], package: Any = xml) -> list[str]:
    return [package.etree.ElementTree.fromstring(text).tag for text in texts]


def keyword(texts: Iterable[str], *, package: Any = xml) -> list[str]:
    return [package.etree.ElementTree.fromstring(text).tag for text in texts]


def closed_over() -> Callable[[Iterable[str]], list[str]]:
    package = xml
    return lambda texts: [package.etree.ElementTree.fromstring(text).tag for text in texts]


class Called:
    def __call__(self, texts: Iterable[str]) -> list[str]:
        return [
            next(xml.etree.ElementTree.fromstring(each).tag for each in [text]) for text in texts
        ]


WAYS: dict[str, Callable[[Iterable[str]], list[str]]] = {
    "loop": loop,
    "comprehension": comprehension,
    "set comprehension": set_comprehension,
    "dict comprehension": dict_comprehension,
    "generator": generator,
    "lambda": in_lambda,
    "inner function": inner,
    "inner class": inner_class,
    "method of an inner class": method_of_inner_class,
    "decorator": by_decorator,
    "default": default,
    "keyword": keyword,
    "closure": closed_over(),
    "called object": Called(),
}


def pickled(way: Callable[[Iterable[str]], list[str]]) -> bytes:
    """A query of a function over texts."""

    def tags(texts: pa.Array) -> pa.Array:
        return pa.array(way(texts.to_pylist()))

    return pickle.dumps(planwire.udf(tags, TEXT, TEXT, "immutable", "tags")(planwire.col("s")))


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps({name: pickled(way) for name, way in WAYS.items()}))
