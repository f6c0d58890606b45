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
