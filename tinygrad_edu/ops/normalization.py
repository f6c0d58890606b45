"""The one op behind batch, layer, group and instance normalization, alone and with weight and bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from ..shapes import Axes
from .elementwise import sqrt
from .reduction import var

Operand = Any

_LONGEST = 4096  # numbers that a plain sum in float32 adds up well; beyond, NumPy's pairwise sum


def _runs(shape: shapes.Shape, axes: Axes) -> tuple[shapes.Shape, tuple[int, ...]]:
    """`shape` with the last axes, those within `axes`, laid out as one (of length 1 if there are none); other axes."""
    within = shapes.normal_axes(axes, len(shape))
    first = len(shape)
    while first and first - 1 in within:
        first -= 1
    return (*shape[:first], shapes.count(shape[first:])), tuple(k for k in within if k < first)


def _sums(x: np.ndarray, axes: Axes) -> Any:
    """The sums over `axes`, which stay with length 1.

    Over the last axes by BLAS, which takes a quarter of the time of ``np.add.reduce`` for rows of 128.
    """
    lines, others = _runs(x.shape, axes)
    if 1 < lines[-1] <= _LONGEST:
        rows = x.reshape(lines) @ np.ones(lines[-1], x.dtype)
        return np.add.reduce(rows, axis=others).reshape(shapes.kept_shape(x.shape, axes))
    return np.add.reduce(x, axis=axes, keepdims=True)


def _dots(a: np.ndarray, b: np.ndarray, axes: Axes) -> Any:
    """The sums of ``a * b`` over `axes`, which stay with length 1; without an array of the products where possible."""
    lines, others = _runs(a.shape, axes)
    kept = shapes.kept_shape(a.shape, axes)
    if 1 < lines[-1] <= _LONGEST:
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
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    n = shapes.count(x.shape, axes)
    mean = _sums(x, axes) / n
    y = x - mean
    return mean, _dots(y, y, axes) / n


def _standardized(x: np.ndarray, axes: Axes, eps: float, centred: bool = True) -> tuple[np.ndarray, Any]:
    """The result, and ``1 / std`` for the way back."""
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    n = shapes.count(x.shape, axes)
    if not n:
        raise ValueError(
            f"standardize: expected at least one element over axes {axes}, but got shape {x.shape}. Skip empty batches."
        )
    y = np.asarray(x - _sums(x, axes) / n) if centred else x
    scale = 1 / np.sqrt(_dots(y, y, axes) / n + eps)
    return np.multiply(y, scale, out=y) if centred else np.asarray(y * scale), scale


def _gradient(g: Any, y: Any, scale: Any, axes: Axes, along: Any, common: Any) -> Any:
    """``(g - common / n - y * along / n) * scale``: without the part along y, and without that along 1 unless None."""
    n = shapes.count(y.shape, axes)
    gx = np.asarray(y * (along / -n))
    gx += g
    if common is not None:
        gx -= common / n
    gx *= scale
    return gx


def _pulled_back(g: Any, y: Any, scale: Any, axes: Axes) -> Any:
    """The formula of `standardize`, with the ``1 / std`` that the forward saved."""
    return _gradient(g, y, scale, axes, _dots(g, y, axes), _sums(g, axes))


def centred_gradient(g: Any, y: Any, axes: Axes) -> Any:
    """`g` without its part along 1 and its part along `y`, which standardizing takes away."""
    return g - g.mean(axes, keepdims=True) - y * (g * y).mean(axes, keepdims=True)


@differentiable(
    lambda g, y, x, axes, eps: centred_gradient(g, y, axes) / sqrt(var(x, axes, keepdims=True) + eps),
    saving=_standardized,
    joint=lambda g, y, scale, x, axes, eps: (_pulled_back(g, y, scale, axes),),
)
def standardize(x: Operand, axes: Axes = None, eps: float = 1e-5) -> Any:
    """``(x - mean) / sqrt(var + eps)`` over `axes`: mean 0, and variance 1 but for eps.

    Batch, layer, group and instance normalization are this op over different axes.

    Gradient: ``(g - mean(g) - y * mean(g * y)) / sqrt(var + eps)``.

    Parameters
    ----------
    x : Tensor or array
    axes : int, tuple of ints or None
        What one mean and one variance are taken over; None for all elements.
    eps : float
        What is added to the variance, so that a constant becomes 0.

    Raises
    ------
    ValueError
        If there is nothing to take a mean of.

    References
    ----------
    Ioffe, Szegedy: Batch normalization, 2015. Ba, Kiros, Hinton: Layer normalization, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.standardize(tg.Tensor([1.0, 2.0, 3.0]), eps=0.0).round(4)
    Tensor([-1.2247,  0.    ,  1.2247])
    """
    return _standardized(x, axes, eps)[0]


@differentiable(
    lambda g, y, x, axes, eps: (g - y * (g * y).mean(axes, keepdims=True)) / _root(x, axes, eps),
    saving=lambda x, axes, eps: _standardized(x, axes, eps, centred=False),
    joint=lambda g, y, scale, x, axes, eps: (_gradient(g, y, scale, axes, _dots(g, y, axes), None),),
)
def scale_to_unit(x: Operand, axes: Axes, eps: float) -> Any:
    """``x / sqrt(mean(x**2) + eps)`` over `axes`: root mean square 1 but for eps, what RMS normalization does.

    Gradient: ``(g - y * mean(g * y)) / sqrt(mean(x**2) + eps)``.

    References
    ----------
    Zhang, Sennrich: Root mean square layer normalization, 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.normalization import scale_to_unit
    >>> scale_to_unit(np.array([1.0, 7.0]), 0, 0.0)
    array([0.2, 1.4])
    """
    return _standardized(x, axes, eps, centred=False)[0]


def _root(x: Any, axes: Axes, eps: float) -> Any:
    return sqrt((x * x).mean(axes, keepdims=True) + eps)


def _weighted(x: Any, weight: Any, bias: Any, axes: Axes, eps: float) -> tuple[np.ndarray, Any]:
    """The result, and what `standardize` gave, which is most of the way back."""
    z, scale = _standardized(x, axes, eps)
    y = np.asarray(z * weight)
    return (y if bias is None else np.add(y, bias, out=y)), (z, scale)


def _over_samples(g: Any, z: Any, shape: shapes.Shape) -> tuple[Any, Any]:
    """The sums of ``g * z`` and of g over the first axes, for weights of `shape`, that of the last axes."""
    rows = (shapes.count(z.shape[: z.ndim - len(shape)]), shapes.count(shape))
    g, z = g.reshape(rows), z.reshape(rows)
    return np.einsum("nc,nc->c", g, z).reshape(shape), (np.ones(rows[0], g.dtype) @ g).reshape(shape)


def _jointly(g: Any, saved: Any, weight: Any, bias: Any, axes: Axes) -> tuple[Any, Any, Any]:
    """The gradients of `standardize_affine`; the engine sums over what weight and bias were stretched along."""
    z, scale = saved
    wide = (1,) * (z.ndim - weight.ndim) + weight.shape
    if any(wide[k] != 1 for k in shapes.normal_axes(axes, z.ndim)):  # layer norm: a weight for each place
        gx = _pulled_back(g * weight, z, scale, axes)
        whole = weight.shape == z.shape[z.ndim - weight.ndim :] and (bias is None or bias.shape == weight.shape)
        return gx, *(_over_samples(g, z, weight.shape) if whole else (g * z, g))
    along, common = _dots(g, z, axes), _sums(g, axes)  # batch norm: these sums are the gradients of weight and bias
    return _gradient(g, z, scale * weight, axes, along, common), along, common


@differentiable(
    lambda g, y, x, weight, bias, axes, eps: (
        centred_gradient(g * weight, standardize(x, axes, eps), axes) / sqrt(var(x, axes, keepdims=True) + eps)
    ),
    lambda g, y, x, weight, bias, axes, eps: g * standardize(x, axes, eps),
    lambda g, y, x, weight, bias, axes, eps: g,
    saving=_weighted,
    joint=lambda g, y, saved, x, weight, bias, axes, eps: _jointly(g, saved, weight, bias, axes),
)
def standardize_affine(x: Operand, weight: Operand, bias: Operand, axes: Axes, eps: float = 1e-5) -> Any:
    """``standardize(x, axes, eps) * weight + bias``: what a normalization layer does, in one step.

    Gradient: that of `standardize` at ``g * weight`` for x, ``g * standardize(x)`` for weight, and g for bias.

    Parameters
    ----------
    x : Tensor or array
    weight : Tensor or array
        It broadcasts to the shape of x.
    bias : Tensor or array, optional
        As weight.
    axes, eps
        As in `standardize`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.normalization import standardize_affine
    >>> x, w, b = np.array([1.0, 3.0]), np.array([10.0, 20.0]), np.array([5.0, 5.0])
    >>> standardize_affine(x, w, b, axes=0, eps=0.0)
    array([-5., 25.])
    """
    return _weighted(x, weight, bias, axes, eps)[0]
