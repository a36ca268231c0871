"""Python functions and methods of expressions, made of DataFusion's registry."""
