"""Ops that choose: each element of the result is one element of an input."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import differentiable

Operand = Any


@differentiable(
    None,
    lambda g, y, condition, a, b: where(condition, g, 0.0),
    lambda g, y, condition, a, b: where(condition, 0.0, g),
    kind="selection",
)
def where(condition: Operand, a: Operand, b: Operand) -> Any:
    """``a`` where `condition` is true, ``b`` elsewhere.

    Gradient: ``g`` to the one that was taken, 0 to the other.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, -2.0])
    >>> tg.where(x > 0, x, 0)
    Tensor([1., 0.])
    """
    return np.where(condition, a, b)


@differentiable(
    lambda g, y, a, b: where(a == b, g / 2, where(a < b, 0.0, g)),
    lambda g, y, a, b: where(a == b, g / 2, where(b < a, 0.0, g)),
    kind="selection",
)
def maximum(a: Operand, b: Operand) -> Any:
    """The greater of ``a`` and ``b``, elementwise; NaN where one is NaN.

    Gradient: to the one that was taken; at a tie half to each.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.maximum(tg.Tensor([1.0, -2.0]), 0)
    Tensor([1., 0.])
    """
    return np.maximum(a, b)


@differentiable(
    lambda g, y, a, b: where(a == b, g / 2, where(a > b, 0.0, g)),
    lambda g, y, a, b: where(a == b, g / 2, where(b > a, 0.0, g)),
    kind="selection",
)
def minimum(a: Operand, b: Operand) -> Any:
    """The smaller of ``a`` and ``b``, elementwise; NaN where one is NaN.

    Gradient: to the one that was taken; at a tie half to each.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.minimum(tg.Tensor([1.0, -2.0]), 0)
    Tensor([ 0., -2.])
    """
    return np.minimum(a, b)
