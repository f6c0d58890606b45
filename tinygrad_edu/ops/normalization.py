"""The one op behind batch, layer, group and instance normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from ..shapes import Axes
from .elementwise import sqrt
from .reduction import var

Operand = Any


def _standardized(x: np.ndarray, axes: Axes, eps: float) -> tuple[Any, Any]:
    """The result, and ``1 / std`` for the way back."""
    n = shapes.count(x.shape, axes)
    if not n:
        raise ValueError(
            f"standardize: expected at least one element over axes {axes}, but got shape {x.shape}. Skip empty batches."
        )
    y = x - np.add.reduce(x, axis=axes, keepdims=True) / n
    scale = 1 / np.sqrt(np.add.reduce(y * y, axis=axes, keepdims=True) / n + eps)
    return np.multiply(y, scale, out=y if isinstance(y, np.ndarray) else None), scale


def _gradient(g: Any, y: Any, scale: Any, axes: Axes) -> Any:
    """The formula of `standardize`, with the ``1 / std`` that the forward saved."""
    n = shapes.count(y.shape, axes)
    shared = np.add.reduce(g * y, axis=axes, keepdims=True) / n
    gx = g - y * shared
    gx -= np.add.reduce(g, axis=axes, keepdims=True) / n
    gx *= scale
    return gx


def centred(g: Any, y: Any, axes: Axes) -> Any:
    """`g` without its part along 1 and its part along `y`, which standardizing takes away."""
    return g - g.mean(axes, keepdims=True) - y * (g * y).mean(axes, keepdims=True)


@differentiable(
    lambda g, y, x, axes, eps: centred(g, y, axes) / sqrt(var(x, axes, keepdims=True) + eps),
    saving=_standardized,
    joint=lambda g, y, scale, x, axes, eps: (_gradient(g, y, scale, axes),),
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
