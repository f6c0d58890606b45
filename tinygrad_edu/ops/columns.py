"""Convolution of arrays by matrix products: images laid out so that every shift of them is one slice.

An image is written with its margin, row after row, in one line. Then what the kernel's element (i, j) meets is the same
line from a little further on: one slice, copied at full speed, instead of a short one for each row. What falls between
the rows of the result is computed too and left out at the end: 6 % more products for a 3 x 3 kernel on 32 x 32, and no
more. With a stride s, every s-th row and column make an image of their own, a *phase*, for which the stride is 1.

These slices are the rows of a matrix of *columns* (im2col), and convolution is ``weights @ columns``. It is made for as
many samples at a time as stay in cache, in several threads: written out for the whole batch it costs three times more.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .. import threads
from ..shapes import Shape

BLOCK = 1 << 19  # bytes of columns that are made at a time
SMALL = 1 << 26  # multiplications below which threads cost more than they bring


class Geometry(NamedTuple):
    """How a kernel is laid over an image: a number for each axis, and for the padding a pair (before, after)."""

    kernel: Shape
    stride: Shape
    padding: tuple[tuple[int, int], ...]
    dilation: Shape
    groups: int = 1

    def reach(self) -> Shape:
        """How far it is from the kernel's first element to its last."""
        return tuple(d * (k - 1) for k, d in zip(self.kernel, self.dilation, strict=True))

    def places(self, size: Shape) -> Shape:
        """In how many places the kernel fits on an image of `size`; below 1 if it does not.

        Examples
        --------
        >>> Geometry((3, 3), (1, 2), ((1, 1), (0, 0)), (1, 1)).places((8, 8))
        (8, 3)
        """
        sides = zip(size, self.padding, self.reach(), self.stride, strict=True)
        return tuple((n + before + after - reach - 1) // s + 1 for n, (before, after), reach, s in sides)


@functools.lru_cache(256)
class Layout:
    """Where everything stands in the lines: integers only, worked out once for a geometry and a size."""

    def __init__(self, geometry: Geometry, size: Shape) -> None:
        kernel, stride, padding, dilation, _ = geometry
        self.places = geometry.places(size)
        # The images of all phases are alike in size: as many places as the result has, and the kernel's reach.
        self.image = tuple(p + r // s for p, r, s in zip(self.places, geometry.reach(), stride, strict=True))
        self.steps = [math.prod(self.image[i + 1 :]) for i in range(len(self.image))]
        self.length = 1 + sum((p - 1) * step for p, step in zip(self.places, self.steps, strict=True))
        axes = [[divmod(i * d, s) for i in range(k)] for k, d, s in zip(kernel, dilation, stride, strict=True)]
        used = list(itertools.product(*(sorted({phase for _, phase in axis}) for axis in axes)))
        # For each element of the kernel: its phase, and its slice of the line.
        self.taps = []
        for tap in itertools.product(*axes):
            start = sum(n * step for (n, _), step in zip(tap, self.steps, strict=True))
            self.taps.append((used.index(tuple(phase for _, phase in tap)), slice(start, start + self.length)))
        # For each phase: which elements it has, and where they stand in its image.
        self.phases = []
        for phases in used:
            before = (first for first, _ in padding)
            self.phases.append(tuple(zip(*map(_piece, size, self.image, before, phases, stride), strict=True)))


def _piece(n: int, image: int, before: int, phase: int, stride: int) -> tuple[slice, slice]:
    """Of an axis of n elements: those of a phase, and where they stand in its image."""
    first = max(-((phase - before) // stride), 0)
    last = max(min((n - 1 + before - phase) // stride + 1, image), first)
    start = first * stride + phase - before
    return slice(start, start + (last - first) * stride, stride), slice(first, last)


class _Block:
    """Room for the lines and columns of a few samples, and how arrays are written to it and read from it."""

    def __init__(self, layout: Layout, geometry: Geometry, n: int, c: int, o: int, dtype: Any) -> None:
        self.layout, self.groups, self.n = layout, geometry.groups, n
        self._image = n, c, len(layout.phases), *layout.image
        self._rows = n, c, o, dtype

    @functools.cached_property
    def image(self) -> np.ndarray:
        """Samples with their margins, which stay 0.  (n, c, phases, *image)"""
        return np.zeros(self._image, self._rows[3])

    @functools.cached_property
    def sums(self) -> np.ndarray:
        """What is added up for the samples and their margins.  (n, c, phases, *image)"""
        return np.empty(self._image, self._rows[3])

    @functools.cached_property
    def columns(self) -> np.ndarray:
        """(c, taps, n, length)"""
        n, c, _, dtype = self._rows
        return np.empty((c, len(self.layout.taps), n, self.layout.length), dtype)

    @functools.cached_property
    def result(self) -> np.ndarray:
        """(o, n, length)"""
        n, _, o, dtype = self._rows
        return np.empty((o, n, self.layout.length), dtype)

    @functools.cached_property
    def gradient(self) -> np.ndarray:
        """The gradient of the result, and 0 between its rows.  (o, n, length)"""
        return np.zeros_like(self.result)

    def by_group(self, rows: np.ndarray) -> np.ndarray:
        """The columns, or the result, as matrices.  -> (groups, rows, n * length)"""
        return rows.reshape(self.groups, -1, self.n * self.layout.length)

    def inside(self, result: np.ndarray) -> np.ndarray:
        """A result without what is between its rows.  (o, n, length) -> (n, o, *places)"""
        o, n, _ = result.shape
        row, sample, step = result.strides
        strides = (sample, row, *(step * k for k in self.layout.steps))
        return as_strided(result, (n, o, *self.layout.places), strides)

    def slices(self, image: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each element of the kernel: the lines it meets, and the columns they are.  (c, n, length) both"""
        lines = image.reshape(*image.shape[:3], -1).swapaxes(0, 1)
        for k, (phase, part) in enumerate(self.layout.taps):
            yield lines[:, :, phase, part], self.columns[:, k]

    def put(self, x: np.ndarray) -> np.ndarray:
        """The columns of the samples x."""
        for phase, (elements, place) in enumerate(self.layout.phases):
            self.image[(slice(None), slice(None), phase, *place)] = x[(..., *elements)]
        for line, column in self.slices(self.image):
            column[...] = line
        return self.by_group(self.columns)

    def add(self, gx: np.ndarray) -> None:
        """Add up in gx what stands in the columns: the adjoint of `put`."""
        self.sums[...] = 0
        for line, column in self.slices(self.sums):
            np.add(line, column, out=line)
        for phase, (elements, place) in enumerate(self.layout.phases):
            gx[(..., *elements)] = self.sums[(slice(None), slice(None), phase, *place)]


def contract(
    geometry: Geometry,
    size: Shape,
    wanted: Container[str],
    x: np.ndarray | None = None,
    w: np.ndarray | None = None,
    g: np.ndarray | None = None,
    b: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The derivatives of ``t = sum(g * conv(x, w))``, which is linear in each of x, w and g.

    Parameters
    ----------
    geometry : Geometry
    size : tuple of ints
        Of the image, without samples and channels.
    wanted : set of str
        Of "y", which is dt/dg, "gx", "gw", and "gb", which is g summed over all but its channels.
    x : array, (n, c, *size), optional
    w : array, (o, c / groups, *kernel), optional
    g : array, (n, o, *places), optional
        Each derivative needs the two others.
    b : array, (o,), optional
        Added to y.

    Examples
    --------
    >>> import numpy as np
    >>> line = Geometry((2,), (1,), ((0, 0),), (1,))
    >>> contract(line, (3,), {"y"}, x=np.array([[[1.0, 2.0, 4.0]]]), w=np.array([[[1.0, 10.0]]]))["y"]
    array([[[21., 42.]]])
    """
    layout, groups = Layout(geometry, size), geometry.groups
    n = len(x) if x is not None else len(g)  # type: ignore[arg-type]
    c = x.shape[1] if x is not None else w.shape[1] * groups  # type: ignore[union-attr]
    o = w.shape[0] if w is not None else g.shape[1]  # type: ignore[union-attr]
    dtype = np.result_type(*(a for a in (x, w, g, b) if a is not None))
    taps = c // groups * len(layout.taps)
    weights = None if w is None else w.reshape(groups, o // groups, taps)
    found: dict[str, Any] = {}
    if "y" in wanted:
        found["y"] = np.empty((n, o, *layout.places), dtype)
    if "gx" in wanted:
        found["gx"] = np.zeros((n, c, *size), dtype)
    each = max(1, BLOCK // max(1, c * len(layout.taps) * layout.length * dtype.itemsize))

    def work(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        gw, gb = np.zeros((groups, o // groups, taps), dtype), np.zeros(o, dtype)
        block = None
        for start in range(first, last, each):
            part = slice(start, min(start + each, last))
            if block is None or block.n != part.stop - start:
                block = _Block(layout, geometry, part.stop - start, c, o, dtype)
            if "y" in wanted or "gw" in wanted:
                columns = block.put(x[part])  # type: ignore[index]
            if "y" in wanted:
                np.matmul(weights, columns, out=block.by_group(block.result))  # type: ignore[arg-type]
                y = block.inside(block.result)
                np.copyto(found["y"][part], y) if b is None else np.add(y, _per_channel(b, y), out=found["y"][part])
            if g is not None:
                block.inside(block.gradient)[...] = g[part]
                rows = block.by_group(block.gradient)
            if "gb" in wanted:
                gb += block.gradient.sum((1, 2))
            if "gw" in wanted:
                gw += rows @ columns.mT
            if "gx" in wanted:
                np.matmul(weights.mT, rows, out=block.by_group(block.columns))  # type: ignore[union-attr]
                block.add(found["gx"][part])
        return gw, gb

    products = n * o * layout.length * taps
    parts = threads.in_parts(work, n, threads.cores() if products > SMALL else 1)
    if "gw" in wanted:
        found["gw"] = sum(gw for gw, _ in parts).reshape(o, c // groups, *geometry.kernel)  # type: ignore[union-attr]
    if "gb" in wanted:
        found["gb"] = sum(gb for _, gb in parts)
    return found


def _per_channel(b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(o,) -> (o, 1, ...)"""
    return b.reshape(-1, *[1] * (y.ndim - 2))
