"""Python functions and methods of expressions, made from DataFusion's registry."""
