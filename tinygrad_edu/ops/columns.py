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
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .. import threads
from ..shapes import Shape

T = TypeVar("T")

BLOCK = 1 << 20  # bytes of columns that are made at a time
SHORT = 128  # length below which a matrix product of one sample is too small to be fast
SMALL = 1 << 24  # multiplications below which threads cost more than they bring


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

    def is_product(self) -> bool:
        """Whether the kernel is a single element, which meets each element of the image once."""
        single = {*self.kernel, *self.stride} == {1}
        return single and not any(itertools.chain(*self.padding))


class Phase(NamedTuple):
    """The elements of an image that some of the kernel's meet: every s-th row and column."""

    elements: tuple[slice, ...]  # of the image
    place: tuple[slice, ...]  # where they stand, without their margin
    taps: tuple[slice, ...]  # of the kernel
    counts: Shape  # how many these are on each axis
    start: int  # in the line, of what the first of them meets
    shifts: Shape  # how far on it begins for the next of them, on each axis


@functools.lru_cache(256)
class Layout:
    """Where everything stands in the lines: integers only, worked out once for a geometry and a size."""

    def __init__(self, geometry: Geometry, size: Shape) -> None:
        self.kernel, self.places = geometry.kernel, geometry.places(size)
        # The images of all phases are alike in size: as many places as the result has, and the kernel's reach.
        reaches = zip(self.places, geometry.reach(), geometry.stride, strict=True)
        self.image = tuple(p + reach // s for p, reach, s in reaches)
        self.steps = tuple(math.prod(self.image[i + 1 :]) for i in range(len(self.image)))
        self.length = 1 + sum((p - 1) * step for p, step in zip(self.places, self.steps, strict=True))
        before = (first for first, _ in geometry.padding)
        axes = map(_axis, size, self.image, self.kernel, before, geometry.dilation, geometry.stride)
        self.phases = []
        for parts in itertools.product(*axes):
            elements, place, taps, counts, starts, shifts = zip(*parts, strict=True)
            start = sum(n * step for n, step in zip(starts, self.steps, strict=True))
            shifts = tuple(n * step for n, step in zip(shifts, self.steps, strict=True))
            self.phases.append(Phase(elements, place, taps, counts, start, shifts))


def _axis(n: int, image: int, kernel: int, before: int, dilation: int, stride: int) -> list[tuple[Any, ...]]:
    """The phases of an axis of n elements, each as the parts of a `Phase` for this axis."""
    found = []
    every = stride // math.gcd(stride, dilation)  # so many elements of the kernel on, the phase is the same
    for tap in range(min(every, kernel)):
        shift, phase = divmod(tap * dilation, stride)
        first = max(-((phase - before) // stride), 0)
        last = max(min((n - 1 + before - phase) // stride + 1, image), first)
        element = first * stride + phase - before
        elements, place = slice(element, element + (last - first) * stride, stride), slice(first, last)
        taps = range(tap, kernel, every)
        found.append((elements, place, slice(tap, kernel, every), len(taps), shift, dilation * every // stride))
    return found


def _parts(total: int, number: int) -> Iterator[tuple[int, int]]:
    """So many equal parts of a line: where each begins, and its length."""
    step = -(-total // number)
    for first in range(0, total, step):
        yield first, min(step, total - first)


class _Block:
    """Room for the lines and columns of a few samples, and how arrays are written to it and read from it.

    Where the columns of one sample are too many, they are made in several parts of the line, one after the other.
    """

    def __init__(self, layout: Layout, groups: int, n: int, c: int, o: int, parts: int, dtype: Any) -> None:
        self.layout, self.groups, self.n, self.c, self.o, self.parts, self.dtype = layout, groups, n, c, o, parts, dtype
        # The gradient of the result, in lines with a margin as long as the kernel is high; it and what is between the
        # rows stay 0.
        margin = (layout.image[0] - layout.places[0]) * layout.steps[0]
        self.wide: Any = np.zeros((o, n, margin + layout.length + margin), dtype)
        self.gradient = self.wide[:, :, margin : margin + layout.length]
        self.result = np.empty((o, n, layout.length), dtype)
        self.result_inside, self.gradient_inside = map(self._inside, (self.result, self.gradient))

    @functools.cached_property
    def image(self) -> Any:
        """Samples with their margins, which stay 0.  (n, c, phases, *image)"""
        return np.zeros((self.n, self.c, len(self.layout.phases), *self.layout.image), self.dtype)

    @functools.cached_property
    def sums(self) -> Any:
        """What is added up for samples and margins.  (n, c, phases, *image)"""
        return np.empty((self.n, self.c, len(self.layout.phases), *self.layout.image), self.dtype)

    @functools.cached_property
    def columns(self) -> Any:
        """Room for a part of the columns.  (c, *kernel, n, length)"""
        return np.empty((self.c, *self.layout.kernel, self.n, -(-self.layout.length // self.parts)), self.dtype)

    def _inside(self, result: np.ndarray) -> np.ndarray:
        """A result without what is between its rows.  (o, n, length) -> (n, o, *places)"""
        o, n, _ = result.shape
        row, sample, step = result.strides
        strides = (sample, row, *(step * k for k in self.layout.steps))
        return as_strided(result, (n, o, *self.layout.places), strides)

    def matrices(self, rows: np.ndarray, first: int, length: int) -> np.ndarray:
        """Part of the lines of a result, or of columns, as matrices.  (..., n, length) -> (n, groups, rows, length)

        Those of several samples are one matrix where they are short, (1, groups, rows, n * length).
        """
        part = rows[..., first : first + length].reshape(self.groups, -1, self.n, length)
        if self.layout.length < SHORT:
            return part.reshape(1, self.groups, -1, self.n * length)
        return part.transpose(2, 0, 1, 3)

    def put(self, x: Any) -> None:
        """Write samples to the lines."""
        for k, phase in enumerate(self.layout.phases):
            self.image[(slice(None), slice(None), k, *phase.place)] = x[(..., *phase.elements)]

    def spread(self, first: int, length: int) -> np.ndarray:
        """Write a part of the lines to the columns, once for each element of the kernel."""
        sample, channel, line, *_, step = self.image.strides
        for k, phase in enumerate(self.layout.phases):
            met = np.ndarray(
                (self.c, *phase.counts, self.n, length),
                self.dtype,
                self.image,
                k * line + (phase.start + first) * step,
                (channel, *(shift * step for shift in phase.shifts), sample, step),
            )
            self.columns[(slice(None), *phase.taps, slice(None), slice(length))] = met
        return self.matrices(self.columns, 0, length)

    def back(self, w: np.ndarray, gx: Any) -> None:
        """What the gradient of the result makes of that of the samples.

        The sum over the rows of the kernel is part of the product, which meets the gradient once for each row; the sum
        over its other axes is made after. That takes a third less time than to add up everything after a product.
        """
        self.sums[...] = 0
        for k, phase in enumerate(self.layout.phases):
            weights = self._weights(w, phase)
            high, *counts = phase.counts
            total = self.layout.length + (high - 1) * phase.shifts[0]
            for first, length in _parts(total, self.parts):
                sides = np.empty((self.c, *counts, self.n, length), self.dtype)
                np.matmul(weights, self._rows(phase, first, length), out=self.matrices(sides, 0, length))
                self._add_up(k, phase, sides, first)
        for k, phase in enumerate(self.layout.phases):
            gx[(..., *phase.elements)] = self.sums[(slice(None), slice(None), k, *phase.place)]

    def _weights(self, w: Any, phase: Phase) -> np.ndarray:
        """Those of a phase, as a matrix for each group.  -> (groups, c / groups * sides, o / groups * rows)"""
        own = w[(slice(None), slice(None), *phase.taps)]  # (o, c / groups, rows, *sides)
        own = np.moveaxis(own.reshape(self.groups, -1, *own.shape[1:]), (1, 3), (-2, -1))
        return own.reshape(self.groups, -1, self.o // self.groups * phase.counts[0])

    def _rows(self, phase: Phase, first: int, length: int) -> np.ndarray:
        """A part of the gradient's lines, once for each row of the kernel."""
        row, sample, step = self.wide.strides
        start = (self.wide.shape[2] - self.layout.length) // 2 + first
        strides = (row, -phase.shifts[0] * step, sample, step)
        met = np.ndarray((self.o, phase.counts[0], self.n, length), self.dtype, self.wide, start * step, strides)
        return self.matrices(np.ascontiguousarray(met), 0, length)

    def _add_up(self, k: int, phase: Phase, sides: Any, first: int) -> None:
        """Add a part of a product to the lines, each side of the kernel in its place."""
        lines = self.sums.reshape(*self.sums.shape[:3], -1).swapaxes(0, 1)  # (c, n, phases, positions)
        for side in itertools.product(*map(range, phase.counts[1:])):
            start = phase.start + first + sum(i * shift for i, shift in zip(side, phase.shifts[1:], strict=True))
            met = lines[:, :, k, start : start + sides.shape[-1]]
            np.add(met, sides[(slice(None), *side)], out=met)


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
    if geometry.is_product():
        return _products(geometry, size, wanted, x, w, g, b)
    layout, groups = Layout(geometry, size), geometry.groups
    n = len(x) if x is not None else len(g)  # type: ignore[arg-type]
    c = x.shape[1] if x is not None else w.shape[1] * groups  # type: ignore[union-attr]
    o = w.shape[0] if w is not None else g.shape[1]  # type: ignore[union-attr]
    dtype = np.result_type(*(a for a in (x, w, g, b) if a is not None))
    taps = c // groups * math.prod(geometry.kernel)
    weights: Any = None if w is None else w.reshape(groups, o // groups, taps)
    found: dict[str, Any] = {}
    if "y" in wanted:
        found["y"] = np.empty((n, o, *layout.places), dtype)
    if "gx" in wanted:
        found["gx"] = np.zeros((n, c, *size), dtype)
    # Positions of the line: not so few that the weights, read again for each block, are more than its columns.
    room = max(1, BLOCK // max(1, groups * taps * dtype.itemsize), o // groups)
    samples, parts = max(1, room // layout.length), -(-layout.length // max(room, 2 * SHORT))

    def work(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        gw, gb = np.zeros((groups, taps, o // groups), dtype), np.zeros(o, dtype)
        block: Any = None
        for start in range(first, last, samples):
            part = slice(start, min(start + samples, last))
            if block is None or block.n != part.stop - start:
                block = _Block(layout, groups, part.stop - start, c, o, parts, dtype)
            if g is not None:
                block.gradient_inside[...] = g[part]
            if "gx" in wanted:
                block.back(w, found["gx"][part])
            if "gb" in wanted:
                gb += block.gradient.sum((1, 2))
            if "y" in wanted or "gw" in wanted:
                block.put(x[part])  # type: ignore[index]
                for place in _parts(layout.length, parts):
                    columns = block.spread(*place)
                    if "y" in wanted:
                        np.matmul(weights, columns, out=block.matrices(block.result, *place))
                    if "gw" in wanted:  # a fifth faster than rows @ columns.mT, in OpenBLAS
                        gw += (columns @ block.matrices(block.gradient, *place).mT).sum(0)
            if "y" in wanted:
                y = block.result_inside
                np.copyto(found["y"][part], y) if b is None else np.add(y, _per_channel(b, y), out=found["y"][part])
        return gw, gb

    done = _divided(work, n, n * o * layout.length * taps)
    if "gw" in wanted:
        gw: Any = sum(gw for gw, _ in done)  # (groups, taps, o / groups)
        found["gw"] = gw.mT.reshape(o, c // groups, *geometry.kernel)
    if "gb" in wanted:
        found["gb"] = sum(gb for _, gb in done)
    return found


def _divided(work: threads.Range[T], n: int, products: int) -> list[T]:
    """The work on n samples, in several threads if there are enough multiplications."""
    return threads.in_parts(work, n, threads.cores() if products > SMALL else 1)


def _products(
    geometry: Geometry, size: Shape, wanted: Container[str], x: Any, w: Any, g: Any, b: Any
) -> dict[str, np.ndarray]:
    """`contract` for a kernel of one element: the images themselves are the columns."""
    n, groups, positions = len(x) if x is not None else len(g), geometry.groups, math.prod(size)
    x, g = (None if a is None else a.reshape(n, groups, a.shape[1] // groups, positions) for a in (x, g))
    c, o = (x.shape[2] if x is not None else w.shape[1]), (g.shape[2] if g is not None else len(w) // groups)
    weights: Any = None if w is None else w.reshape(groups, o, c)
    dtype = np.result_type(*(a for a in (x, w, g, b) if a is not None))
    found: dict[str, Any] = {}
    if "y" in wanted:
        found["y"] = np.empty((n, groups, o, positions), dtype)
    if "gx" in wanted:
        found["gx"] = np.empty((n, groups, c, positions), dtype)

    def work(first: int, last: int) -> np.ndarray:
        part, gw = slice(first, last), np.zeros((groups, c, o), dtype)
        if "y" in wanted:
            np.matmul(weights, x[part], out=found["y"][part])
            if b is not None:
                found["y"][part] += b.reshape(groups, o, 1)
        if "gx" in wanted:
            np.matmul(weights.mT, g[part], out=found["gx"][part])
        for i in range(first, last) if "gw" in wanted else ():
            gw += x[i] @ g[i].mT
        return gw

    done = _divided(work, n, n * groups * o * c * positions)
    if "gb" in wanted:
        found["gb"] = g.sum((0, 3)).reshape(-1)
    if "gw" in wanted:
        found["gw"] = sum(done).mT.reshape(groups * o, c, *geometry.kernel)  # type: ignore[union-attr]
    for name, channels in (("y", groups * o), ("gx", groups * c)):
        if name in found:
            found[name] = found[name].reshape(n, channels, *size)
    return found


def _per_channel(b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(o,) -> (o, 1, ...)"""
    return b.reshape(-1, *[1] * (y.ndim - 2))
