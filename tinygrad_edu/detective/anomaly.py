"""`detect_anomaly`: stop at the first number that is not finite, and at arrays that changed after they were used."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import memory
from ..contributions import contributions
from ..engine import is_tensor
from ..memory import detect_writes
from ..observe import Event, observe
from ..sweep import history
from . import finite
from .case import place

Makers = dict[int, Event]  # by the serial of a tensor, the op that made it, without its inputs: nothing is kept alive
_MOST = 100_000  # of them, the latest


class detect_anomaly(observe):
    """A block, or a decorated function, that stops at the first NaN or infinity, forward or backward.

    The error names the op, the element, its operands, the expression in your program, and what helps. An infinity that
    is put in on purpose, as in a mask of scores, may move on; a NaN may not. An array that was changed in place after
    an op has used it is found too, also where the write left no trace (see `detect_writes`).

    Every op and every backward pass is looked at: several times slower, for looking after a suspicion. Outside of such
    a block it costs nothing.

    Raises
    ------
    FloatingPointError
        Inside the block, where the first number that is not finite is made.
    RuntimeError
        In backward, if an array that is still needed was changed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> p = tg.Tensor([0.5, 0.0], requires_grad=True)
    >>> with tg.detect_anomaly():
    ...     loss = -tg.log(p).sum()
    Traceback (most recent call last):
    ...
    FloatingPointError: log: expected finite numbers, but got -inf at index (1,), from x = 0...
    >>> with tg.detect_anomaly():
    ...     tg.sqrt(p).sum().backward()
    Traceback (most recent call last):
    ...
    FloatingPointError: backward: expected finite gradients, but sqrt... passes inf at index (1,) back to its input x...
    """

    def __init__(self) -> None:
        makers: Makers = {}
        super().__init__(functools.partial(_forward, makers))
        self.fields |= detect_writes().fields | {"examine": functools.partial(_backward, makers)}
        self._silenced: list[Any] = []

    def __enter__(self) -> list[Event]:  # type: ignore[override]
        self._silenced.append(np.errstate(all="ignore"))  # what NumPy would warn of is told here, in full
        self._silenced[-1].__enter__()
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._silenced.pop().__exit__(*error)


def _forward(makers: Makers, event: Event) -> None:
    """Look at what an op has made."""
    outputs = event.output if isinstance(event.output, tuple) else (event.output,)
    for output in outputs:
        if is_tensor(output):
            makers[output.serial] = event._replace(inputs=(), params={}, output=None)
            if len(makers) > _MOST:
                del makers[next(iter(makers))]
        if finite.starts_here(output, event.inputs):
            raise FloatingPointError(_about_value(event.op, event.inputs, finite.array_of(output), event))


def _about_value(op: Any, inputs: tuple[Any, ...], array: Any, event: Event | None) -> str:
    name, where = op.__name__.strip("_"), place(event)
    for i, x in enumerate(inputs):
        given = finite.array_of(x)
        if given is not None and given.dtype.kind == "f" and np.isnan(given).any():
            called = op.input_name(i) if getattr(op, "differentiable", False) else f"argument {i}"
            return (
                f"{name}: expected finite numbers, but its input {called} already holds {finite.found_at(given)}"
                f"{where}. Clean the data, e.g. with nan_to_num, or look at what has written it."
            )
    operands = finite.operands(op, inputs, array.shape, finite.first_bad(array))
    return (
        f"{name}: expected finite numbers, but got {finite.found_at(array)}"
        f"{f', from {operands}' if operands else ''}{where}. {finite.value_cure(op, inputs)}"
    )


def _backward(makers: Makers, y: Any, g: Any) -> None:
    """Look at a backward pass before it is made."""
    seed = finite.array_of(g)
    for node in reversed(nodes := history(y)):  # what was computed outside of the block
        if node.op is not None and finite.starts_here(node, node.inputs):
            raise FloatingPointError(_about_value(node.op, node.inputs, node.data, makers.get(node.serial)))
    for node in nodes:
        if node.op is None:
            continue
        try:
            memory.check(node)
            if hasattr(node, "_checksums"):
                memory.compare_checksums(node)
        except RuntimeError as error:
            where = place(makers.get(node.serial))
            raise RuntimeError(f"{error} {node.op.__name__} ran{where}." if where else str(error)) from None
    gradients, parts = contributions(y, seed)
    found = finite.first_bad_part(gradients, parts)
    if found is not None:
        node, i = found
        raise FloatingPointError(
            f"backward: expected finite gradients, but {node.op.__name__}{place(makers.get(node.serial))} "
            f"{finite.passes(node, i, parts[found])}. {finite.gradient_cure(node.op)}"
        )
