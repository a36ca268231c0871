"""The methods that expressions have of DataFusion's functions, as type checkers see them."""


class FunctionMethods:
    """The methods that `_functions.methods` gives to `Expr`; the stub lists them."""
