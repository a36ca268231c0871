"""Programs that tests start as processes, and that are run by hand to find out more."""

from pathlib import Path

FOLDER = Path(__file__).parent
