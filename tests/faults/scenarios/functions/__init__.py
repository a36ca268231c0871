"""Functions: their names, what they declare, and what of their program they take along."""
