"""Catalogs, the schemas in them, and the tables in those."""

from planwire._internal import Catalog, Schema, Table

__all__ = ["Catalog", "Schema", "Table"]
