"""Queries that a grammar makes, always the same for the same seed and number."""
