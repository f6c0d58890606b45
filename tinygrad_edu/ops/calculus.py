"""Differences, slopes, areas and values between samples; functions made of ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from .comparison import not_equal
from .joining import concatenate
from .operands import checked_axes, checked_axis, detached, operand, operands, required
from .selection import where
from .shape import broadcast_to, reshape

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _part(a: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """``a[start:stop]`` along `axis`."""
    return a[(slice(None),) * (axis % a.ndim) + (slice(start, stop),)]


def diff(a: Operand, n: int = 1, axis: int = -1, prepend: Operand = None, append: Operand = None) -> Tensor:
    """The difference of each element and the one before along `axis`, ``a[1:] - a[:-1]``, taken n times.

    Gradient: ``g`` less the next ``g``, taken n times.

    Parameters
    ----------
    a : Tensor or array
    n : int
        How many times.
    axis : int
    prepend, append : Tensor, array or number, optional
        What is put before and after `a` first.

    Raises
    ------
    ValueError
        If n is negative, or `a` has no axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.diff(tg.Tensor([1.0, 4.0, 9.0, 16.0]), n=2)
    Tensor([2., 2.])
    """
    a = operand(a)
    if not isinstance(n, (int, np.integer)) or n < 0 or not a.ndim:
        raise ValueError(
            f"diff: expected a whole n >= 0 and an array of at least one axis, but got n={n} and shape {a.shape}."
        )
    checked_axis("diff", axis, a.shape)
    parts = [part for part in (_edge(a, axis, prepend), a, _edge(a, axis, append)) if part is not None]
    y = concatenate(parts, axis) if len(parts) > 1 else a
    for _ in range(n):
        later, earlier = _part(y, axis, 1, None), _part(y, axis, None, -1)
        y = not_equal(later, earlier) if y.dtype == np.bool_ else later - earlier
    return y


def _edge(a: Any, axis: int, values: Any) -> Any:
    """What is put before or after `a`; a number all along."""
    if values is None:
        return None
    _, values = operands(a, values)
    return values if values.ndim else broadcast_to(values, shapes.kept_shape(a.shape, axis))


def _spacing(name: str, given: Sequence[Any], axes: Sequence[int], shape: shapes.Shape) -> list[Any]:
    """For each axis the distance of samples, a number, or their coordinates."""
    if len(given) not in (0, 1, len(axes)) or (len(given) == 1 and np.ndim(detached(given[0])) and len(axes) > 1):
        raise TypeError(
            f"{name}: expected no spacing, one number, or one spacing for each of {len(axes)} axes, "
            f"but got {len(given)}."
        )
    spacing: list[Any] = [1.0] * len(axes) if not given else [*given] * (len(axes) if len(given) == 1 else 1)
    for axis, x in zip(axes, spacing, strict=True):
        if np.ndim(detached(x)) > 1 or (np.ndim(detached(x)) and len(x) != shape[axis]):
            raise ValueError(
                f"{name}: expected one coordinate for each of the {shape[axis]} samples along axis {axis}, "
                f"but got shape {np.shape(detached(x))}."
            )
    return spacing


def gradient(f: Operand, *varargs: Operand, axis: shapes.Axes = None, edge_order: int = 1) -> Any:
    """The slope of sampled values along each axis, by differences that are central inside and one-sided at the ends.

    Linear in `f`, so the gradient flows back through the same differences; also to the spacing, if it is a Tensor.

    Parameters
    ----------
    f : Tensor or array
        The samples, at least ``edge_order + 1`` along each axis.
    *varargs : numbers or arrays
        The distance of samples, one number for all axes or one for each; or their coordinates.
    axis : int, tuple of ints or None
        None for all axes.
    edge_order : {1, 2}
        Of the differences at the ends.

    Returns
    -------
    Tensor, or a tuple of them, one for each axis, if there are several

    Raises
    ------
    ValueError
        If there are too few samples, or `edge_order` is neither 1 nor 2.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.gradient(tg.Tensor([1.0, 4.0, 9.0, 16.0]))
    Tensor([3., 4., 6., 7.])
    """
    required("gradient", f=f)
    f, *spacing = operands(f, *varargs)
    f = f if f.dtype.kind == "f" else f * 1.0
    axes = checked_axes("gradient", axis, f.shape)
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: expected edge_order=1 or 2, but got {edge_order}.")
    if any(f.shape[k] < edge_order + 1 for k in axes):
        raise ValueError(
            f"gradient: expected at least {edge_order + 1} samples along each axis, but got shape {f.shape} and axes "
            f"{axes}."
        )
    slopes = [
        _slope(f, k, h, edge_order) for k, h in zip(axes, _spacing("gradient", spacing, axes, f.shape), strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """The slope along one axis. A parabola through three samples has these slopes at its points."""
    if np.ndim(detached(spacing)):
        h = diff(operand(spacing))
        h = h.reshape([-1 if k == axis else 1 for k in range(f.ndim)])
    else:
        h = spacing * np.ones([f.shape[k] - 1 if k == axis else 1 for k in range(f.ndim)], f.dtype)
    left, right = _part(h, axis, None, -1), _part(h, axis, 1, None)
    steps = (_part(f, axis, 1, None) - _part(f, axis, None, -1)) / h  # the slope of each gap
    first, last = _part(steps, axis, 0, 1), _part(steps, axis, -1, None)
    inside = (_part(steps, axis, None, -1) * right + _part(steps, axis, 1, None) * left) / (left + right)
    if edge_order == 2:
        first = first - (_part(inside, axis, 0, 1) - first)
        last = last - (_part(inside, axis, -1, None) - last)
    return concatenate([first, inside, last], axis)


def trapezoid(y: Operand, x: Operand = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The area under sampled values along `axis`, of one trapezoid for each gap.

    Gradient: half of each gap beside a sample, for `y`; likewise for `x`, if it is a Tensor.

    Parameters
    ----------
    y : Tensor or array
        The samples.
    x : Tensor or array, optional
        Their coordinates: one for each sample along `axis`, or of the shape of `y`.
    dx : float
        Their distance, without `x`.
    axis : int

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.trapezoid(tg.Tensor([1.0, 2.0, 3.0]), dx=2.0)
    Tensor(8.)
    """
    required("trapezoid", y=y)
    y, x = operands(y, x)
    axis = checked_axis("trapezoid", axis, y.shape)
    width: Any = dx
    if x is not None:
        if x.ndim in (0, 1) and x.shape != y.shape[axis : axis + 1]:
            raise ValueError(
                f"trapezoid: expected one coordinate for each of the {y.shape[axis]} samples along axis {axis}, but "
                f"got x {x.shape} for y {y.shape}. Pass dx, a number, for samples at equal distances."
            )
        width = diff(x, axis=axis - y.ndim if x.ndim > 1 else -1)
        if x.ndim == 1:
            width = reshape(width, [-1 if k == axis else 1 for k in range(y.ndim)])
    return (width * (_part(y, axis, 1, None) + _part(y, axis, None, -1)) / 2.0).sum(axis)


def interp(
    x: Operand, xp: Operand, fp: Operand, left: Operand = None, right: Operand = None, period: float | None = None
) -> Tensor:
    """The values at `x` of the line through the points (xp, fp).

    Gradient: for `x` the slope of the piece it lies in, the right one at a point and 0 outside; for `fp` the weights
    of the two points beside; for `xp` the slope times minus these weights.

    Parameters
    ----------
    x : Tensor or array
        Where to read.
    xp : Tensor or array, (n,)
        The places of the points, increasing unless there is a period.
    fp : Tensor or array, (n,)
        Their values.
    left, right : number or Tensor, optional
        The value before the first and after the last point; None for the value of that point.
    period : float, optional
        After what the line repeats.

    Raises
    ------
    ValueError
        If xp and fp are not of one length, at least 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.interp(tg.Tensor([0.5, 1.5, 9.0]), [0.0, 1.0, 2.0], tg.Tensor([0.0, 10.0, 30.0]))
    Tensor([ 5., 20., 30.])
    """
    x, xp, fp = operands(x, xp, fp)
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError(
            f"interp: expected xp and fp of one shape (n,) with at least one point, but got xp {xp.shape} and fp "
            f"{fp.shape}."
        )
    if period is not None:
        if not period:
            raise ValueError(f"interp: expected a period that is not 0, but got {period}. Leave it out for none.")
        x, xp = x % abs(period), xp % abs(period)
        order = np.argsort(detached(xp))
        xp, fp = xp[order], fp[order]
        xp = concatenate([xp[-1:] - abs(period), xp, xp[:1] + abs(period)])
        fp = concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    places = np.searchsorted(detached(xp), detached(x), side="right")
    below, above = np.clip(places - 1, 0, xp.size - 1), np.clip(places, 0, xp.size - 1)
    gap = xp[above] - xp[below]
    outside = (below == above) & ~np.isnan(detached(x))  # NaN gives NaN
    t = where(outside, 0.0, (x - xp[below]) / where(outside, 1.0, gap))
    y = fp[below] + t * (fp[above] - fp[below])
    y = y if left is None else where(detached(x) < detached(xp)[0], left, y)
    return y if right is None else where(detached(x) > detached(xp)[-1], right, y)


def ediff1d(ary: Operand, to_end: Operand = None, to_begin: Operand = None) -> Tensor:
    """The differences of neighbours of all elements in a row, with what is put before and after them.

    Gradient: ``g`` less the next ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ediff1d(tg.Tensor([1.0, 4.0, 9.0]), to_begin=0.0)
    Tensor([0., 3., 5.])
    """
    required("ediff1d", ary=ary)
    ary = operand(ary)
    if ary.dtype.kind == "f" or to_end is not None or to_begin is not None:
        ary, to_begin, to_end = operands(ary, to_begin, to_end)
    parts = [to_begin, diff(ary.ravel()), to_end]
    return concatenate([part.ravel() for part in parts if part is not None])


def polyval(p: Operand, x: Operand) -> Tensor:
    """The polynomial with the coefficients `p`, highest power first, at `x`: ``p[0] * x**(n - 1) + ... + p[n - 1]``.

    Gradient: ``g`` times the derivative of the polynomial for `x`, ``g`` times each power for `p`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.polyval([1.0, 0.0, -1.0], tg.Tensor([2.0, 3.0]))
    Tensor([3., 8.])
    """
    p, x = operands(p, x)
    if not p.ndim:
        raise ValueError("polyval: expected a vector of coefficients as p, but got shape (). Write polyval([p], x).")
    y: Any = x * 0
    for k in range(p.shape[0]):  # by Horner's rule
        y = y * x + p[k]
    return y


def vander(x: Operand, N: int | None = None, increasing: bool = False) -> Tensor:
    """One column for each power of `x`, the highest first.  (n,) -> (n, N)

    Gradient: ``g * k * x**(k - 1)``, summed over the powers k.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vander(tg.Tensor([2.0, 3.0]), 3)
    Tensor([[4., 2., 1.],
            [9., 3., 1.]])
    """
    x = operand(x)
    if x.ndim != 1:
        raise ValueError(f"vander: expected one axis, but got shape {x.shape}. Flatten it: x.ravel().")
    powers = np.arange(x.size if N is None else N)
    return x[:, None] ** (powers if increasing else powers[::-1])


def unwrap(p: Operand, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi) -> Tensor:
    """Angles without jumps: whole periods are added, so that neighbours differ by half a period at the most.

    Gradient: ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.unwrap(tg.Tensor([0.0, 3.0, -3.0])).round(4)
    Tensor([0.    , 3.    , 3.2832])
    """
    p = operand(p)
    checked_axis("unwrap", axis, p.shape)
    angles = detached(p)
    return p + (np.unwrap(angles, discont, axis, period=period) - angles).astype(angles.dtype)
