"""What a worker measures: seconds of a step, and the memory of its process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def fastest_step(step: Callable[[], object], quick: bool) -> dict[str, float]:
    """Repeat `step` for a quarter of a second (once if quick); the fastest in milliseconds.

    The slower ones tell of the neighbours on the machine, who hit a long step more often than a short one. The report
    takes the median over the rounds.
    """
    times: list[float] = []
    while not times or (not quick and (sum(times) < 0.25 or len(times) < 5)):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return {"ms": min(times) * 1e3}


def memory(which: str) -> float:
    """Megabytes of this process: ``VmRSS`` is now, ``VmHWM`` the highest so far; nan where not Linux."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return float("nan")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith(which))
    return int(kilobytes) / 1024
