"""What is printed: the machine, and a table for each case."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import numpy as np


def machine() -> dict[str, str]:
    """Processor, cores that this process may use, system, Python, NumPy and its BLAS, thread settings."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    threads = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.endswith("_NUM_THREADS")]
    return {
        "processor": processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": f"{np.__version__} with {blas['name']} {blas['version']}",
        "threads": ", ".join(threads) or "as the libraries choose",
    }


def processor() -> str:
    """The processor's name, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def machine_text(about: dict[str, str]) -> str:
    """One line for each fact."""
    return "\n".join(f"{name:10} {value}" for name, value in about.items())


def case_text(result: dict[str, Any]) -> str:
    """Title, table (medians, and the ratio to each other library), targets, and who is missing."""
    figures, versions = result["figures"], result["versions"]
    names = list(next(iter(figures.values()))) if figures else []
    header = ["", "version", *names, *(f"/ {library}" for library in figures)]
    rows = [
        [
            library,
            versions[library],
            *(f"{figures[library][name]:.2f}" for name in names),
            *(ratio_text(result["ratios"].get(f"{library}/{other}")) for other in figures),
        ]
        for library in figures
    ]
    lines = ["", f"{result['title']}  (rounds: {result['rounds']})", *table([header, *rows])]
    for target in result["targets"]:
        lines.append(f"target {target['pair']} at most {target['at most']}: {verdict(target)}")
    lines += [f"without {library}: {reason}" for library, reason in result["absent"].items()]
    return "\n".join(lines)


def table(rows: list[list[str]]) -> list[str]:
    """Rows as lines, columns lined up: names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def ratio_text(ratio: float | None) -> str:
    """Three figures; a point for a library beside itself."""
    return "." if ratio is None else f"{ratio:.3g}"


def verdict(target: dict[str, Any]) -> str:
    """Reached, missed or unknown, with the number."""
    if target["measured"] is None:
        return "not measured"
    return f"{target['measured']:.2f}, {'reached' if target['measured'] <= target['at most'] else 'MISSED'}"
