"""Losses of answers of yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....ops import loss
from ....ops.activation import softplus
from ....ops.loss import Reduction, check_pair, reduced
from ....ops.operands import operands
from .arguments import check_retired, check_signs

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def binary_cross_entropy(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The cross-entropy of probabilities of "yes", ``-mean(t * log(p) + (1 - t) * log(1 - p))``.

    `tg.binary_cross_entropy` with PyTorch's order of arguments: see there.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.binary_cross_entropy(tg.Tensor([0.5, 0.0]), tg.Tensor([1.0, 1.0]), reduction="none").round(4)
    Tensor([  0.6931, 100.    ])
    """
    check_retired("binary_cross_entropy", size_average, reduce)
    return loss.binary_cross_entropy(input, target, weight, reduction)


def binary_cross_entropy_with_logits(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    pos_weight: Operand = None,
) -> Tensor:
    """`binary_cross_entropy` of ``sigmoid(input)``, in one stable step: ``mean(log(1 + exp(x)) - x * t)``.

    `tg.binary_cross_entropy_with_logits` with PyTorch's order of arguments: see there.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.binary_cross_entropy_with_logits(tg.Tensor([0.0, 1000.0]), tg.Tensor([1.0, 0.0]), reduction="sum").round(2)
    Tensor(1000.69)
    """
    check_retired("binary_cross_entropy_with_logits", size_average, reduce)
    return loss.binary_cross_entropy_with_logits(input, target, weight, reduction, pos_weight)


def soft_margin_loss(
    input: Operand,
    target: Operand,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The cross-entropy of scores x with targets t of 1 and -1, ``mean(log(1 + exp(-t * x)))``.

    It is `binary_cross_entropy_with_logits` with -1 in place of 0, and finite for scores of any size.

    Gradient: ``-g * t * sigmoid(-t * x) / n`` for `input`.

    Parameters
    ----------
    input : Tensor or array
        Scores.
    target : Tensor or array of the same shape
        1 and -1.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, or a target is neither 1 nor -1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.soft_margin_loss(tg.Tensor([0.0, 100.0]), tg.Tensor([1.0, -1.0]), reduction="none").round(4)
    Tensor([  0.6931, 100.    ])
    """
    check_retired("soft_margin_loss", size_average, reduce)
    input, target = operands(input, target)
    check_pair("soft_margin_loss", input, target, reduction)
    check_signs("soft_margin_loss", target)
    return reduced(softplus(-target * input), reduction)
