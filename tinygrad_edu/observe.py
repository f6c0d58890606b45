"""Watching ops as they run: which op, on what, in which module, from which piece of the user's source.

Nothing is spent on it while nobody watches. Stepping, explanations and the search for the first NaN stand on it.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .context import active_modules, get_mode, override

_PACKAGE = os.path.dirname(__file__)  # not pathlib: it takes 5 ms to import
_FRAMES = 4  # of the user, that are noted for each op

Call = tuple[CodeType, int]  # a function, and the instruction that runs in it


class Source(NamedTuple):
    """The expression of the user's program that an op came from."""

    file: str
    line: int
    function: str
    text: str  # the exact sub-expression, as `x @ w` in `return x @ w + b`; the whole line if it is not known
    statement: str  # the line

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}: {self.text}"


class Event(NamedTuple):
    """One op that ran.

    `op` is the op function (or the method that left the graph, as ``Tensor.item``), `inputs` and `params` are what it
    was given, `output` is the tensor it made, or the Python number; `module` is the dotted path of the module that was
    being called, `""` outside of any. An event with an `output` that is not tracked, though an input is, is a *ghost
    edge*: the gradient ends there. `callers` are up to three places outside, from which that code was called.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.observe() as events:
    ...     y = x.sum().item()
    >>> [(event.op.__name__, event.is_ghost) for event in events]
    [('sum', False), ('item', True)]
    """

    op: Any
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    output: Any
    module: str
    code: CodeType | None
    instruction: int
    callers: tuple[Call, ...] = ()

    @property
    def is_ghost(self) -> bool:
        """Whether a gradient ends here: an input is tracked, and the output is not."""
        tracked = any(getattr(x, "_requires_grad", False) for x in self.inputs)
        return tracked and not getattr(self.output, "_requires_grad", False)

    @property
    def source(self) -> Source | None:
        """Where in the user's program the op was called; None if the program text is not at hand."""
        return None if self.code is None else _source(self.code, self.instruction)


class observe(override):
    """A block in which every op is noted.

    Parameters
    ----------
    callback : callable, optional
        Called with each `Event`; without it they are collected in a list, which ``with`` hands out.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.observe() as events:
    ...     y = (x * 3).sum()
    ...     largest = x > 1
    >>> [(event.op.__name__, event.is_ghost) for event in events]
    [('multiply', False), ('sum', False), ('greater', True)]
    """

    def __init__(self, callback: Callable[[Event], None] | None = None) -> None:
        self.events: list[Event] = []
        self._outer: list[Any] = []  # the recorders that watched already
        super().__init__(recorder=_recorder(callback or self.events.append, self._outer))

    def __enter__(self) -> list[Event]:  # type: ignore[override]
        self._outer.append(get_mode().recorder)
        super().__enter__()
        return self.events

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._outer.pop()


def _recorder(callback: Callable[[Event], object], outer: list[Any]) -> Callable[..., None]:
    """What ops call; a function of its own, as a bound method would be a reference cycle."""

    def note(op: Any, inputs: Any, params: Mapping[str, Any], output: Any) -> None:
        calls = _users_calls(sys._getframe(1))
        modules = active_modules.get()
        path = modules[-1][1] if modules else ""
        code, instruction = calls[0] if calls else (None, -1)
        callback(Event(op, tuple(inputs), params, output, path, code, instruction, calls[1:]))
        if outer and outer[-1] is not None:
            outer[-1](op, inputs, params, output)

    return note


def _users_calls(frame: FrameType | None) -> tuple[Call, ...]:
    """The innermost code outside this package, and what called it."""
    found: list[Call] = []
    while frame is not None and len(found) < _FRAMES:
        code = frame.f_code
        if not code.co_filename.startswith(_PACKAGE):
            found.append((code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)


def _source(code: CodeType, instruction: int) -> Source | None:
    positions = next(islice(code.co_positions(), instruction // 2, None), None)
    if positions is None or (line := positions[0]) is None:
        return None
    _, end_line, start, end = positions
    text = linecache.getline(code.co_filename, line)
    if not text:
        return None
    inside = text
    if line == end_line and start is not None and end is not None:
        inside = text.encode()[start:end].decode(errors="replace")  # columns count bytes
    return Source(code.co_filename, line, code.co_qualname, inside.strip(), text.strip())
