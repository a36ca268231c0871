"""Messages that the datafusion wheel wrote, with the manifest that says what each holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[2] / "corpus" / "v1"
MANIFEST: list[dict[str, Any]] = json.loads((CORPUS / "manifest.json").read_text())


def read(case: dict[str, Any]) -> bytes:
    path: Path = CORPUS / case["file"]
    return path.read_bytes()
