"""Reductions that leave out what is not a number, and weighted means; functions made of ops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from .. import shapes
from ..engine import nondifferentiable
from ..shapes import Axes
from .extreme import check_some, max, min
from .forms import std, var
from .operands import checked_axes, detached, operand, operands, required
from .reduction import Mask, checked_mask, mean, sum
from .scan import cumprod, cumsum, prod
from .selection import where as choose

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _known(name: str, a: Any, axis: Axes = None, where: Mask = True) -> tuple[Any, Any]:
    """`a` with 0 in place of what is left out, so that nothing flows back into it, and where something is not."""
    required(name, a=a)
    a = operand(a)
    checked_axes(name, axis, a.shape)
    known = ~np.isnan(detached(a)) & checked_mask(name, where, a.shape)
    return choose(known, a, 0), known


def nansum(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    keepdims: bool = False,
    initial: float = 0,
    where: Mask = True,
) -> Tensor:
    """The sum over `axis` of the elements that are not NaN; 0 if there are none.

    Gradient: ``g`` to each of them, 0 where there is a NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nansum(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor(3.)
    """
    a, known = _known("nansum", a, axis, where)
    return sum(a, axis, dtype, keepdims=keepdims, initial=initial, where=known)


def nanprod(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    keepdims: bool = False,
    initial: float = 1,
    where: Mask = True,
) -> Tensor:
    """The product over `axis` of the elements that are not NaN; 1 if there are none.

    Gradient: ``g`` times the product of all other elements, 0 where there is a NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanprod(tg.Tensor([3.0, float("nan"), 2.0]))
    Tensor(6.)
    """
    a, known = _known("nanprod", a, axis, where)
    return prod(a, axis, dtype, keepdims=keepdims, initial=initial, where=known)


def nanmean(
    a: Operand, axis: Axes = None, dtype: DTypeLike | None = None, *, keepdims: bool = False, where: Mask = True
) -> Tensor:
    """The mean over `axis` of the elements that are not NaN; NaN if there are none.

    Gradient: ``g / n`` to each of the n elements, 0 where there is a NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanmean(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor(1.5)
    """
    a, known = _known("nanmean", a, axis, where)
    return mean(a, axis, dtype, keepdims=keepdims, where=known)


def nanvar(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Mask = True,
    correction: float | None = None,
    mean: Operand = None,
) -> Tensor:
    """The variance over `axis` of the elements that are not NaN.

    Gradient: ``g * 2 * (a - mean(a)) / (n - ddof)``, 0 where there is a NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanvar(tg.Tensor([1.0, float("nan"), 3.0]))
    Tensor(1.)
    """
    a, known = _known("nanvar", a, axis, where)
    return var(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=known, correction=correction, mean=mean)


def nanstd(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Mask = True,
    correction: float | None = None,
    mean: Operand = None,
) -> Tensor:
    """The standard deviation over `axis` of the elements that are not NaN.

    Gradient: ``g * (a - mean(a)) / ((n - ddof) * y)``, 0 where there is a NaN, and where the deviation y is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanstd(tg.Tensor([1.0, float("nan"), 5.0]))
    Tensor(2.)
    """
    a, known = _known("nanstd", a, axis, where)
    return std(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=known, correction=correction, mean=mean)


def nanmax(
    a: Operand, axis: Axes = None, *, keepdims: bool = False, initial: float | None = None, where: Mask = True
) -> Tensor:
    """The greatest over `axis` of the elements that are not NaN; NaN if there are none.

    Gradient: ``g`` to the greatest element; equal ones share it evenly.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanmax(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor(2.)
    """
    return _extreme(max, -np.inf, a, axis, keepdims, initial, where)


def nanmin(
    a: Operand, axis: Axes = None, *, keepdims: bool = False, initial: float | None = None, where: Mask = True
) -> Tensor:
    """The smallest over `axis` of the elements that are not NaN; NaN if there are none.

    Gradient: ``g`` to the smallest element; equal ones share it evenly.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanmin(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor(1.)
    """
    return _extreme(min, np.inf, a, axis, keepdims, initial, where)


def _extreme(op: Any, least: float, a: Any, axis: Axes, keepdims: bool, initial: Any, where: Mask) -> Any:
    name = f"nan{op.__name__}"
    x, known = _known(name, a, axis, where)
    check_some(name, x, axis, initial)
    if x.dtype.kind != "f":
        return op(a, axis, keepdims=keepdims, initial=initial, where=where)
    a = x
    y = op(a, axis, keepdims=keepdims, initial=least if initial is None else initial, where=known)
    none = ~known.any(axis=axis if a.ndim else None, keepdims=keepdims)
    return choose(none, np.nan, y) if initial is None and none.any() else y


def nancumsum(a: Operand, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """`cumsum` with 0 in place of NaN.

    Gradient: the sum of ``g`` at each element and all after it, 0 where there is a NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nancumsum(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor([1., 1., 3.])
    """
    return cumsum(_known("nancumsum", a, axis)[0], axis, dtype)


def nancumprod(a: Operand, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """`cumprod` with 1 in place of NaN.

    Gradient: that of `cumprod`, 0 where there is a NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nancumprod(tg.Tensor([3.0, float("nan"), 2.0]))
    Tensor([3., 3., 6.])
    """
    a, known = _known("nancumprod", a, axis)
    return cumprod(choose(known, a, 1), axis, dtype)


@nondifferentiable()
def nanargmax(a: Operand, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Where the greatest element that is not NaN is; the first of several.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanargmax(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor(2)
    """
    return np.nanargmax(a, axis=axis, keepdims=keepdims)


@nondifferentiable()
def nanargmin(a: Operand, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Where the smallest element that is not NaN is; the first of several.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanargmin(tg.Tensor([1.0, float("nan"), 2.0]))
    Tensor(0)
    """
    return np.nanargmin(a, axis=axis, keepdims=keepdims)


def average(
    a: Operand, axis: Axes = None, weights: Operand = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """The weighted mean over `axis`, ``sum(weights * a) / sum(weights)``.

    Gradient: ``g * w / sum(w)`` for `a` and ``g * (a - y) / sum(w)`` for the weights w.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    weights : Tensor or array, optional
        Of the shape of `a`, or one for each place along `axis`; None for equal weights.
    returned : bool
        Whether the sum of the weights is returned, too, as a pair with the mean.
    keepdims : bool
        Whether reduced axes stay, with length 1.

    Raises
    ------
    ValueError, ZeroDivisionError
        If the weights do not fit, or add up to 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.average(tg.Tensor([1.0, 3.0]), weights=[3.0, 1.0])
    Tensor(1.5)
    """
    a, weights = operands(a, weights)
    if weights is None:
        y = mean(a, axis, keepdims=keepdims)
        total: Any = float(shapes.count(a.shape, axis))
    else:
        weights = _along(weights, a.shape, axis)
        total = sum(weights, axis, keepdims=keepdims)
        if (detached(total) == 0).any():
            raise ZeroDivisionError(
                f"average: expected weights with a sum that is not 0, but got {detached(total).tolist()} over axis "
                f"{axis}. Leave them out for equal ones."
            )
        y = sum(a * weights, axis, keepdims=keepdims) / total
    return (y, total + 0 * y) if returned else y


def _along(weights: Any, shape: shapes.Shape, axis: Axes) -> Any:
    """Weights in the shape of what they weigh, along `axis`."""
    axes = checked_axes("average", axis, shape)
    if weights.shape == shape:
        return weights
    if axis is None or weights.shape != tuple(shape[k] for k in axes):
        raise ValueError(
            f"average: expected weights of shape {shape}, or of the axes {axis} of it, but got shape {weights.shape}."
        )
    order = tuple(int(k) for k in np.argsort(axes))
    weights = weights.transpose(order) if len(order) > 1 else weights
    return weights.reshape([n if k in axes else 1 for k, n in enumerate(shape)]) + np.zeros(shape, weights.dtype)
