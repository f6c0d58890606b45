"""10,000 training steps: the memory of the process after 1,000 and after 10,000 must be the same.

The step is the one of `mlp` with its small sizes.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks import mlp
from benchmarks.measuring import memory

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "10,000 training steps of a small MLP (20-12-9-5, batch 8)"
TARGETS: list[tuple[str, str, float]] = []
CHECKED_STEPS, TOLERANCE, LIBRARIES = mlp.CHECKED_STEPS, mlp.TOLERANCE, mlp.LIBRARIES


def data(_quick: bool) -> Any:
    """Always the small sizes: it is the number of steps that counts."""
    return mlp.data(quick=True)


def measure(step: Any, quick: bool) -> dict[str, float]:
    """Seconds for all steps, the memory after a tenth of them, and how much it grew until the end."""
    tenth = 10 if quick else 1_000
    start = time.perf_counter()
    for _ in range(tenth):
        step()
    early = memory("VmRSS")
    for _ in range(9 * tenth):
        step()
    return {"s": time.perf_counter() - start, "MB": early, "grown MB": memory("VmRSS") - early}
