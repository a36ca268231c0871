"""The expressions of the grammar: select lists, calls and predicates over the columns there are."""

from __future__ import annotations

import random
import re

from sources.grammar.productions import AGGREGATES, ENDS, FRAMES, RANGES, STEPS, WINDOWS

Column = tuple[str, str]

# What each table of the grammar has, by the types of `productions`.
COLUMNS: list[Column] = [
    ("k", "int"),
    ("i", "int"),
    ("f", "float"),
    ("s", "text"),
    ("d", "date"),
    ("t", "time"),
    ("m", "decimal"),
    ("l", "list"),
    ("r", "struct"),
]
FLAT = COLUMNS[:7]
TABLES: dict[str, list[Column]] = {
    "memory": COLUMNS,
    "parquet": COLUMNS,
    "arrow": COLUMNS,
    "csv": FLAT,
    "json": FLAT[:4],
    "avro": FLAT[:4],
    "view": FLAT[:4],
}
PLAIN = ("int", "text", "float", "bool", "date", "time", "decimal")


class Choices:
    """What one query draws from, and its expressions."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = random.Random(f"{seed}/{number}")
        self.names = 0

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def table(self) -> tuple[str, list[Column]]:
        table = self.random.choice(list(TABLES))
        name = self.name("t")
        return f"{table} AS {name}", [(f"{name}.{column}", kind) for column, kind in TABLES[table]]

    def items(self, columns: list[Column], count: int) -> tuple[str, list[Column]]:
        kinds = [self.random.choice(list(ENDS)) for _ in range(count)]
        made = [(self.expression(kind, columns, 2), (self.name("e"), kind)) for kind in kinds]
        return ", ".join(f"{sql} AS {name}" for sql, (name, _) in made), [
            column for _, column in made
        ]

    def where(self, columns: list[Column]) -> str:
        if self.chance(0.5):
            return ""
        if self.chance(0.3):
            return f" WHERE {self.nested(columns)}"
        return f" WHERE {self.expression('bool', columns, 2)}"

    def nested(self, columns: list[Column]) -> str:
        """A predicate over a subquery of each kind."""
        table, inner = self.table()
        mine, its = self.column("int", columns), self.column("int", inner)
        related = f"SELECT 1 FROM {table} WHERE {its} = {mine}"
        return self.random.choice(
            [
                f"{mine} IN (SELECT {its} FROM {table})",
                f"{mine} NOT IN (SELECT {its} FROM {table} WHERE {its} IS NOT NULL)",
                f"EXISTS ({related})",
                f"NOT EXISTS ({related})",
                f"{mine} > (SELECT min({its}) FROM {table})",
                f"(SELECT count(*) FROM {table} WHERE {its} = {mine}) > 0",
                f"{mine} >= ALL (SELECT {its} FROM {table} WHERE {its} < 3)",
            ]
        )

    def aggregate(self, kind: str, columns: list[Column]) -> str:
        template = self.random.choice(AGGREGATES[kind])
        keys = [name for name, each in columns if each in PLAIN]
        order = "ORDER BY " + ", ".join(f"{key} DESC" if self.chance(0.5) else key for key in keys)
        template = template.replace("{order}", order if keys else "")
        call = self.filled(template, columns, 1)
        return (
            f"{call} FILTER (WHERE {self.expression('bool', columns, 1)})"
            if self.chance(0.25)
            else call
        )

    def window_call(self, columns: list[Column]) -> tuple[str, str]:
        if self.chance(0.4):
            kind = self.random.choice(["int", "float"])
            plain = [
                each for each in AGGREGATES[kind] if "{order}" not in each and "WITHIN" not in each
            ]
            plain = [each for each in plain if "DISTINCT" not in each and "bit_" not in each]
            call = self.filled(self.random.choice(plain), columns, 1)
            if self.chance(0.3):
                call += f" FILTER (WHERE {self.expression('bool', columns, 1)})"
            return kind, call
        kind = self.random.choice(list(WINDOWS))
        return kind, self.filled(self.random.choice(WINDOWS[kind]), columns, 1)

    def window(self, columns: list[Column]) -> str:
        keys = [name for name, kind in columns if kind in PLAIN]
        by = f"PARTITION BY {self.expression('int', columns, 1)} " if self.chance(0.5) else ""
        if self.chance(0.2):
            return f"{by}ORDER BY {self.column('int', columns)} {self.random.choice(RANGES)}"
        frame = self.random.choice(FRAMES)
        return f"{by}ORDER BY {', '.join(keys)} {frame}" if keys else by

    def column(self, kind: str, columns: list[Column]) -> str:
        names = [name for name, each in columns if each == kind]
        return self.random.choice(names) if names else self.random.choice(["1", "2"])

    def expression(self, kind: str, columns: list[Column], depth: int) -> str:
        """An expression of a type."""
        ends = [
            end
            for end in ENDS[kind]
            if ":column}" not in end or any(kind == each for _, each in columns)
        ]
        steps = STEPS[kind] if depth > 0 and self.chance(0.7) else []
        return self.filled(self.random.choice(steps or ends), columns, depth - 1)

    def filled(self, template: str, columns: list[Column], depth: int) -> str:
        last: list[str] = []

        def one(found: re.Match[str]) -> str:
            kind, _, column = found[1].partition(":")
            if kind == "same":
                return f"({last[-1]})"
            if column:
                return self.column(kind, columns)
            last.append(self.expression(kind, columns, depth))
            return f"({last[-1]})"

        return re.sub(r"\{([a-z:]+)\}", one, template)
