"""How alike vectors are, how far apart, and vectors of length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ops.norms import vector_norm
from ...ops.operands import alike, checked_axis, detached
from ...ops.selection import clip
from ...ops.shape import broadcast_to
from ..checks import check_numbers, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def _pair(name: str, x1: Operand, x2: Operand) -> list[Any]:
    """Both in one dtype, if their shapes broadcast together."""
    shapes = shape_of(name, x1), shape_of(name, x2)
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(
            f"{name}: expected shapes that broadcast together, but got x1 {shapes[0]} and x2 {shapes[1]}. Insert axes "
            f"of length 1 to compare all with all: x1[:, None], x2[None]."
        ) from None
    return alike(x1, x2)


def cosine_similarity(x1: Operand, x2: Operand, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors: ``sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps))`` along `dim`.

    Gradient: that of the formula without eps, also where a length was below it, as in PyTorch; lengths have the
    derivative 0 at 0.

    Parameters
    ----------
    x1, x2 : Tensors or arrays, whose shapes broadcast
    dim : int
        The axis of the vectors, once the shapes are broadcast; it is not in the result.
    eps : float
        The least length that is divided by.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.cosine_similarity(tg.Tensor([[1.0, 0.0], [1.0, 1.0]]), tg.Tensor([[0.0, 2.0], [3.0, 3.0]])).round(4)
    Tensor([0., 1.])
    """
    x1, x2 = _pair("cosine_similarity", x1, x2)
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    axis = checked_axis("cosine_similarity", dim, shape)
    x1, x2 = (x if x.shape == shape else broadcast_to(x, shape) for x in (x1, x2))
    return (_direction(x1, axis, eps) * _direction(x2, axis, eps)).sum(axis)


def _direction(x: Any, axis: int, eps: float) -> Any:
    """`x` divided by its length, to which a constant is added where it is below `eps`."""
    length = vector_norm(x, axis=axis, keepdims=True)
    found = detached(length)
    return x / (length + (np.maximum(found, found.dtype.type(eps)) - found))


def pairwise_distance(x1: Operand, x2: Operand, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The distance of vectors: the p-norm of ``x1 - x2 + eps`` along the last axis.  (..., d), (..., d) -> (...)

    Gradient: that of the norm; 0 where the norm is 0.

    Parameters
    ----------
    x1, x2 : Tensors or arrays, whose shapes broadcast
    p : float
        The exponent of the norm, ``sum(|x|**p)**(1 / p)``; see `linalg.vector_norm`.
    eps : float
        What is added to each difference, so that there is a derivative where they are 0.
    keepdim : bool
        Whether the last axis stays, with length 1.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.pairwise_distance(tg.Tensor([[1.0, 2.0]]), tg.Tensor([[4.0, 6.0]]), eps=0.0)
    Tensor([5.])
    """
    x1, x2 = _pair("pairwise_distance", x1, x2)
    check_numbers("pairwise_distance", p=p, eps=eps)
    return vector_norm(x1 - x2 + eps, axis=-1, keepdims=keepdim, ord=p)


def pdist(input: Operand, p: float = 2.0) -> Tensor:
    """The distances between the rows of a matrix, each pair once: (0, 1), (0, 2), ... (1, 2), ...  (n, d) -> (m)

    Gradient: that of the norm; 0 where the distance is 0.

    Parameters
    ----------
    input : Tensor or array, (n, d)
    p : float
        The exponent of the norm, ``sum(|x|**p)**(1 / p)``; see `linalg.vector_norm`.

    Raises
    ------
    ValueError
        If the input is no matrix, or p is negative.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.pdist(tg.Tensor([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]))
    Tensor([3., 5., 4.])
    """
    shape = shape_of("pdist", input)
    if len(shape) != 2:
        raise ValueError(f"pdist: expected a matrix (n, d), but got shape {shape}. For batches there is tg.cdist.")
    check_numbers("pdist", p=p)
    if p < 0:
        raise ValueError(f"pdist: expected a p of at least 0, but got {p!r}.")
    i, j = np.triu_indices(shape[0], 1)
    return vector_norm(input[i] - input[j], axis=-1, ord=p)


def normalize(input: Operand, p: float = 2.0, dim: int | Sequence[int] = 1, eps: float = 1e-12) -> Tensor:
    """Vectors of length 1: ``x / max(norm(x), eps)`` along `dim`.

    Gradient: that of the formula; the norm has no part in it where it is below eps.

    Parameters
    ----------
    input : Tensor or array
    p : float
        The exponent of the norm, ``sum(|x|**p)**(1 / p)``; see `linalg.vector_norm`.
    dim : int or sequence of ints
        The axis of the vectors, or axes.
    eps : float
        The least norm that is divided by.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.normalize(tg.Tensor([[3.0, 4.0], [0.0, 0.0]]))
    Tensor([[0.6, 0.8],
            [0. , 0. ]])
    """
    shape_of("normalize", input)
    axis = dim if isinstance(dim, (int, np.integer)) else tuple(dim)
    return input / clip(vector_norm(input, axis=axis, keepdims=True, ord=p), eps, None)
