"""Losses between an output and a target of the same shape, as single ops, with PyTorch's arguments and meaning.

A loss may be left as it is for each element (``reduction="none"``), summed, or averaged; the mean of an empty batch is
NaN, as in PyTorch, and its sum is 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .. import shapes
from ..engine import differentiable, is_tensor
from .activation import sigmoid, softplus
from .elementwise import sign
from .operands import detached, operands, required
from .selection import clip, maximum

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any
Reduction = Literal["mean", "sum", "none"]

SMALLEST = 1e-12  # no slope of a clamped logarithm is steeper than 1 / SMALLEST


def reduced(losses: Any, reduction: Reduction) -> Any:
    """The mean or the sum of `losses`, or all of them; the mean of nothing is NaN, as in PyTorch."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if not losses.size:
        return losses.sum() * math.nan
    return losses.mean() if is_tensor(losses) else losses.sum() / losses.size  # of arrays a fifth of mean's time


def weighted_mean(losses: Any, weights: Any) -> Any:
    """``sum(losses) / sum(weights)`` of losses that are weighted already; NaN where the weights are all 0."""
    total = weights.sum()
    return losses.sum() / total if detached(total) != 0 else losses.sum() * math.nan


def share(g: Any, losses: int, reduction: Reduction) -> Any:
    """What arrives at each of the losses, of the gradient `g` for the reduced one: the adjoint of `reduced`."""
    return g / float(losses or 1) if reduction == "mean" else g


def check_reduction(name: str, reduction: str, *more: str) -> None:
    """Raise for a reduction that does not exist; `more` are those that only this loss has."""
    if reduction not in ("mean", "sum", "none", *more):
        known = ", ".join(repr(r) for r in ("mean", "sum", *more))
        raise ValueError(f"{name}: expected reduction={known} or 'none', but got {reduction!r}.")


def check_pair(name: str, input: Any, target: Any, reduction: Reduction) -> None:
    """Raise also if the shapes differ: (n, 1) against (n,) would compare every sample with every other."""
    required(name, input=input, target=target)
    check_reduction(name, reduction)
    input, target = np.shape(input), np.shape(target)
    if input != target and target:
        raise ValueError(
            f"{name}: expected input and target of one shape, but got input {input} and target {target}. "
            f"Reshape one of them, e.g. target.reshape(input.shape)."
        )


def check_probabilities(name: str, what: str, p: Any) -> None:
    """Raise unless every element lies in 0..1."""
    p = np.asarray(p)
    if p.size and not (p.min() >= 0 and p.max() <= 1):  # written so that NaN raises, too
        place = np.unravel_index(int(np.argmin((p >= 0) & (p <= 1))), p.shape)
        shown = int(place[0]) if len(place) == 1 else tuple(map(int, place))
        raise ValueError(
            f"{name}: expected {what} in 0..1, but got {p[place]} at index {shown}. "
            f"Turn scores into probabilities first: sigmoid for one class, softmax for several."
        )


@differentiable(
    lambda g, y, input, target, reduction: share(g, input.size, reduction) * 2 * (input - target),
    lambda g, y, input, target, reduction: share(g, input.size, reduction) * 2 * (target - input),
)
def mse_loss(input: Operand, target: Operand, reduction: Reduction = "mean") -> Any:
    """The mean squared error, ``mean((input - target)**2)``.

    Gradient: ``g * 2 * (input - target) / n`` for `input`, its negative for `target`.

    Parameters
    ----------
    input, target : Tensor or array of one shape; the target may also be a number
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.mse_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(2.)
    """
    check_pair("mse_loss", input, target, reduction)
    error = np.subtract(input, target)
    return reduced(error * error, reduction)


@differentiable(
    lambda g, y, input, target, reduction: share(g, input.size, reduction) * sign(input - target),
    lambda g, y, input, target, reduction: share(g, input.size, reduction) * sign(target - input),
)
def l1_loss(input: Operand, target: Operand, reduction: Reduction = "mean") -> Any:
    """The mean absolute error, ``mean(abs(input - target))``.

    Gradient: ``g * sign(input - target) / n`` for `input`, its negative for `target`; 0 where they are equal.

    Parameters
    ----------
    input, target : Tensor or array of one shape; the target may also be a number
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.l1_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(1.)
    """
    check_pair("l1_loss", input, target, reduction)
    return reduced(np.absolute(np.subtract(input, target)), reduction)


@differentiable(
    lambda g, y, input, target, reduction, delta: share(g, input.size, reduction) * clip(input - target, -delta, delta),
    lambda g, y, input, target, reduction, delta: share(g, input.size, reduction) * clip(target - input, -delta, delta),
)
def huber_loss(input: Operand, target: Operand, reduction: Reduction = "mean", delta: float = 1.0) -> Any:
    """The mean of ``e**2 / 2`` for errors e up to `delta`, and of ``delta * (abs(e) - delta / 2)`` beyond.

    A square that goes on as a straight line. Both are ``c * (e - c / 2)`` with c the error clipped to -delta..delta.

    Gradient: ``g * clip(input - target, -delta, delta) / n`` for `input`, its negative for `target`; its own slope
    at the ends of the interval is that inside.

    Parameters
    ----------
    input, target : Tensor or array of one shape; the target may also be a number
    reduction : {"mean", "sum", "none"}
    delta : float above 0

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
    >>> tg.ops.loss.huber_loss(tg.Tensor([0.5, 3.0]), 0.0, "none")
    Tensor([0.125, 2.5  ])
    """
    check_pair("huber_loss", input, target, reduction)
    if not delta > 0:
        raise ValueError(f"huber_loss: expected a delta above 0, but got {delta!r}. For delta to 0 use l1_loss.")
    error = np.subtract(input, target)
    clipped = np.clip(error, -delta, delta)
    return reduced(clipped * (error - clipped / 2), reduction)


@differentiable(lambda g, y, x: g / maximum(x, SMALLEST))
def _clamped_log(x: Operand) -> Any:
    """The logarithm, but never below -100."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(x), -100)


@differentiable(
    lambda g, y, input, target, reduction: (
        share(g, input.size, reduction)
        * ((1 - target) / maximum(1 - input, SMALLEST) - target / maximum(input, SMALLEST))
    ),
    lambda g, y, input, target, reduction: (
        share(g, input.size, reduction) * (_clamped_log(1 - input) - _clamped_log(input))
    ),
)
def _binary_cross_entropy(input: Operand, target: Operand, reduction: Reduction) -> Any:
    losses = target * _clamped_log(input) + np.subtract(1, target) * _clamped_log(np.subtract(1, input))
    return reduced(0 - losses, reduction)  # not -losses: a loss of 0 is not to read -0


def binary_cross_entropy(
    input: Operand, target: Operand, weight: Operand = None, reduction: Reduction = "mean"
) -> Tensor:
    """The cross-entropy of probabilities of "yes", ``-mean(t * log(p) + (1 - t) * log(1 - p))``.

    Logarithms are taken to be at least -100, so that the loss is finite at 0 and 1. On scores,
    `binary_cross_entropy_with_logits` is exact where this is not.

    Gradient: ``g / n * ((1 - t) / (1 - p) - t / p)`` for `input`, whose denominators are taken to be at least 1e-12;
    ``g / n * (log(1 - p) - log(p))`` for `target`.

    Parameters
    ----------
    input : Tensor or array
        Probabilities p.
    target : Tensor or array of the same shape
        0 and 1, or anything between; may also be a number.
    weight : Tensor or array, optional
        A factor for each loss, of a shape that broadcasts.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, or for a number outside 0..1 or NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.binary_cross_entropy(tg.Tensor([0.5, 0.0]), tg.Tensor([1.0, 1.0]), reduction="none").round(4)
    Tensor([  0.6931, 100.    ])
    """
    input, target, weight = operands(input, target, weight)
    _check_targets("binary_cross_entropy", input, target, reduction)
    check_probabilities("binary_cross_entropy", "probabilities", detached(input))
    return _weighted(_binary_cross_entropy, input, target, weight, reduction)


@differentiable(
    lambda g, y, input, target, reduction: share(g, input.size, reduction) * (sigmoid(input) - target),
    lambda g, y, input, target, reduction: share(g, input.size, reduction) * -input,
)
def _binary_cross_entropy_with_logits(input: Operand, target: Operand, reduction: Reduction) -> Any:
    return reduced(softplus(input) - input * target, reduction)


def binary_cross_entropy_with_logits(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    reduction: Reduction = "mean",
    pos_weight: Operand = None,
) -> Tensor:
    """`binary_cross_entropy` of ``sigmoid(input)``, in one stable step: ``mean(log(1 + exp(x)) - x * t)``.

    Gradient: ``g / n * (sigmoid(x) - t)`` for `input`, ``-g / n * x`` for `target`.

    Parameters
    ----------
    input : Tensor or array
        Scores x of any size.
    target : Tensor or array of the same shape
        0 and 1, or anything between; may also be a number.
    weight : Tensor or array, optional
        A factor for each loss, of a shape that broadcasts.
    reduction : {"mean", "sum", "none"}
    pos_weight : Tensor or array, optional
        A factor for the losses of targets 1.

    Raises
    ------
    ValueError
        If the shapes differ, or for a target outside 0..1 or NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.binary_cross_entropy_with_logits(tg.Tensor([0.0, -100.0]), tg.Tensor([1.0, 1.0]), reduction="none").round(4)
    Tensor([  0.6931, 100.    ])
    """
    input, target, weight, pos_weight = operands(input, target, weight, pos_weight)
    _check_targets("binary_cross_entropy_with_logits", input, target, reduction)
    if pos_weight is None:
        return _weighted(_binary_cross_entropy_with_logits, input, target, weight, reduction)
    check_factor("binary_cross_entropy_with_logits", "pos_weight", pos_weight, input.shape)
    if weight is not None:
        check_factor("binary_cross_entropy_with_logits", "weight", weight, input.shape)
    losses = (1 - target) * input + (1 + (pos_weight - 1) * target) * softplus(-input)
    return reduced(losses if weight is None else losses * weight, reduction)


def _check_targets(name: str, input: Any, target: Any, reduction: Reduction) -> None:
    """Raise unless both fit together and the targets lie in 0..1."""
    check_pair(name, input, target, reduction)
    check_probabilities(name, "targets", detached(target))


def binary_losses(name: str, input: Any, target: Any, reduction: Reduction) -> Any:
    """The cross-entropy of each score, for the loss `name`, which reduces them in its own way."""
    _check_targets(name, input, target, reduction)
    return _binary_cross_entropy_with_logits(input, target, "none")


def _weighted(op: Any, input: Any, target: Any, weight: Any, reduction: Reduction) -> Any:
    """The op with its reduction, or between the two a factor for each loss."""
    if weight is None:
        return op(input, target, reduction)
    check_factor(op.__name__.lstrip("_"), "weight", weight, input.shape)
    return reduced(weight * op(input, target, "none"), reduction)


def check_factor(name: str, what: str, factor: Any, shape: shapes.Shape) -> None:
    """Raise if `factor` does not broadcast to `shape`, or beyond it: there would be more losses than elements."""
    try:
        fits = np.broadcast_shapes(factor.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{name}: expected a {what} that broadcasts to the losses' shape {shape}, but got shape {factor.shape}. "
            f"Give one number for each loss, or for each column of them."
        )
