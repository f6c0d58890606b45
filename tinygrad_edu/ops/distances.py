"""Distances of all vectors to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .norms import vector_norm
from .operands import alike

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def cdist(x1: Operand, x2: Operand, p: float = 2.0) -> Tensor:
    """The distance of each vector of one set to each of another: ``y[i, j] = |x1[i] - x2[j]|``, the p-norm.

    (..., m, d), (..., n, d) -> (..., m, n)

    Gradient: that of the norm; 0 where the distance is 0.

    Parameters
    ----------
    x1, x2 : Tensors or arrays, (..., m, d) and (..., n, d)
        The axes before the last two broadcast.
    p : float
        The exponent of the norm, ``sum(|x|**p)**(1 / p)``; see `linalg.vector_norm`.

    Raises
    ------
    ValueError
        If an array has less than two axes, the vectors are not of one length, or p is negative.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cdist(tg.Tensor([[0.0, 0.0], [3.0, 0.0]]), tg.Tensor([[3.0, 4.0]]))
    Tensor([[5.],
            [4.]])
    """
    x1, x2 = alike(x1, x2)
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ValueError(
            f"cdist: expected sets of vectors of one length, (..., m, d) and (..., n, d), but got x1 {x1.shape} and x2 "
            f"{x2.shape}. A single vector is a set of one: x[None]."
        )
    if p < 0:
        raise ValueError(f"cdist: expected a p of at least 0, but got {p!r}.")
    return vector_norm(x1[..., :, None, :] - x2[..., None, :, :], axis=-1, ord=p)
