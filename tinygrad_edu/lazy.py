"""Parts of a package that are imported when they are first asked for, so that the import itself stays short."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def on_demand(package: str, modules: Sequence[str], names: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for `package`: its `modules`, and `names` each from the module that has it.

    Examples
    --------
    >>> get = on_demand("tinygrad_edu", ["nn"], {"why": "detective"})
    >>> get("nn").__name__, get("why").__name__
    ('tinygrad_edu.nn', 'why')
    """

    def get(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name in names:
            value = getattr(importlib.import_module(f"{package}.{names[name]}"), name)
            setattr(sys.modules[package], name, value)  # found at once from now on
            return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get
