"""Functions written in Python: the base classes of their objects, and batches of limited size."""
