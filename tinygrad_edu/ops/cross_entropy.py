"""Losses between scores of classes and the right class, as single ops, with PyTorch's arguments and meaning.

The classes are axis 1 of the input, or the only axis; the ops themselves keep them on the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable
from .loss import Reduction, check_probabilities, check_reduction, reduced, share, weighted_mean
from .operands import detached, operand, operands, required
from .selection import where
from .shape import transpose
from .softmax import check_integers, check_labels, kept, log_softmax, one_hot, softmax

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _places(labels: Any, classes: int) -> Any:
    """Where the right classes stand, if rows of `classes` numbers are laid out as one.  (...) -> (n,)"""
    return np.arange(0, labels.size * classes, classes) + labels.ravel().astype(np.int64, copy=False)


def each(g: Any, labels: Any, reduction: Reduction) -> Any:
    """What arrives at each loss, with an axis for the classes."""
    return share(g, labels.size, reduction)[..., None]


def _label_losses(x: Any, labels: Any, reduction: Reduction) -> tuple[Any, Any]:
    """The losses, and the softmax in rows for the way back."""
    rows = x.reshape(labels.size, x.shape[-1])
    z = rows - kept(np.maximum, rows, 1)
    p = np.exp(z)
    total = kept(np.add, p, 1)
    p /= total
    losses = np.log(total[:, 0]) - z.take(_places(labels, x.shape[-1]))
    return reduced(losses.reshape(labels.shape), reduction), p


def _label_gradient(g: Any, p: Any, x: Any, labels: Any, reduction: Reduction) -> Any:
    """The formula of `cross_entropy_of_labels` with the softmax that the forward saved."""
    shares = share(g, labels.size, reduction).reshape(-1, 1)  # (1, 1), or one for each label: (n, 1)
    rows = np.multiply(p, shares, order="C")  # (n, c), in memory too: the next line writes into a view
    rows.reshape(-1)[_places(labels, p.shape[-1])] -= shares[:, 0]
    return rows.reshape(x.shape)


@differentiable(
    lambda g, y, x, labels, reduction: (
        each(g, labels, reduction) * (softmax(x) - one_hot(labels, x.shape[-1], x.dtype))
    ),
    None,
    saving=_label_losses,
    joint=lambda g, y, p, x, labels, reduction: (_label_gradient(g, p, x, labels, reduction), None),
)
def cross_entropy_of_labels(x: Operand, labels: Operand, reduction: Reduction = "mean") -> Any:
    """Minus the log-probability of the right class, ``log(sum(exp(x))) - x[label]``.  (..., c), (...) -> (...)

    Gradient: ``g * (softmax(x) - one_hot(label))``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.cross_entropy_of_labels(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]), np.array([0, 1]), "none").round(4)
    Tensor([0.6931, 0.    ])
    """
    return _label_losses(x, labels, reduction)[0]


def _probability_losses(x: Any, target: Any, reduction: Reduction) -> tuple[Any, Any]:
    """The losses, and the logarithm of the softmax for the way back."""
    logs = log_softmax(np.asarray(x))
    losses = np.einsum("...c,...c->...", target, logs)
    if np.isnan(losses).any():  # minus infinity where a class is impossible, times 0
        losses = np.add.reduce(target * np.where(np.equal(target, 0), 0.0, logs), axis=-1)
    return reduced(0 - losses, reduction), logs


def _probability_gradients(g: Any, logs: Any, target: Any, reduction: Reduction) -> tuple[Any, Any]:
    """The formulas of `cross_entropy_of_probabilities` with the logarithms that the forward saved."""
    shares = each(g, logs[..., 0], reduction)
    gx = np.exp(logs)
    gx *= np.add.reduce(target, axis=-1, keepdims=True)
    gx -= target
    gx *= shares
    return gx, logs * -shares


@differentiable(
    lambda g, y, x, target, reduction: (
        each(g, x[..., 0], reduction) * (softmax(x) * target.sum(-1, keepdims=True) - target)
    ),
    lambda g, y, x, target, reduction: each(g, x[..., 0], reduction) * -log_softmax(x),
    saving=_probability_losses,
    joint=lambda g, y, logs, x, target, reduction: _probability_gradients(g, logs, target, reduction),
)
def cross_entropy_of_probabilities(x: Operand, target: Operand, reduction: Reduction = "mean") -> Any:
    """Minus the expected log-probability, ``-sum(target * log_softmax(x))``.  (..., c), (..., c) -> (...)

    A class of probability 0 adds nothing, also where its score is minus infinity.

    Gradient: ``g * (softmax(x) * sum(target) - target)`` for the scores, ``-g * log_softmax(x)`` for the target.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cross_entropy_of_probabilities(tg.Tensor([[0.0, 0.0]]), tg.Tensor([[0.5, 0.5]])).round(4)
    Tensor(0.6931)
    """
    return _probability_losses(x, target, reduction)[0]


@differentiable(
    lambda g, y, x, labels, reduction: -each(g, labels, reduction) * one_hot(labels, x.shape[-1], x.dtype),
    None,
)
def negative_log_likelihood(x: Operand, labels: Operand, reduction: Reduction = "mean") -> Any:
    """Minus the log-probability of the right class, from log-probabilities.  (..., c), (...) -> (...)

    Gradient: ``-g`` at the right class, 0 at the others.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.negative_log_likelihood(tg.Tensor([[-1.0, -2.0]]), np.array([1]))
    Tensor(2.)
    """
    return reduced(-x.take(_places(labels, x.shape[-1])).reshape(labels.shape), reduction)


def cross_entropy(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The cross-entropy of scores: minus the log-probability of the right class, ``log(sum(exp(x))) - x[label]``.

    Exact for scores of any size, as softmax and logarithm are one step.

    Gradient: ``g / n * (softmax(x) - one_hot(label))``.

    Parameters
    ----------
    input : Tensor or array, (n, c), (c,) or (n, c, ...)
        Scores; the classes are axis 1, or the only axis.
    target : Tensor or array
        The number of the right class, integers (n,), () or (n, ...); or the probability of each class, floats of the
        shape of `input`.
    weight : Tensor or array, (c,), optional
        A factor for each class. The mean over labels is then weighted, ``sum(w * loss) / sum(w)``.
    ignore_index : int
        Samples with this label are left out.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float in 0..1
        The part of the probability that is spread evenly over all classes.

    Raises
    ------
    TypeError
        If the target is neither integers nor of the shape of `input`.
    ValueError
        If shapes do not fit, for a label that is no class, or for a probability outside 0..1 or NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cross_entropy(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]), [0, 1]).round(4)
    Tensor(0.3466)
    """
    name = "cross_entropy"
    required(name, input=input, target=target)
    (x, weight), target = operands(input, weight), operand(target)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{name}: expected label_smoothing in 0..1, but got {label_smoothing}.")
    check_reduction(name, reduction)
    probabilities = detached(target).dtype.kind == "f" and target.shape == x.shape
    x = _classes_last(name, x)
    check_class_weights(name, weight, x.shape[-1])
    if probabilities:
        check_probabilities(name, "class probabilities", detached(target))
        x, target, weight = operands(x, _classes_last(name, target), weight)
        if label_smoothing:
            target = target * (1 - label_smoothing) + label_smoothing / x.shape[-1]
        return cross_entropy_of_probabilities(x, target if weight is None else target * weight, reduction)
    target, kept = _labels(name, x, target, ignore_index)
    if not label_smoothing:
        return _over_labels(cross_entropy_of_labels, x, target, kept, weight, reduction)

    def smoothed(x: Any, labels: Any, reduction: Reduction) -> Any:
        wanted = np.full(x.shape, label_smoothing / x.shape[-1], x.dtype)
        wanted.reshape(-1)[_places(detached(labels), x.shape[-1])] += 1 - label_smoothing
        return cross_entropy_of_probabilities(x, wanted if weight is None else wanted * weight, reduction)

    return _over_labels(smoothed, x, target, kept, weight, reduction, smooth=True)


def nll_loss(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of the right class, ``-mean(input[label])``, of log-probabilities.

    Gradient: ``-g / n`` at the right class, 0 at the others.

    Parameters
    ----------
    input : Tensor or array, (n, c), (c,) or (n, c, ...)
        Log-probabilities, from `log_softmax`; the classes are axis 1, or the only axis.
    target : Tensor or array of ints, (n,), () or (n, ...)
        The number of the right class.
    weight : Tensor or array, (c,), optional
        A factor for each class. The mean is then weighted, ``sum(w * loss) / sum(w)``.
    ignore_index : int
        Samples with this label are left out.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If shapes do not fit, or for a label that is no class.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nll_loss(tg.Tensor([[-1.0, -2.0]]), [1])
    Tensor(2.)
    """
    required("nll_loss", input=input, target=target)
    (x, weight), target = operands(input, weight), operand(target)
    check_reduction("nll_loss", reduction)
    x = _classes_last("nll_loss", x)
    check_class_weights("nll_loss", weight, x.shape[-1])
    target, kept = _labels("nll_loss", x, target, ignore_index)
    return _over_labels(negative_log_likelihood, x, target, kept, weight, reduction)


def _classes_last(name: str, x: Any) -> Any:
    """(n, c, ...) -> (n, ..., c)"""
    if not x.ndim:
        raise ValueError(f"{name}: expected an axis of classes, but got a 0-d input. Pass scores of shape (n, c).")
    return x if x.ndim <= 2 else transpose(x, (0, *range(2, x.ndim), 1))


def check_class_weights(name: str, weight: Any, classes: int) -> None:
    """Raise unless there is one weight for each class."""
    if weight is not None and weight.shape != (classes,):
        raise ValueError(
            f"{name}: expected one weight for each of {classes} classes, shape ({classes},), but got shape "
            f"{weight.shape}. To weigh samples, use reduction='none' and multiply the losses."
        )


def _labels(name: str, x: Any, labels: Any, ignore_index: int) -> tuple[Any, np.ndarray | None]:
    """Labels that fit `x`, with class 0 for what is ignored, and where nothing is (None for everywhere)."""
    array = check_integers(name, detached(labels))
    if array.shape != x.shape[:-1]:
        raise ValueError(
            f"{name}: expected one label for each sample, shape {x.shape[:-1]}, but got shape {array.shape}. "
            f"Labels are class numbers, not one-hot rows; those must be floats."
        )
    low, high = (array.min(), array.max()) if array.size else (0, -1)
    if low >= 0 and high < x.shape[-1] and not low <= ignore_index <= high:  # the usual case, with two looks
        return (labels if array is detached(labels) else array), None
    ignored = array == ignore_index
    array = np.where(ignored, 0, array)
    check_labels(name, array, x.shape[-1])
    return array, ~ignored if ignored.any() else None


def _over_labels(
    op: Any, x: Any, labels: Any, kept: Any, weight: Any, reduction: Reduction, smooth: bool = False
) -> Any:
    """The op with its reduction; in between what is ignored becomes 0, and the rest gets the weight of its class."""
    if kept is None and weight is None:
        return op(x, labels, reduction)
    losses = op(x, labels, "none")
    factors = np.ones(labels.shape, np.bool_) if kept is None else kept
    if kept is not None:
        losses = where(kept, losses, 0.0)
    if weight is not None:
        factors = factors * weight[detached(labels)]
        losses = losses if smooth else losses * factors
    if reduction != "mean":
        return reduced(losses, reduction)
    return weighted_mean(losses, factors)
