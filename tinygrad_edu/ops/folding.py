"""The windows of an image as columns, and columns added up to an image: an adjoint pair."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine import differentiable
from ..shapes import Shape
from .columns import Geometry

Operand = Any


def _taps(geometry: Geometry, size: Shape) -> Iterator[tuple[Any, Any]]:
    """For each element of the kernel: its place in the kernel, and the index of what it meets of a padded image."""
    places = geometry.places(size)
    for tap in itertools.product(*map(range, geometry.kernel)):
        steps = zip(tap, geometry.dilation, geometry.stride, places, strict=True)
        yield tap, (..., *(slice(i * d, i * d + s * (p - 1) + 1, s) for i, d, s, p in steps))


def _within(geometry: Geometry, size: Shape) -> Any:
    """The index of the image within the padded one."""
    return (..., *(slice(before, before + n) for n, (before, _) in zip(size, geometry.padding, strict=True)))


def _padded(lead: Shape, geometry: Geometry, size: Shape, dtype: Any) -> np.ndarray:
    """Zeros of the shape of a padded image."""
    sides = (n + before + after for n, (before, after) in zip(size, geometry.padding, strict=True))
    return np.zeros((*lead, *sides), dtype)


@differentiable(lambda g, y, x, geometry: fold_columns(g, x.shape[2:], geometry), kind="selection")
def unfold_columns(x: Operand, geometry: Geometry) -> Any:
    """What the kernel meets in each place, as one column.  (n, c, *size) -> (n, c * kernel, places)

    Gradient: each element of the image gets the ``g`` of all columns it is in; the adjoint is `fold_columns`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.columns import Geometry
    >>> from tinygrad_edu.ops.folding import unfold_columns
    >>> unfold_columns(tg.Tensor([[[1.0, 2.0, 3.0]]]), Geometry((2,), (1,), ((0, 0),), (1,)))
    Tensor([[[1., 2.],
             [2., 3.]]])
    """
    n, c, *size = x.shape
    padded = _padded((n, c), geometry, tuple(size), x.dtype)
    padded[_within(geometry, tuple(size))] = x
    places = geometry.places(tuple(size))
    y = np.empty((n, c, *geometry.kernel, *places), x.dtype)
    for tap, met in _taps(geometry, tuple(size)):
        y[(slice(None), slice(None), *tap)] = padded[met]
    return y.reshape(n, c * math.prod(geometry.kernel), math.prod(places))


@differentiable(lambda g, y, columns, size, geometry: unfold_columns(g, geometry), kind="selection")
def fold_columns(columns: Operand, size: Shape, geometry: Geometry) -> Any:
    """Each column added up in its place of an image.  (n, c * kernel, places) -> (n, c, *size)

    Gradient: `unfold_columns`, whose adjoint this is.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.columns import Geometry
    >>> from tinygrad_edu.ops.folding import fold_columns
    >>> fold_columns(tg.Tensor([[[1.0, 2.0], [10.0, 20.0]]]), (3,), Geometry((2,), (1,), ((0, 0),), (1,)))
    Tensor([[[ 1., 12., 20.]]])
    """
    n, rows, _ = columns.shape
    c = rows // math.prod(geometry.kernel)
    windows = columns.reshape(n, c, *geometry.kernel, *geometry.places(size))
    padded = _padded((n, c), geometry, size, columns.dtype)
    for tap, met in _taps(geometry, size):
        part = padded[met]
        np.add(part, windows[(slice(None), slice(None), *tap)], out=part)
    return padded[_within(geometry, size)]
