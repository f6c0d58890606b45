"""The libraries that are compared, and how each is imported in the process of its own."""

from __future__ import annotations

import importlib
from importlib import metadata

# name in the tables -> (module to import, distribution to install)
LIBRARIES = {
    "numpy": ("numpy", "numpy"),
    "tinygrad_edu": ("tinygrad_edu", "tinygrad-edu"),
    "torch": ("torch", "torch"),
    "mygrad": ("mygrad", "mygrad"),
    "autograd": ("autograd", "autograd"),
    "dezero": ("dezero", "dezero matplotlib"),  # its package forgets to ask for matplotlib
    "micrograd": ("micrograd.engine", "micrograd"),
}


def load(library: str) -> str:
    """Import the library and return its version; an ImportError says that it is not installed."""
    if library == "dezero":
        restore_numpy_int()
    name, distribution = LIBRARIES[library]
    module = importlib.import_module(name)
    if library == "mygrad":
        module.turn_memory_guarding_off()  # a safety net its documentation switches off for speed
    try:
        return str(module.__version__ if library == "torch" else metadata.version(distribution.split()[0]))
    except metadata.PackageNotFoundError:
        return "source"  # imported from this folder


def restore_numpy_int() -> None:
    """DeZero 0.0.13 says ``np.int``, which NumPy 1.24 removed: give it back, in that process only."""
    vars(importlib.import_module("numpy"))["int"] = int
