"""How long the import takes, in a fresh interpreter each time, without the interpreter's own start."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from typing import Any

from benchmarks.libraries import LIBRARIES as MODULES

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "import, in a fresh process"
TARGETS = [("tinygrad_edu", "numpy", 1.5)]
CHECKED_STEPS = 1  # the first import writes the byte code
TOLERANCE = 0.0
PROGRAM = """
import time
start = time.perf_counter()
{imports}
print(time.perf_counter() - start)
"""


def data(_quick: bool) -> Any:
    """Nothing is needed."""
    return ()


def fresh(library: str) -> Any:
    """A step that imports the library in a process of its own and returns the seconds."""

    # As for an installed package: with byte code, whatever the shell says.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def step() -> float:
        imports = f"import {MODULES[library][0]}"
        if library == "dezero":  # see `libraries.restore_numpy_int`
            imports = f"import numpy; numpy.int = int; {imports}"
        program = [sys.executable, "-c", PROGRAM.format(imports=imports)]
        done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
        return float(done.stdout)

    return step, dict


def measure(step: Any, _quick: bool) -> dict[str, float]:
    """One import, in milliseconds."""
    return {"ms": step() * 1e3}


LIBRARIES = {name: functools.partial(fresh, name) for name in MODULES}
