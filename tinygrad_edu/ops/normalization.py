"""The one op behind batch, layer, group and instance normalization, alone and with weight and bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from ..shapes import Axes
from .elementwise import sqrt
from .normalizing import dots, floating, pulled_back, pulled_back_affine, standardized
from .reduction import var

Operand = Any


def _scaled(x: Any, axes: Axes, eps: float) -> tuple[np.ndarray, Any]:
    """`x` over its root mean square, and what it was multiplied with."""
    x = floating(x)
    n = shapes.count(x.shape, axes)
    if not n:
        raise ValueError(
            f"scale_to_unit: expected at least one element over axes {axes}, but got shape {x.shape}. "
            f"Skip empty batches."
        )
    scale = 1 / np.sqrt(dots(x, x, axes) / n + eps)
    return np.asarray(x * scale), scale


def _through_scale(g: Any, y: Any, scale: Any, axes: Axes) -> np.ndarray:
    """``(g - y * mean(g * y)) * scale``."""
    gx = np.asarray(y * (dots(g, y, axes) / -shapes.count(y.shape, axes)))
    gx += g
    gx *= scale
    return gx


def centred_gradient(g: Any, y: Any, axes: Axes) -> Any:
    """`g` without its part along 1 and its part along `y`, which standardizing takes away."""
    return g - g.mean(axes, keepdims=True) - y * (g * y).mean(axes, keepdims=True)


@differentiable(
    lambda g, y, x, axes, eps: centred_gradient(g, y, axes) / sqrt(var(x, axes, keepdims=True) + eps),
    saving=lambda x, axes, eps: standardized(x, None, None, axes, eps),
    joint=lambda g, y, saved, x, axes, eps: (pulled_back(g, saved, axes),),
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
    return standardized(x, None, None, axes, eps)[0]


@differentiable(
    lambda g, y, x, axes, eps: (g - y * (g * y).mean(axes, keepdims=True)) / _root(x, axes, eps),
    saving=_scaled,
    joint=lambda g, y, scale, x, axes, eps: (_through_scale(g, y, scale, axes),),
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
    return _scaled(x, axes, eps)[0]


def _root(x: Any, axes: Axes, eps: float) -> Any:
    return sqrt((x * x).mean(axes, keepdims=True) + eps)


@differentiable(
    lambda g, y, x, weight, bias, axes, eps: (
        centred_gradient(g * weight, standardize(x, axes, eps), axes) / sqrt(var(x, axes, keepdims=True) + eps)
    ),
    lambda g, y, x, weight, bias, axes, eps: g * standardize(x, axes, eps),
    lambda g, y, x, weight, bias, axes, eps: g,
    saving=standardized,
    joint=lambda g, y, saved, x, weight, bias, axes, eps: pulled_back_affine(g, saved, weight, bias, axes),
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
    return standardized(x, weight, bias, axes, eps)[0]
