"""The scenarios, one a fault, which `run.py` starts as programs."""
