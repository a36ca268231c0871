"""What the tests have in common, apart from tests: makers of functions and messages, and programs.

A program that takes from other modules here is started as one of them, in the folder of the tests:
`python -m support.programs.ending 100`.
"""

from pathlib import Path

TESTS = Path(__file__).parents[1]
