"""Marks that have a test run once for each case of something."""

from __future__ import annotations

import pytest
from planwire import ExecutionPlan, LogicalPlan

from support import kinds

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
each_layer = pytest.mark.parametrize("layer", [LogicalPlan, ExecutionPlan])
each_start = pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
