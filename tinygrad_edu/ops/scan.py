"""Scans, whose every element depends on the ones before it along an axis, and products, which need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from .. import shapes
from ..engine import differentiable
from ..shapes import Axes
from . import selection
from .axes import flip, roll
from .joining import concatenate
from .operands import detached
from .reduction import Mask, check_dtype, masked, plain, spread

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def line(a: Any, axis: int | None) -> tuple[Any, int]:
    """`a` and the axis of a scan; without an axis all elements in a row."""
    return (a.reshape((a.size,)), 0) if axis is None or not a.ndim else (a, axis)


# ---- sums ----


def sums_backwards(g: Any, axis: int) -> Any:
    """The sum of each element and all after it: the adjoint of `cumsum`."""
    return flip(cumsum(flip(g, axis), axis), axis)


@differentiable(lambda g, y, a, axis, dtype: sums_backwards(g, 0 if axis is None else axis).reshape(a.shape))
def cumsum(a: Operand, axis: int | None = None, dtype: DTypeLike | None = None) -> Any:
    """The sum of each element and all before it along `axis`; None for all elements in a row.

    Gradient: the sum of ``g`` at each element and all after it.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cumsum(tg.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3., 6.])
    """
    check_dtype("cumsum", a, dtype)
    return np.cumsum(a, axis=axis, dtype=dtype)


# ---- a linear recurrence, the closed family behind products that may hold zeros ----


def at_first(shape: shapes.Shape, axis: int) -> np.ndarray:
    """True at the first place along `axis`, as an array that broadcasts to `shape`."""
    places: np.ndarray = np.arange(shape[axis]) == 0
    return places.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))])


def earlier(h: Any, axis: int) -> Any:
    """What stood one place before, and 0 at the first place."""
    return selection.where(at_first(h.shape, axis), 0.0, roll(h, 1, axis))


def backwards(a: Any, g: Any, axis: int) -> Any:
    """``h[t] = g[t] + a[t + 1] * h[t + 1]``, the recurrence backwards."""
    return flip(recurrence(roll(flip(a, axis), 1, axis), flip(g, axis), axis), axis)


@differentiable(
    lambda g, y, a, b, axis: backwards(a, g, axis) * earlier(y, axis),
    lambda g, y, a, b, axis: backwards(a, g, axis),
)
def recurrence(a: Operand, b: Operand, axis: int = -1) -> Any:
    """``h[t] = a[t] * h[t - 1] + b[t]`` along `axis`, with ``h[0] = b[0]``, for arrays of one shape.

    Gradient: with the same recurrence from the end, ``l[t] = g[t] + a[t + 1] * l[t + 1]``, it is ``l[t] * h[t - 1]``
    for a and ``l[t]`` for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.recurrence(tg.Tensor([0.5, 0.5, 0.5]), tg.Tensor([4.0, 0.0, 1.0]))
    Tensor([4., 2., 2.])
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"recurrence: expected arrays of one shape, but got a {np.shape(a)} and b {np.shape(b)}.")
    a, h = np.moveaxis(a, axis, 0), np.moveaxis(np.array(b), axis, 0)
    for t in range(1, len(h)):
        h[t] += a[t] * h[t - 1]
    return np.moveaxis(h, 0, axis)


# ---- products ----


def product_before(a: Any, axis: int) -> Any:
    """The product of all elements before each along `axis`, also where there are zeros."""
    one = np.broadcast_to(at_first(a.shape, axis), a.shape).astype(a.dtype)
    return recurrence(roll(a, 1, axis), one, axis)


def _others(a: Any, axes: Sequence[int]) -> Any:
    """The product of all other elements over `axes`, for each, also where there are zeros."""
    if not axes:
        return 1.0
    first, *rest = axes
    if rest:  # the others in the same slice, and the other slices
        return _others(a, rest) * _others(prod(a, tuple(rest), keepdims=True), (first,))
    return product_before(a, first) * flip(product_before(flip(a, first), first), first)


def _has_zero(a: Any) -> bool:
    return not np.all(detached(a))


def product_of_others(y: Any, a: Any, axis: Axes, initial: float) -> Any:
    """The product `y` of all elements without each of them: ``y / a``, or multiplied anew where there are zeros."""
    if not _has_zero(a):
        return spread(y, a.shape, axis) / a
    return initial * _others(a, shapes.normal_axes(axis, a.ndim) if a.ndim else ())


@differentiable(
    lambda g, y, a, axis, dtype, keepdims, initial, where: (
        spread(g, a.shape, axis, where) * product_of_others(y, masked(a, where, 1.0), axis, initial)
    ),
    symbol="Π",
)
def prod(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    keepdims: bool = False,
    initial: float = 1,
    where: Mask = True,
) -> Any:
    """The product of the elements over `axis`; 1 if there are none.

    Gradient: ``g`` times the product of all other elements, ``g * y / a`` where no element is 0.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    dtype : dtype, optional
        Of the product.
    keepdims : bool
        Whether reduced axes stay, with length 1.
    initial : number
        What the product starts with.
    where : array of bools
        Which elements are multiplied.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.prod(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([3., 8.])
    """
    check_dtype("prod", a, dtype)
    multiply: Any = np.multiply.reduce  # what np.prod comes down to
    return multiply(a, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=plain(where))


def cumprod_gradient(g: Any, y: Any, a: Any, axis: int) -> Any:
    """``sums_backwards(g * y) / a``, or by recurrences without division where there are zeros."""
    if not _has_zero(a):
        return sums_backwards(g * y, axis) / a
    return product_before(a, axis) * backwards(a, g, axis)


@differentiable(lambda g, y, a, axis, dtype: cumprod_gradient(g, y, *line(a, axis)).reshape(a.shape))
def cumprod(a: Operand, axis: int | None = None, dtype: DTypeLike | None = None) -> Any:
    """The product of each element and all before it along `axis`; None for all elements in a row.

    Gradient: at each element the sum of ``g * y`` there and after it, over the element; by a recurrence without
    division where an element is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cumprod(tg.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 2., 6.])
    """
    check_dtype("cumprod", a, dtype)
    return np.cumprod(a, axis=axis, dtype=dtype)


def _with_initial(y: Any, first: float, axis: int) -> Any:
    """`y` after one place more, which holds `first`."""
    return concatenate([np.full(shapes.kept_shape(y.shape, axis), first, y.dtype), y], axis)


def _the_axis(name: str, x: Operand, axis: int | None) -> int:
    """`axis`, which may be left out where there is one only."""
    shape = np.shape(detached(x))
    if axis is None and len(shape) > 1:
        raise ValueError(f"{name}: expected an axis for several axes, but got None for x {shape}. Name one.")
    return 0 if axis is None else axis


def cumulative_sum(
    x: Operand, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    """`cumsum` by the name of the array standard; with `include_initial` it starts with 0.

    Gradient: the sum of ``g`` at each element and all after it.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cumulative_sum(tg.Tensor([1.0, 2.0, 3.0]), include_initial=True)
    Tensor([0., 1., 3., 6.])
    """
    axis = _the_axis("cumulative_sum", x, axis)
    y = cumsum(x, axis, dtype)
    return _with_initial(y, 0.0, axis) if include_initial else y


def cumulative_prod(
    x: Operand, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    """`cumprod` by the name of the array standard; with `include_initial` it starts with 1.

    Gradient: that of `cumprod`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cumulative_prod(tg.Tensor([1.0, 2.0, 3.0]), include_initial=True)
    Tensor([1., 1., 2., 6.])
    """
    axis = _the_axis("cumulative_prod", x, axis)
    y = cumprod(x, axis, dtype)
    return _with_initial(y, 1.0, axis) if include_initial else y
