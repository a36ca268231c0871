"""Expressions, and the functions that make them."""

from planwire._functions import methods as _methods
from planwire._internal import (
    CaseBuilder,
    Expr,
    ExprFuncBuilder,
    SortExpr,
    Window,
    WindowFrame,
    WindowFrameBound,
    col,
    lit,
)
from planwire.common import NullTreatment

column = col
literal = lit

_methods.install()

__all__ = [
    "CaseBuilder",
    "Expr",
    "ExprFuncBuilder",
    "NullTreatment",
    "SortExpr",
    "Window",
    "WindowFrame",
    "WindowFrameBound",
    "col",
    "column",
    "lit",
    "literal",
]
