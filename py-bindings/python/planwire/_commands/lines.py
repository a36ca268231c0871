"""Files with a line for each thing: lines added at the end, once the whole is known to be sound."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Addition:
    """Text that is about to be added to a file."""

    path: Path
    text: str

    def write(self) -> None:
        """Add it; a file that is made is for its owner alone."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(self.path, flags, 0o600), "a", encoding="utf-8") as file:
            file.write(self.text)


def checked(path: Path, lines: Sequence[str], check: Callable[[str], object]) -> Addition:
    """Prepare to add lines to a file, if there is one, and let `check` see what it would be."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    added = "".join(f"{line}\n" for line in lines)
    if text and not text.endswith("\n"):
        added = f"\n{added}"
    check(text + added)
    return Addition(path, added)
