"""Linear algebra, by the names of `numpy.linalg`: every function takes Tensors or arrays and is differentiable.

A matrix is what the last two axes hold; all axes before them are matrices side by side. Not here: `eig` and its kin,
whose results are complex.
"""

from __future__ import annotations

from typing import Any

from .ops import diagonals, products
from .ops.chains import cross as _cross
from .ops.chains import matrix_power, multi_dot, vecdot
from .ops.decompositions import cholesky, eigh, eigvalsh, qr, svd, svdvals
from .ops.linalg import matmul
from .ops.norms import cond, matrix_norm, norm, vector_norm
from .ops.operands import alike
from .ops.products import tensordot
from .ops.shape import matrix_transpose
from .ops.solving import det, inv, lstsq, matrix_rank, pinv, slogdet, solve

__all__ = [
    "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq", "matmul", "matrix_norm",
    "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer", "pinv", "qr", "slogdet", "solve",
    "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]  # fmt: skip


def cross(x1: Any, x2: Any, axis: int = -1) -> Any:
    """The vector product of vectors of three elements along `axis`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.cross(tg.Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    return _cross(x1, x2, axis=axis)


def diagonal(x: Any, offset: int = 0) -> Any:
    """The diagonals of matrices: over the last two axes, where `tinygrad_edu.diagonal` takes the first.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.diagonal(tg.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    Tensor([[1., 4.]])
    """
    return diagonals.diagonal(x, offset, -2, -1)


def outer(x1: Any, x2: Any) -> Any:
    """All products of an element of one vector and an element of another.  (n,), (m,) -> (n, m)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.outer(tg.Tensor([1.0, 2.0]), [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    x1, x2 = alike(x1, x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(
            f"outer: expected two vectors, but got x1 {x1.shape} and x2 {x2.shape}. tg.outer ravels what it is given."
        )
    return products.outer(x1, x2)


def trace(x: Any, offset: int = 0, dtype: Any = None) -> Any:
    """The sums of the diagonals of matrices: over the last two axes, where `tinygrad_edu.trace` takes the first.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.trace(tg.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    Tensor([5.])
    """
    return diagonals.trace(x, offset, -2, -1, dtype)
