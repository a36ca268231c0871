"""Pickles, and the messages in them: their opcodes are walked, and nothing is unpickled."""

from __future__ import annotations

from planwire._commands.pickled.findings import Findings, Found
from planwire._commands.pickled.search import look

__all__ = ["Findings", "Found", "look"]
