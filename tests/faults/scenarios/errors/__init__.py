"""Errors: what is said, and what ends a process where an error should be said."""
