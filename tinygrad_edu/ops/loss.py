"""Losses between an output and a target of the same shape, as single ops, with PyTorch's arguments and meaning.

A loss may be left as it is for each element (``reduction="none"``), summed, or averaged.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .. import shapes
from ..engine import differentiable
from .activation import sigmoid, softplus
from .elementwise import sign
from .operands import detached, operands
from .selection import maximum

Operand = Any
Reduction = Literal["mean", "sum", "none"]

SMALLEST = 1e-12  # no slope of a clamped logarithm is steeper than 1 / SMALLEST


def reduced(losses: Any, reduction: Reduction) -> Any:
    """The mean or the sum of `losses`, or all of them."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def share(g: Any, losses: int, reduction: Reduction) -> Any:
    """What arrives at each of the losses, of the gradient `g` for the reduced one: the adjoint of `reduced`."""
    return g / float(losses) if reduction == "mean" else g


def check_reduction(name: str, shape: shapes.Shape, reduction: Reduction) -> None:
    """Raise for a reduction that does not exist, and for the mean of nothing."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{name}: expected reduction='mean', 'sum' or 'none', but got {reduction!r}.")
    if reduction == "mean" and 0 in shape:
        raise ValueError(
            f"{name}: expected at least one element to take the mean of, but got shape {shape}. "
            f"Skip empty batches, or use reduction='sum', which is 0 for them."
        )


def _check(name: str, input: shapes.Shape, target: shapes.Shape, reduction: Reduction) -> None:
    """Raise also if the shapes differ: (n, 1) against (n,) would compare every sample with every other."""
    check_reduction(name, input, reduction)
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
        If the shapes differ, or for the mean of no elements.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.mse_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(2.)
    """
    _check("mse_loss", np.shape(input), np.shape(target), reduction)
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
        If the shapes differ, or for the mean of no elements.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.l1_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(1.)
    """
    _check("l1_loss", np.shape(input), np.shape(target), reduction)
    return reduced(np.absolute(np.subtract(input, target)), reduction)


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


def binary_cross_entropy(input: Operand, target: Operand, weight: Operand = None, reduction: Reduction = "mean") -> Any:
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
        If the shapes differ, for a number outside 0..1 or NaN, or for the mean of no elements.

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
) -> Any:
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
        If the shapes differ, for a target outside 0..1 or NaN, or for the mean of no elements.

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
    _check_factor("binary_cross_entropy_with_logits", "pos_weight", pos_weight, input.shape)
    if weight is not None:
        _check_factor("binary_cross_entropy_with_logits", "weight", weight, input.shape)
    losses = (1 - target) * input + (1 + (pos_weight - 1) * target) * softplus(-input)
    return reduced(losses if weight is None else losses * weight, reduction)


def _check_targets(name: str, input: Any, target: Any, reduction: Reduction) -> None:
    """Raise unless both fit together and the targets lie in 0..1."""
    _check(name, input.shape, target.shape, reduction)
    check_probabilities(name, "targets", detached(target))


def _weighted(op: Any, input: Any, target: Any, weight: Any, reduction: Reduction) -> Any:
    """The op with its reduction, or between the two a factor for each loss."""
    if weight is None:
        return op(input, target, reduction)
    _check_factor(op.__name__.lstrip("_"), "weight", weight, input.shape)
    return reduced(weight * op(input, target, "none"), reduction)


def _check_factor(name: str, what: str, factor: Any, shape: shapes.Shape) -> None:
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
