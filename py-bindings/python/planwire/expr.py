"""Expressions, and the functions that begin one."""

from planwire._internal import Expr, SortExpr, col, lit

column = col
literal = lit

__all__ = ["Expr", "SortExpr", "col", "column", "lit", "literal"]
