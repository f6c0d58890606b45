"""Windows along an axis, and their sums with the adjoint: what all pooling stands on.

No margin is ever made and no window copied. For number k of every window, one slice names the elements that are read
and one the windows that read them; what lies in the margin is left out of both. So a window of size m costs m passes
over strided slices, and two axes of windows are done one after the other wherever the operation allows it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import shapes
from ..engine import differentiable
from .indexing import add_at

Operand = Any
Index = Any  # a slice, or an array of ints


class Windows(NamedTuple):
    """The windows along one axis: number i reads ``starts[i] + step * k`` for k in ``range(widths[i])``.

    What lies outside of ``0..size - 1`` is margin, and is not read.
    """

    size: int
    starts: tuple[int, ...]
    widths: tuple[int, ...]
    step: int = 1

    def __len__(self) -> int:
        return len(self.starts)

    def __repr__(self) -> str:
        return f"{len(self)} window{'s' * (len(self) != 1)} of {max(self.widths, default=0)}"


@functools.lru_cache(256)
def counts(windows: Windows) -> tuple[int, ...]:
    """How many elements each window reads."""
    return tuple(
        sum(0 <= start + windows.step * k < windows.size for k in range(width))
        for start, width in zip(windows.starts, windows.widths, strict=True)
    )


@functools.lru_cache(256)
def sliding(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> Windows:
    """Windows of one width, `stride` elements apart, the first of which starts `padding` before the axis.

    As in PyTorch, the last one may reach beyond the margin with `ceil_mode`, but does not start there.

    Examples
    --------
    >>> sliding(5, 2, 2, 0, 1, False).starts, sliding(5, 2, 2, 0, 1, True).starts
    ((0, 2), (0, 2, 4))
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    number = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (number - 1) * stride >= size + padding:
        number -= 1
    starts = tuple(range(-padding, -padding + number * stride, stride))
    return Windows(size, starts, (kernel,) * len(starts), dilation)


def adaptive(size: int, number: int) -> Windows:
    """So many windows that together read the whole axis: from ``floor(i * size / number)`` to ``ceil((i + 1) * ...)``.

    Examples
    --------
    >>> adaptive(5, 3).starts, adaptive(5, 3).widths
    ((0, 1, 3), (2, 3, 2))
    """
    starts = tuple(i * size // number for i in range(number))
    ends = (-(-(i + 1) * size // number) for i in range(number))
    return Windows(size, starts, tuple(end - start for start, end in zip(starts, ends, strict=True)))


@functools.lru_cache(256)
def reads(windows: Windows) -> list[tuple[int, Index, Index]]:
    """For each number k that is within any window: k, the windows that read it, and the elements they read."""
    starts, widths = np.array(windows.starts, np.intp), np.array(windows.widths, np.intp)
    found = []
    for k in range(max(windows.widths, default=0)):
        places = starts + windows.step * k
        (to,) = np.nonzero((k < widths) & (places >= 0) & (places < windows.size))
        if to.size:
            found.append((k, _evenly(to), _evenly(places[to])))
    return found


def _evenly(places: np.ndarray) -> Index:
    """The slice that names the same places, if there is one."""
    step = int(places[1] - places[0]) if places.size > 1 else 1
    if step > 0 and (np.diff(places) == step).all():
        return slice(int(places[0]), int(places[-1]) + 1, step)
    return places


def on(axis: int, index: Index) -> Any:
    """The index expression that applies `index` to an axis counted from the last, -1."""
    return (..., index) + (slice(None),) * (-1 - axis)


@functools.lru_cache(32)
def boxes(windows: tuple[Windows, ...]) -> list[tuple[tuple[int, ...], Any, Any]]:
    """As `reads`, for the last axes together: the numbers k, row by row, and two index expressions."""
    return [
        (tuple(k for k, _, _ in parts), _box([to for _, to, _ in parts]), _box([at for _, _, at in parts]))
        for parts in itertools.product(*map(reads, windows))
    ]


def _box(parts: Sequence[Index]) -> Any:
    if all(isinstance(part, slice) for part in parts):
        return (..., *parts)
    return (..., *np.ix_(*(np.r_[part] if isinstance(part, slice) else part for part in parts)))


def _one_reads_all(windows: Sequence[Windows]) -> bool:
    return all(along == (along.size, (0,), (along.size,), 1) for along in windows)


def combined(x: np.ndarray, windows: Sequence[Windows], combine: np.ufunc, start: Any) -> Any:
    """The numbers of each window joined by `combine`, beginning with `start`: one axis after the other."""
    if _one_reads_all(windows):
        return combine.reduce(x, axis=tuple(range(-len(windows), 0)), keepdims=True)
    for axis, along in zip(range(-len(windows), 0), windows, strict=True):
        y = np.full(_resized(x.shape, axis, len(along)), start, x.dtype)
        for _, to, at in reads(along):
            part = y[on(axis, to)]
            combine(part, x[on(axis, at)], out=part)
            if not isinstance(to, slice):  # then `part` is a copy
                y[on(axis, to)] = part
        x = y
    return x


def _resized(shape: shapes.Shape, axis: int, n: int) -> shapes.Shape:
    axis %= len(shape)
    return (*shape[:axis], n, *shape[axis + 1 :])


@differentiable(lambda g, y, x, windows: window_spread(g, windows))
def window_sum(x: Operand, windows: Sequence[Windows]) -> Any:
    """The sum of each window, over as many of the last axes as there are `windows`.

    Gradient: each element gets the ``g`` of all windows that read it; the adjoint is `window_spread`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.sliding import sliding, window_sum
    >>> window_sum(tg.Tensor([1.0, 2.0, 3.0, 4.0]), (sliding(4, 2, 1, 0, 1, False),))
    Tensor([3., 5., 7.])
    """
    x = np.asarray(x)
    return combined(x if x.dtype.kind == "f" else x.astype(np.int64), windows, np.add, 0)


@differentiable(lambda g, y, a, windows: window_sum(g, windows))
def window_spread(a: Operand, windows: Sequence[Windows]) -> Any:
    """The number of each window added to every element that the window reads: the adjoint of `window_sum`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.sliding import sliding, window_spread
    >>> window_spread(tg.Tensor([1.0, 10.0, 100.0]), (sliding(4, 2, 1, 0, 1, False),))
    Tensor([  1.,  11., 110., 100.])
    """
    a = np.asarray(a)
    if _one_reads_all(windows):
        return np.array(np.broadcast_to(a, (*a.shape[: a.ndim - len(windows)], *(along.size for along in windows))))
    for axis, along in zip(range(-len(windows), 0), windows, strict=True):
        wide = np.zeros(_resized(a.shape, axis, along.size), a.dtype)
        for _, to, at in reads(along):
            add_at(wide, a[on(axis, to)], on(axis, at))
        a = wide
    return a
