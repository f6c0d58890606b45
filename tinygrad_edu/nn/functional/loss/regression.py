"""Losses between an output and the number it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....ops import loss
from ....ops.loss import Reduction, check_reduction, reduced, weighted_mean
from ....ops.operands import operands
from ...checks import check_numbers
from .arguments import check_one_shape, check_retired

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def _weighted(op: Any, input: Operand, target: Operand, weight: Operand, reduction: Reduction) -> Any:
    """The loss of `op`; with a weight for each element the mean is ``sum(w * loss) / sum(w)``."""
    if weight is None:
        return op(input, target, reduction)
    input, target, weight = operands(input, target, weight)
    check_one_shape(op.__name__, input=input, weight=weight)
    check_reduction(op.__name__, reduction)
    losses = op(input, target, "none") * weight
    return weighted_mean(losses, weight) if reduction == "mean" else reduced(losses, reduction)


def mse_loss(
    input: Operand,
    target: Operand,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    weight: Operand = None,
) -> Tensor:
    """The mean squared error, ``mean((input - target)**2)``.

    Gradient: ``g * 2 * (input - target) / n`` for `input`, its negative for `target`.

    Parameters
    ----------
    input, target : Tensor or array of one shape; the target may also be a number
    size_average, reduce : None
        Retired arguments of PyTorch, which keep their place: `reduction` says it.
    reduction : {"mean", "sum", "none"}
        The mean of an empty batch is NaN, its sum 0.
    weight : Tensor or array of the same shape, optional
        A factor for each element. The mean is then weighted, ``sum(w * loss) / sum(w)``.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.mse_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]), weight=tg.Tensor([1.0, 3.0]))
    Tensor(3.)
    """
    check_retired("mse_loss", size_average, reduce)
    return _weighted(loss.mse_loss, input, target, weight, reduction)


def l1_loss(
    input: Operand,
    target: Operand,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    weight: Operand = None,
) -> Tensor:
    """The mean absolute error, ``mean(abs(input - target))``.

    Gradient: ``g * sign(input - target) / n`` for `input`, its negative for `target`; 0 where they are equal.

    The parameters are those of `mse_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.l1_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(1.)
    """
    check_retired("l1_loss", size_average, reduce)
    return _weighted(loss.l1_loss, input, target, weight, reduction)


def huber_loss(
    input: Operand, target: Operand, reduction: Reduction = "mean", delta: float = 1.0, weight: Operand = None
) -> Tensor:
    """The mean of ``e**2 / 2`` for errors e up to `delta`, and of ``delta * (abs(e) - delta / 2)`` beyond.

    A square that goes on as a straight line, so that far outliers do not count more and more.

    Gradient: ``g * clip(input - target, -delta, delta) / n`` for `input`, its negative for `target`.

    Parameters
    ----------
    input, target : Tensor or array of one shape; the target may also be a number
    reduction : {"mean", "sum", "none"}
    delta : float above 0
    weight : Tensor or array of the same shape, optional
        A factor for each loss. The mean stays that over the number of losses, as in PyTorch; that of `mse_loss` is
        weighted.

    Raises
    ------
    ValueError
        If the shapes differ, or delta is not above 0.

    References
    ----------
    Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.huber_loss(tg.Tensor([0.5, 3.0]), tg.Tensor([0.0, 0.0]), reduction="none")
    Tensor([0.125, 2.5  ])
    """
    check_numbers("huber_loss", delta=delta)
    if weight is None:
        return loss.huber_loss(input, target, reduction, delta)
    input, target, weight = operands(input, target, weight)
    check_one_shape("huber_loss", input=input, weight=weight)
    check_reduction("huber_loss", reduction)
    return reduced(loss.huber_loss(input, target, "none", delta) * weight, reduction)


def smooth_l1_loss(
    input: Operand,
    target: Operand,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> Tensor:
    """The mean of ``e**2 / (2 * beta)`` for errors e up to `beta`, and of ``abs(e) - beta / 2`` beyond.

    It is `huber_loss` with ``delta=beta``, divided by beta; for beta 0 it is `l1_loss`.

    Gradient: ``g * clip((input - target) / beta, -1, 1) / n`` for `input`, its negative for `target`.

    Parameters
    ----------
    input, target : Tensor or array of one shape; the target may also be a number
    reduction : {"mean", "sum", "none"}
    beta : float of at least 0

    Raises
    ------
    ValueError
        If the shapes differ, or beta is negative.

    References
    ----------
    Girshick, Fast R-CNN, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.smooth_l1_loss(tg.Tensor([0.5, 3.0]), tg.Tensor([0.0, 0.0]), reduction="none", beta=0.5)
    Tensor([0.25, 2.75])
    """
    check_retired("smooth_l1_loss", size_average, reduce)
    check_numbers("smooth_l1_loss", beta=beta)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: expected beta of at least 0, but got {beta!r}.")
    loss.check_pair("smooth_l1_loss", input, target, reduction)
    return loss.huber_loss(input, target, reduction, beta) / beta if beta else loss.l1_loss(input, target, reduction)
