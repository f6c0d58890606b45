"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable

Operand = Any


def _matmul_a(g: Any, a: Any, b: Any) -> Any:
    """``g @ b.mT``, with the axes that a vector lacks put in for the product and taken out again."""
    if b.ndim == 1:
        return g[..., None] * b  # (..., n), (k) -> (..., n, k)
    if a.ndim == 1:
        return (g[..., None, :] @ b.mT)[..., 0, :]  # (..., 1, m) @ (..., m, k) -> (..., k)
    return g @ b.mT


def _matmul_b(g: Any, a: Any, b: Any) -> Any:
    """``a.mT @ g``, likewise."""
    if a.ndim == 1:
        return a * g if b.ndim == 1 else a[:, None] * g[..., None, :]  # (k, 1) * (..., 1, m) -> (..., k, m)
    if b.ndim == 1:
        return (a.mT @ g[..., None])[..., 0]  # (..., k, n) @ (..., n, 1) -> (..., k)
    return a.mT @ g


@differentiable(
    lambda g, y, a, b: _matmul_a(g, a, b),
    lambda g, y, a, b: _matmul_b(g, a, b),
    symbol="@",
    explain=shapes.matmul_error,
)
def matmul(a: Operand, b: Operand) -> Any:
    """The matrix product over the last two axes; leading axes broadcast.  (..., n, k), (..., k, m) -> (..., n, m)

    A vector is taken as one row on the left, as one column on the right, and that axis is left out of the result.

    Gradient: ``g @ b.mT`` for a and ``a.mT @ g`` for b.

    Raises
    ------
    ValueError
        If the last axis of a is not as long as the second-to-last of b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.matmul(tg.ones((2, 3)), tg.ones((3,)))
    Tensor([3., 3.])
    """
    return np.matmul(a, b)
