"""A grammar over the clauses that DataFusion has: the same query for the same seed and number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sources.grammar.expressions import PLAIN, Choices, Column
from sources.grammar.productions import AGGREGATES

JOINS = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]
HALF_JOINS = ["LEFT SEMI JOIN", "LEFT ANTI JOIN", "RIGHT SEMI JOIN", "RIGHT ANTI JOIN"]
SETS = ["UNION ALL", "UNION", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"]
SETS += ["UNION BY NAME", "UNION ALL BY NAME"]


@dataclass(frozen=True)
class Relation:
    """What can stand behind FROM, and the columns it has."""

    sql: str
    columns: list[Column]


class Grammar(Choices):
    """One query's choices."""

    def query(self) -> str:
        """A query, ordered at the top or not."""
        select = self.set_operation(2) if self.chance(0.15) else self.select(2)
        return self.ordered(select) if self.chance(0.4) else select.sql

    def ordered(self, select: Relation) -> str:
        """Ordered by every column, so that a limit takes the same rows each time."""
        directions = ["", " ASC", " DESC", " DESC NULLS LAST", " NULLS FIRST"]
        keys = [
            f"{at + 1}{self.random.choice(directions)}"
            for at, (_, kind) in enumerate(select.columns)
            if kind in PLAIN or kind == "list"
        ]
        sql = f"{select.sql} ORDER BY {', '.join(keys)}" if keys else select.sql
        if keys and len(keys) == len(select.columns) and self.chance(0.6):
            sql += self.random.choice([" LIMIT 5", " LIMIT 3 OFFSET 2", " OFFSET 4", " LIMIT 0"])
        return sql

    # ----------------------------------------------------------------------------------- select

    def select(self, depth: int) -> Relation:
        """One SELECT of some shape."""
        shapes: list[Callable[[int], Relation]] = [
            self.plain,
            self.plain,
            self.grouped,
            self.grouped,
            self.windowed,
            self.windowed,
            self.distinct_on,
            self.recursive,
            self.unnested,
        ]
        return self.random.choice(shapes)(depth)

    def plain(self, depth: int) -> Relation:
        source = self.relation(depth)
        items, columns = self.items(source.columns, self.random.randint(1, 4))
        distinct = "DISTINCT " if self.chance(0.15) else ""
        where = self.where(source.columns)
        return Relation(f"SELECT {distinct}{items} FROM {source.sql}{where}", columns)

    def grouped(self, depth: int) -> Relation:
        source = self.relation(depth)
        # A bare number would be the place of a column.
        keys = [
            f"abs(({self.expression('int', source.columns, 1)}) % 7)",
            f"concat({self.expression('text', source.columns, 1)}, '')",
        ]
        self.random.shuffle(keys)
        by = self.random.choice(
            [
                "",
                f" GROUP BY {keys[0]}",
                f" GROUP BY {keys[0]}, {keys[1]}",
                f" GROUP BY ROLLUP ({keys[0]}, {keys[1]})",
                f" GROUP BY CUBE ({keys[0]}, {keys[1]})",
                f" GROUP BY GROUPING SETS (({keys[0]}, {keys[1]}), ({keys[0]}), ())",
                " GROUP BY GROUPING SETS (())",
                " GROUP BY ALL",
            ]
        )
        items, columns = [], []
        for _ in range(self.random.randint(1, 3)):
            kind = self.random.choice(list(AGGREGATES))
            call = self.aggregate(kind, source.columns)
            columns.append((self.name("a"), kind))
            items.append(f"{call} AS {columns[-1][0]}")
        if by.endswith("ALL"):
            items.append(f"{keys[0]} AS g")
        elif "ROLLUP" in by and self.chance(0.5):
            items.append(f"grouping({keys[0]}) AS g")
        if len(items) > len(columns):
            columns.append(("g", "int"))
        having = f" HAVING {self.aggregate('bool', source.columns)}" if self.chance(0.2) else ""
        where = self.where(source.columns)
        return Relation(f"SELECT {', '.join(items)} FROM {source.sql}{where}{by}{having}", columns)

    def windowed(self, depth: int) -> Relation:
        source = self.relation(depth)
        items, columns = [], []
        for _ in range(self.random.randint(1, 3)):
            kind, call = self.window_call(source.columns)
            columns.append((self.name("w"), kind))
            items.append(f"{call} OVER ({self.window(source.columns)}) AS {columns[-1][0]}")
        inner, more = self.items(source.columns, 1)
        qualify = f" QUALIFY {columns[0][0]} IS NOT NULL" if self.chance(0.2) else ""
        where = self.where(source.columns)
        sql = f"SELECT {', '.join(items)}, {inner} FROM {source.sql}{where}{qualify}"
        return Relation(sql, columns + more)

    def distinct_on(self, depth: int) -> Relation:
        source = self.relation(depth)
        items, columns = self.items(source.columns, 2)
        key = f"abs(({self.expression('int', source.columns, 1)}) % 7)"
        order = ", ".join([key, *(name for name, kind in source.columns if kind in PLAIN)])
        sql = f"SELECT DISTINCT ON ({key}) {items} FROM {source.sql} ORDER BY {order}"
        name = self.name("q")
        return Relation(f"SELECT * FROM ({sql}) AS {name}", columns)

    def recursive(self, depth: int) -> Relation:
        name = self.name("c")
        until = self.random.randint(2, 6)
        step = f"SELECT n + 1, 'x' || s FROM {name} WHERE n < {until}"
        sql = f"WITH RECURSIVE {name}(n, s) AS (SELECT 1, 'a' UNION ALL {step}) SELECT n, s FROM {name}"
        return Relation(f"SELECT * FROM ({sql}) AS {self.name('q')}", [("n", "int"), ("s", "text")])

    def unnested(self, depth: int) -> Relation:
        source = Relation(*self.table())
        lists = self.expression("list", source.columns, 1)
        items, columns = self.items(source.columns, 1)
        return Relation(
            f"SELECT unnest({lists}) AS u, {items} FROM {source.sql}", [("u", "int"), *columns]
        )

    def set_operation(self, depth: int) -> Relation:
        """Two selects with columns of the same types."""
        kinds = [self.random.choice(PLAIN) for _ in range(self.random.randint(1, 3))]
        operator = self.random.choice(SETS)
        sides = []
        for side in "ab":
            source = self.relation(depth - 1)
            items = [
                f"{self.expression(kind, source.columns, 1)} AS u{at}"
                for at, kind in enumerate(kinds)
            ]
            if operator.endswith("NAME") and side == "b":
                items.reverse()
            sides.append(f"(SELECT {', '.join(items)} FROM {source.sql})")
        columns = [(f"u{at}", kind) for at, kind in enumerate(kinds)]
        return Relation(
            f"SELECT * FROM ({f' {operator} '.join(sides)}) AS {self.name('q')}", columns
        )

    # --------------------------------------------------------------------------------- relations

    def relation(self, depth: int) -> Relation:
        """What stands behind FROM."""
        if depth <= 0 or self.chance(0.5):
            return Relation(*self.table())
        makers: list[Callable[[int], Relation]] = [
            self.subquery,
            self.join,
            self.join,
            self.half_join,
            self.lateral,
            self.values,
            self.table_function,
            self.common,
        ]
        return self.random.choice(makers)(depth - 1)

    def subquery(self, depth: int) -> Relation:
        inner = self.select(depth)
        return self.aliased(f"({inner.sql})", inner.columns)

    def aliased(self, sql: str, columns: list[Column]) -> Relation:
        name = self.name("q")
        return Relation(
            f"{sql} AS {name}", [(f"{name}.{column}", kind) for column, kind in columns]
        )

    def join(self, depth: int) -> Relation:
        left, right = self.relation(depth), Relation(*self.table())
        columns = left.columns + right.columns
        kind = self.random.choice(JOINS)
        if self.chance(0.1):
            return Relation(f"{left.sql} CROSS JOIN {right.sql}", columns)
        return Relation(f"{left.sql} {kind} {right.sql} ON {self.condition(left, right)}", columns)

    def half_join(self, depth: int) -> Relation:
        left, right = Relation(*self.table()), Relation(*self.table())
        kind = self.random.choice(HALF_JOINS)
        columns = left.columns if kind.startswith("LEFT") else right.columns
        return Relation(f"{left.sql} {kind} {right.sql} ON {self.condition(left, right)}", columns)

    def condition(self, left: Relation, right: Relation) -> str:
        mine, its = (self.column("int", side.columns) for side in (left, right))
        more = f" AND {mine} + 1 > {its}" if self.chance(0.3) else ""
        if self.chance(0.2):
            return f"{mine} < {its}"
        return f"{mine} = {its}{more}"

    def lateral(self, depth: int) -> Relation:
        outer = Relation(*self.table())
        key = self.column("int", outer.columns)
        table, columns = self.table()
        inner = (
            f"SELECT {self.column('int', columns)} AS x FROM {table} WHERE {columns[0][0]} = {key}"
        )
        other = self.aliased(f"LATERAL ({inner})", [("x", "int")])
        return Relation(f"{outer.sql} CROSS JOIN {other.sql}", outer.columns + other.columns)

    def values(self, depth: int) -> Relation:
        name = self.name("v")
        rows = "(1, 'a', 1.5::DOUBLE), (2, NULL, -0.5), (NULL, 'b', 2.5)"
        columns = [(f"{name}.a", "int"), (f"{name}.b", "text"), (f"{name}.c", "float")]
        return Relation(f"(VALUES {rows}) AS {name}(a, b, c)", columns)

    def table_function(self, depth: int) -> Relation:
        call = self.random.choice(["generate_series(1, 5)", "range(0, 9, 2)", "generate_series(3)"])
        return self.aliased(call, [("value", "int")])

    def common(self, depth: int) -> Relation:
        name, inner = self.name("c"), self.select(depth)
        sql = f"(WITH {name} AS ({inner.sql}) SELECT * FROM {name})"
        return self.aliased(sql, inner.columns)
