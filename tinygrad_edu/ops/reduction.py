"""Ops that reduce axes: sums, means, spreads.

An axis is None (all axes), an int or a tuple of ints; negative ones count from the last. `where` is a mask of what is
reduced: nothing arrives at the other elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .. import shapes
from ..engine import differentiable
from ..shapes import Axes
from ..signature import mask_error
from . import selection
from .shape import broadcast_to, reshape

Operand = Any
Mask = Any  # True, or an array of bools that broadcasts


def restored(g: Any, shape: shapes.Shape, axis: Axes) -> Any:
    """`g`, whose axes `axis` were reduced, with these axes of length 1 again, so that it broadcasts to `shape`."""
    return reshape(g, shapes.kept_shape(shape, axis))


def spread(g: Any, shape: shapes.Shape, axis: Axes, where: Mask = True) -> Any:
    """`g`, whose axes `axis` were reduced, repeated to `shape`, and 0 outside the mask: the adjoint of `sum`."""
    return masked(broadcast_to(restored(g, shape, axis), shape), where)


def masked(g: Any, where: Mask, otherwise: float = 0.0) -> Any:
    """`g` where the mask `where` is true, `otherwise` elsewhere."""
    return g if where is True else selection.where(plain(where), g, otherwise)


def plain(where: Mask) -> Any:
    """A mask as NumPy takes it, also if it came as a Tensor."""
    return where if where is True else np.asarray(where)


def checked_mask(name: str, where: Mask, shape: shapes.Shape) -> Any:
    """The mask `where` as NumPy takes it; an error if it does not fit an array of this shape."""
    if (problem := mask_error(name, where, shape)) is not None:
        raise ValueError(problem)
    return plain(where)


def counted(shape: shapes.Shape, axis: Axes, keepdims: bool, where: Mask) -> Any:
    """How many elements each result is made of: a float, or with a mask an array of the shape of the results."""
    if where is True:
        return float(shapes.count(shape, axis))
    known: Any = np.broadcast_to(plain(where), shape)
    return known.sum(axis=axis, keepdims=keepdims).astype(np.float32)


def check_dtype(name: str, a: Any, dtype: DTypeLike | None) -> None:
    """Raise for a result in integers of floating numbers, which has no gradient."""
    if dtype is not None and np.dtype(dtype).kind != "f" and np.asarray(a).dtype.kind == "f":
        raise TypeError(
            f"{name}: expected a floating dtype for floating numbers, but got {np.dtype(dtype)}. "
            f"Convert the result: {name}(t).astype({np.dtype(dtype).name!r})."
        )


@differentiable(
    lambda g, y, a, axis, dtype, keepdims, initial, where: spread(g, a.shape, axis, where),
    symbol="Σ",
)
def sum(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    keepdims: bool = False,
    initial: float = 0,
    where: Mask = True,
) -> Any:
    """The sum of the elements over `axis`; 0 if there are none.

    Gradient: ``g``, repeated to the shape of `a`.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    dtype : dtype, optional
        Of the sum.
    keepdims : bool
        Whether reduced axes stay, with length 1.
    initial : number
        What the sum starts with.
    where : array of bools
        Which elements are added.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sum(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([4., 6.])
    """
    check_dtype("sum", a, dtype)
    add: Any = np.add.reduce  # what np.sum comes down to, without its detours
    return add(a, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=plain(where))


@differentiable(
    lambda g, y, a, axis, dtype, keepdims, where: spread(
        g / counted(a.shape, axis, keepdims, where), a.shape, axis, where
    )
)
def mean(
    a: Operand, axis: Axes = None, dtype: DTypeLike | None = None, *, keepdims: bool = False, where: Mask = True
) -> Any:
    """The arithmetic mean over `axis`; NaN of no elements.

    Gradient: ``g / n``, repeated to the shape of `a`, for n elements in each mean.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    dtype : dtype, optional
        Of the mean.
    keepdims : bool
        Whether reduced axes stay, with length 1.
    where : array of bools
        Which elements count.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.mean(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    Tensor([1.5, 3.5])
    """
    check_dtype("mean", a, dtype)
    return np.mean(a, axis=axis, dtype=dtype, keepdims=keepdims, where=plain(where))


def deviation(a: Any, axis: Axes, ddof: float, correction: float | None, where: Mask) -> Any:
    """``(a - mean(a)) / (n - ddof)``, and 0 where the mask is false."""
    n = counted(a.shape, axis, True, where)
    off = ddof if correction is None else correction
    return masked(a - mean(a, axis, keepdims=True, where=where), where) / (n - off)


@differentiable(
    lambda g, y, a, axis, dtype, ddof, keepdims, where, correction: (
        2 * restored(g, a.shape, axis) * deviation(a, axis, ddof, correction, where)
    )
)
def var(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Mask = True,
    correction: float | None = None,
) -> Any:
    """The variance over `axis`, ``sum((a - mean(a))**2) / (n - ddof)``: the op behind `tg.var`.

    Gradient: ``g * 2 * (a - mean(a)) / (n - ddof)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.var(tg.Tensor([1.0, 2.0, 3.0]), ddof=1)
    Tensor(1.)
    """
    check_dtype("var", a, dtype)
    off = freedom("var", ddof, correction)
    return np.var(a, axis=axis, dtype=dtype, ddof=off, keepdims=keepdims, where=plain(where))


def freedom(name: str, ddof: float, correction: float | None) -> Any:
    """What is taken off the number of elements, by either of its names."""
    if correction is not None and ddof != 0:
        raise ValueError(f"{name}: expected ddof or correction, but got ddof={ddof} and correction={correction}.")
    return ddof if correction is None else correction


@differentiable(
    lambda g, y, a, axis, dtype, ddof, keepdims, where, correction: (
        restored(selection.over(g, y), a.shape, axis) * deviation(a, axis, ddof, correction, where)
    )
)
def std(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Mask = True,
    correction: float | None = None,
) -> Any:
    """The standard deviation over `axis`, ``sqrt(var(a))``: the op behind `tg.std`.

    Gradient: ``g * (a - mean(a)) / ((n - ddof) * y)``, and 0 where the deviation y is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.std(tg.Tensor([1.0, 2.0, 3.0]), ddof=1)
    Tensor(1.)
    """
    check_dtype("std", a, dtype)
    off = freedom("std", ddof, correction)
    return np.std(a, axis=axis, dtype=dtype, ddof=off, keepdims=keepdims, where=plain(where))
