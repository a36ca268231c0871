"""Costs: bytes, time and memory that a message takes."""
