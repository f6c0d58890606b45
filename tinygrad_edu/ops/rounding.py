"""Rounding: steps, which have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import nondifferentiable

Operand = Any


@nondifferentiable()
def round(a: Operand, decimals: int = 0) -> Any:
    """The nearest number of `decimals` digits after the point; from the middle to the even one, as in NumPy.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.round(tg.Tensor([0.5, 1.5, 2.345]), 1)
    Tensor([0.5, 1.5, 2.3])
    """
    return np.round(a, decimals)
