"""Which rows planwire promises, and which it does not yet."""

from __future__ import annotations

# Each must fail: a row that is kept goes off this list.
NOT_YET: dict[str, str] = {}

# Rows that depend on which thread is faster: the wheel may come through.
RACES = {"F8"}

# Probes of a fault that this version of the wheel does not have; every other one it has.
SOUND_IN_THE_WHEEL = {
    ("F3", "main thread"),
    ("F4", "in a bare frame"),
    ("F9", "strict session"),
    # It reads a subquery that gives one value; it writes and reads no other.
    ("F27", "scalar"),
}
