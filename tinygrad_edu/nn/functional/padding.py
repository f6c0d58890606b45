"""Margins around images, in PyTorch's order: the last axis first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ops.padding import pad as numpy_pad
from ..checks import check_numbers, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array

# PyTorch's names of the modes, and NumPy's.
MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Operand, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """The input with a margin, or without one where a width is negative.  (..., w) -> (..., left + w + right)

    Parameters
    ----------
    input : Tensor or array
    pad : sequence of ints
        How many elements are put before and after each axis, the last axis first: ``(left, right, top, bottom)`` for
        the last two. Negative numbers cut off so many.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the margin is made of: the number `value`; the mirror image without the edge itself; the last element; the
        other end.
    value : float, optional
        What a constant margin is made of, 0 if None.

    Raises
    ------
    ValueError, TypeError
        If the widths are no pairs of whole numbers or too many, or the axis is too short for them.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.pad(tg.Tensor([[1.0, 2.0, 3.0]]), (1, 2))
    Tensor([[0., 1., 2., 3., 0., 0.]])
    >>> F.pad(tg.Tensor([1.0, 2.0, 3.0]), (2, -1), mode="reflect")
    Tensor([3., 2., 1., 2.])
    """
    return padded("pad", input, pad, mode, value)


def padded(name: str, input: Operand, widths: Sequence[int], mode: str, value: float | None) -> Any:
    """`pad` under the name that its caller has."""
    shape = shape_of(name, input)
    pairs = _pairs(name, shape, widths)
    if mode not in MODES:
        raise ValueError(f"{name}: expected one of the modes {', '.join(map(repr, MODES))}, but got {mode!r}.")
    check_numbers(name, value=0.0 if value is None else value)
    if value and mode != "constant":
        raise ValueError(f"{name}: expected no value with mode={mode!r}, but got {value!r}. It is for mode='constant'.")
    for axis, (n, pair) in enumerate(zip(shape, pairs, strict=True)):
        _check_width(name, shape, axis, n, pair, mode)
    options = {"constant_values": value or 0} if mode == "constant" else {}
    more = [(max(before, 0), max(after, 0)) for before, after in pairs]
    if mode == "circular":  # it goes round in what is left of the axis; a mirror shows what is cut off, too
        input = _cut(input, pairs)
    if any(map(any, more)):
        input = numpy_pad(input, more, MODES[mode], **options)
    return input if mode == "circular" else _cut(input, pairs)


def _cut(input: Operand, pairs: Sequence[tuple[int, int]]) -> Any:
    """`input` without as many elements as the widths are below 0; another tensor in any case."""
    return input[tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(input.shape, pairs, strict=True))]


def _pairs(name: str, shape: tuple[int, ...], widths: Sequence[int]) -> list[tuple[int, int]]:
    """PyTorch's widths as one pair (before, after) for each axis, the first axis first."""
    given = tuple(widths) if isinstance(widths, Sequence) else widths
    if not isinstance(given, tuple) or not all(isinstance(n, (int, np.integer)) for n in given):
        raise TypeError(f"{name}: expected a sequence of whole numbers as pad, but got {widths!r}.")
    if len(given) % 2 or len(given) > 2 * len(shape):
        raise ValueError(
            f"{name}: expected pairs (before, after), the last axis first, for at most {len(shape)} axes, but got "
            f"{widths!r} for shape {shape}."
        )
    pairs = [(int(before), int(after)) for before, after in zip(given[::2], given[1::2], strict=True)]
    return [(0, 0)] * (len(shape) - len(pairs)) + pairs[::-1]


def _check_width(name: str, shape: tuple[int, ...], axis: int, n: int, pair: tuple[int, int], mode: str) -> None:
    """Raise unless an axis of n elements has enough of them for its margin."""
    cut = sum(min(width, 0) for width in pair)
    if n + cut < 0:
        raise ValueError(
            f"{name}: expected to cut off at most the {n} elements of axis {axis}, but got {pair} for shape {shape}."
        )
    most = {"reflect": max(n - 1, 0), "circular": n + cut, "replicate": max(pair) if n else 0}.get(mode, max(pair))
    if max(pair) > max(most, 0):
        raise ValueError(
            f"{name}: expected an axis long enough for a margin of {pair} with mode={mode!r}, but got shape {shape}, "
            f"axis {axis}. It has elements for {most}; mode='constant' takes any margin."
        )
