"""What the user calls a tensor: its own name, else the variable or the module that holds it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..engine import is_tensor
from ..nn.parameter import Parameter

_PACKAGE = str(Path(__file__).resolve().parent.parent)
_LONGEST_LIST = 100


class Names:
    """The name of each tensor and array that was found in variables.

    Parameters
    ----------
    given : mapping, module or None
        Names and what they stand for (``{"w": w}``, ``locals()``), or a module, whose parameters are named by their
        paths.  None: the variables of the code that asked for the picture.  ``{}``: no names but the tensors' own.

    Raises
    ------
    TypeError
        For anything else.
    """

    def __init__(self, given: Any = None) -> None:
        self._found: dict[int, str] = {}  # by id(): arrays cannot be keys; the variables keep them alive
        if given is None:
            for variables in _callers_variables():
                self._add_all(variables)
        elif isinstance(given, Names):
            self._found = dict(given._found)
        elif isinstance(given, Mapping):
            self._add_all(given)
        elif _is_module(given):
            self._add_module("", given)
        else:
            raise TypeError(
                f"names: expected a dictionary of names and tensors, or a module, but got {type(given).__name__}. "
                "Pass names=locals() or names=net."
            )

    def of(self, x: Any) -> str | None:
        """The name of a tensor or an array, or None."""
        return getattr(x, "name", None) or self._found.get(id(x))

    def add_missing(self, pairs: Iterable[tuple[Any, str | None]]) -> None:
        """Names for values that have none yet."""
        for value, name in pairs:
            if name is not None:
                self._found.setdefault(id(value), name)

    def _add_all(self, variables: Mapping[Any, Any]) -> None:
        public = [(n, v) for n, v in list(variables.items()) if isinstance(n, str) and not n.startswith("_")]
        parameters = [(n, v) for n, v in public if isinstance(v, Parameter)]
        for name, value in public:  # what has a variable of its own is called by that
            if not isinstance(value, Parameter):
                self._add(name, value)
        for name, value in public:
            self._add_parts(name, value)
        for name, value in parameters:  # of a network by its path: the variable may be that of a loop over them
            self._add(name, value)

    def _add(self, name: str, value: Any) -> None:
        if is_tensor(value) or isinstance(value, np.ndarray):
            self._found.setdefault(id(value), name)

    def _add_parts(self, name: str, value: Any) -> None:
        if isinstance(value, (list, tuple)) and len(value) <= _LONGEST_LIST:
            for i, item in enumerate(value):
                self._add(f"{name}[{i}]", item)
        elif isinstance(value, dict) and len(value) <= _LONGEST_LIST:
            for key, item in value.items():
                self._add(f"{name}[{key!r}]", item)
        elif _is_module(value):
            self._add_module("" if name == "self" else name, value)

    def _add_module(self, prefix: str, module: Any) -> None:
        for path, parameter in module.named_parameters():
            self._add(f"{prefix}.{path}" if prefix else path, parameter)


def _is_module(value: Any) -> bool:
    """Whether it has named parameters.  Its class is asked: asking a lazy object could wake it."""
    return hasattr(type(value), "named_parameters")


def _callers_variables() -> Iterator[Mapping[str, Any]]:
    """The variables of the innermost code outside of the package: the local ones, then the global ones."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is not None:
        yield frame.f_locals
        if frame.f_globals is not frame.f_locals:
            yield frame.f_globals
