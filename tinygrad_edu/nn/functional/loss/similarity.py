"""Losses of pairs and triplets: what is alike shall be near, what is not shall be far."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ....ops.elementwise import sqrt
from ....ops.loss import Reduction, check_reduction, reduced
from ....ops.operands import detached, operands, required
from ....ops.selection import clip, minimum, where
from ...checks import check_numbers
from ..distance import pairwise_distance
from .arguments import check_above, check_one_shape, check_retired, check_signs

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array
Distance = Callable[[Any, Any], Any]

TINY = 1e-12  # added to squared lengths, as in PyTorch, so that the cosine of a vector of zeros is 0


def _triplets(
    name: str, triplet: tuple[Any, Any, Any], distance: Distance, margin: float, swap: bool, reduction: Reduction
) -> Any:
    """``max(0, margin + d(a, p) - d(a, n))``, the last also d(p, n) if that is smaller and `swap` is set."""
    anchor, positive, negative = operands(*triplet)
    check_reduction(name, reduction)
    check_above(name, "a margin", margin)
    check_one_shape(name, anchor=anchor, positive=positive, negative=negative)
    far = distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clip(margin + distance(anchor, positive) - far, 0.0, None), reduction)


def triplet_margin_loss(
    anchor: Operand,
    positive: Operand,
    negative: Operand,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The mean of ``max(0, margin + d(anchor, positive) - d(anchor, negative))``, with d a distance of vectors.

    So the positive shall be nearer to the anchor than the negative, by a margin.

    Gradient: by composition; where the cost is just 0 that of the sum within.

    Parameters
    ----------
    anchor, positive, negative : Tensor or array of one shape, (..., d)
    margin : float above 0
    p : float
        The distance is `pairwise_distance`, ``sum(abs(a - b + eps)**p)**(1 / p)``.
    eps : float
    swap : bool
        Whether d(positive, negative) takes the place of d(anchor, negative) where it is smaller.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, or the margin is not above 0.

    References
    ----------
    Balntas et al., Learning local feature descriptors with triplets and shallow convolutional neural networks, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.triplet_margin_loss(tg.Tensor([0.0, 0.0]), tg.Tensor([3.0, 4.0]), tg.Tensor([0.0, 2.0])).round(4)
    Tensor(4.)
    """
    name = "triplet_margin_loss"
    check_retired(name, size_average, reduce)
    distance = functools.partial(pairwise_distance, p=p, eps=eps)
    return _triplets(name, (anchor, positive, negative), distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Operand,
    positive: Operand,
    negative: Operand,
    *,
    distance_function: Distance | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Tensor:
    """`triplet_margin_loss` with a distance of your own.

    Parameters
    ----------
    distance_function : callable, optional
        ``distance_function(a, b)`` of two batches is a distance for each pair, made of ops; without it
        `pairwise_distance`. The other parameters are those of `triplet_margin_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> a, p, n = tg.Tensor([[0.0, 0.0]]), tg.Tensor([[3.0, 4.0]]), tg.Tensor([[0.0, 2.0]])
    >>> F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda a, b: abs(a - b).sum(-1))
    Tensor(6.)
    """
    name, distance = "triplet_margin_with_distance_loss", distance_function or pairwise_distance
    return _triplets(name, (anchor, positive, negative), distance, margin, swap, reduction)


def cosine_embedding_loss(
    input1: Operand,
    input2: Operand,
    target: Operand,
    margin: float = 0,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The mean of ``1 - cos`` for vectors that are alike (1), and ``max(0, cos - margin)`` for others (-1).

    The cosine is ``sum(a * b) / sqrt((sum(a**2) + 1e-12) * (sum(b**2) + 1e-12))``: 0 for a vector of zeros.

    Gradient: by composition; where the cost is just 0 that of the difference within.

    Parameters
    ----------
    input1, input2 : Tensor or array of one shape, (n, d) or (d,)
    target : Tensor or array, (n,) or ()
        1 for pairs that are alike, -1 for others.
    margin : float in -1..1
        How small the cosine of the others shall be.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes do not fit, or a target is neither 1 nor -1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> a, b = tg.Tensor([[1.0, 0.0], [1.0, 0.0]]), tg.Tensor([[3.0, 4.0], [3.0, 4.0]])
    >>> F.cosine_embedding_loss(a, b, tg.Tensor([1, -1]), reduction="none").round(4)
    Tensor([0.4, 0.6])
    """
    name = "cosine_embedding_loss"
    check_retired(name, size_average, reduce)
    input1, input2, target = operands(input1, input2, target)
    check_reduction(name, reduction)
    required(name, target=target)
    check_numbers(name, margin=margin)
    check_one_shape(name, input1=input1, input2=input2)
    if input1.ndim not in (1, 2) or target.shape != input1.shape[:-1]:
        raise ValueError(
            f"{name}: expected inputs (n, d) and targets (n,), or (d,) and (), but got inputs {input1.shape} and "
            f"targets {target.shape}."
        )
    check_signs(name, target)
    squares = ((input1 * input1).sum(-1) + TINY) * ((input2 * input2).sum(-1) + TINY)
    cosine = (input1 * input2).sum(-1) / sqrt(squares)
    return reduced(where(detached(target) == 1, 1 - cosine, clip(cosine - margin, 0.0, None)), reduction)
