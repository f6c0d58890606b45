"""How normalization is computed, forwards and backwards, in few passes over the numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import shapes
from ..shapes import Axes, Shape

LONGEST = 4096  # numbers that a plain sum in float32 adds up well; beyond, NumPy's pairwise sum


class Saved(NamedTuple):
    """What the way back needs, and what running statistics follow; all but the first of length 1 over the axes."""

    x: np.ndarray  # standardized; with a weight only centred, as the product with scale is never made
    scale: Any  # 1 / sqrt(var + eps)
    mean: Any
    var: Any


def _runs(shape: Shape, axes: Axes) -> tuple[Shape, tuple[int, ...]]:
    """`shape` with the last axes, those within `axes`, laid out as one (of length 1 if there are none); other axes."""
    within = shapes.normal_axes(axes, len(shape))
    first = len(shape)
    while first and first - 1 in within:
        first -= 1
    return (*shape[:first], shapes.count(shape[first:])), tuple(k for k in within if k < first)


def sums(x: np.ndarray, axes: Axes) -> Any:
    """The sums over `axes`, which stay with length 1.

    By BLAS, which takes a quarter of the time of ``np.add.reduce`` for rows and for columns of 128.
    """
    lines, others = _runs(x.shape, axes)
    if 1 < lines[-1] <= LONGEST:
        rows = x.reshape(lines) @ np.ones(lines[-1], x.dtype)
        return np.add.reduce(rows, axis=others).reshape(shapes.kept_shape(x.shape, axes))
    if others == (0,) and x.ndim == 2 and len(x) <= LONGEST:
        return (np.ones(len(x), x.dtype) @ x)[None]
    return np.add.reduce(x, axis=axes, keepdims=True)


def dots(a: np.ndarray, b: np.ndarray, axes: Axes) -> Any:
    """The sums of ``a * b`` over `axes`, which stay with length 1; without an array of the products where possible."""
    lines, others = _runs(a.shape, axes)
    kept = shapes.kept_shape(a.shape, axes)
    if 1 < lines[-1] <= LONGEST:
        rows = np.vecdot(a.reshape(lines), b.reshape(lines))
        return np.add.reduce(rows, axis=others).reshape(kept)
    if others == (0,) and a.ndim == 2:
        return np.einsum("nc,nc->c", a, b).reshape(kept)
    return np.add.reduce(a * b, axis=axes, keepdims=True)


def moments(x: np.ndarray, axes: Axes) -> tuple[Any, Any]:
    """Mean and variance (divided by the number of elements) over `axes`, which stay with length 1.

    Examples
    --------
    >>> import numpy as np
    >>> moments(np.array([[1.0, 3.0], [5.0, 5.0]]), 1)
    (array([[2.],
           [5.]]), array([[1.],
           [0.]]))
    """
    x = floating(x)
    n = shapes.count(x.shape, axes)
    mean = sums(x, axes) / n
    y = x - mean
    return mean, dots(y, y, axes) / n


def floating(x: Any) -> np.ndarray:
    """`x` as an array of floating numbers."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _wide(x: Any, ndim: int) -> Any:
    """`x` with as many axes as what it is stretched to."""
    return x if x is None else x.reshape((1,) * (ndim - x.ndim) + x.shape)


def standardized(x: Any, weight: Any, bias: Any, axes: Axes, eps: float) -> tuple[np.ndarray, Saved]:
    """``(x - mean) / std``, times `weight` and plus `bias` unless they are None, and what the way back needs."""
    x = floating(x)
    n = shapes.count(x.shape, axes)
    if not n:
        raise ValueError(
            f"standardize: expected at least one element over axes {axes}, but got shape {x.shape}. Skip empty batches."
        )
    mean = sums(x, axes) / n
    centred = np.asarray(x - mean)
    var = dots(centred, centred, axes) / n
    scale = 1 / np.sqrt(var + eps)
    if weight is None:
        return np.multiply(centred, scale, out=centred), Saved(centred, scale, mean, var)
    weight = np.asarray(weight)
    y = np.asarray(_weighted(centred, weight, scale))
    return (y if bias is None else np.add(y, bias, out=y)), Saved(centred, scale, mean, var)


def _weighted(x: Any, weight: Any, scale: Any) -> Any:
    """``x * weight * scale``; the factors first, if their product is small beside x."""
    if 4 * shapes.count(np.broadcast_shapes(weight.shape, scale.shape)) <= x.size:
        return x * (weight * scale)
    y = x * weight
    y *= scale
    return y


def pulled_back(g: Any, saved: Saved, axes: Axes) -> Any:
    """The gradient for x of standardizing, at `g`: ``(g - mean(g) - z * mean(g * z)) * scale``, z standardized."""
    z, scale, *_ = saved
    return _without_parts(np.multiply(g, scale), z, dots(g, z, axes) * scale, sums(g, axes) * scale, axes)


def pulled_back_affine(g: Any, saved: Saved, weight: Any, bias: Any, axes: Axes) -> tuple[Any, Any, Any]:
    """The gradients for x, weight and bias at `g`: for x that of standardizing at ``g * weight``.

    Those for weight and bias are summed over the `axes` that both are stretched along, or over the samples where each
    place has a weight of its own (layer norm); the engine sums over the rest.
    """
    ndim = g.ndim
    wide, *others = (a.reshape((1,) * (ndim - a.ndim) + a.shape) for a in (weight, bias) if a is not None)
    within = shapes.normal_axes(axes, ndim)
    line = tuple(k for k in within if all(a.shape[k] == 1 for a in (wide, *others)))
    first = ndim - len(within)
    places = (1,) * first + g.shape[first:]
    if not line and min(within, default=-1) == first and all(a.shape == places for a in (wide, *others)):
        return _back_to_places(g, saved, weight, axes)
    d, scale, *_ = saved
    gw, gb = (dots(g, d, line) * scale, sums(g, line)) if line else (g * d * scale, g)
    along, common = (np.add.reduce(a * wide, axis=within, keepdims=True) for a in (gw, gb))
    return _without_parts(_weighted(g, wide, scale), d, along * scale * scale, common * scale, axes), gw, gb


def _back_to_places(g: Any, saved: Saved, weight: Any, axes: Axes) -> tuple[Any, Any, Any]:
    """Layer norm: the sums over samples and those over places are all products of matrices."""
    d, scale, *_ = saved
    shape = g.shape[g.ndim - len(shapes.normal_axes(axes, g.ndim)) :]
    n = shapes.count(shape)
    h = np.asarray(g * d)
    products, rows, column = h.reshape(-1, n), g.reshape(-1, n), weight.reshape(n)
    along, common = ((a @ column).reshape(scale.shape) for a in (products, rows))
    gw, gb = scale.reshape(-1) @ products, np.ones(len(rows), g.dtype) @ rows
    np.multiply(g, weight, out=h)
    h *= scale
    gx = _without_parts(h, d, along * scale * scale * scale, common * scale, axes)
    return gx, gw.reshape(shape), gb.reshape(shape)


def _without_parts(h: Any, d: Any, along: Any, common: Any, axes: Axes) -> np.ndarray:
    """``h - common / n - d * along / n``, in the memory of h."""
    n = shapes.count(d.shape, axes)
    h = np.asarray(h)
    h += d * (along / -n)
    h -= common / n
    return h
