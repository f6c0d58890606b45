"""Losses that ask for a margin: what is right by more than it costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ....ops.activation import relu
from ....ops.cross_entropy import check_class_weights
from ....ops.indexing import take_along_axis
from ....ops.loss import Reduction, binary_losses, check_factor, check_pair, check_reduction, reduced
from ....ops.operands import detached, operand, operands, required
from ....ops.selection import clip, where
from ....ops.softmax import check_integers, check_labels, one_hot
from ...checks import check_numbers
from .arguments import check_one_shape, check_retired, check_signs

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def margin_ranking_loss(
    input1: Operand,
    input2: Operand,
    target: Operand,
    margin: float = 0,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The cost of a wrong order, ``mean(max(0, margin - t * (input1 - input2)))``.

    Gradient: ``-g * t / n`` for `input1` and the negative for `input2` where the cost is above 0 or just 0, else 0.

    Parameters
    ----------
    input1, input2 : Tensor or array of one shape
    target : Tensor or array of the same shape
        1 where input1 shall be the greater, -1 where input2 shall.
    margin : float
        By how much.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, or a target is neither 1 nor -1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.margin_ranking_loss(tg.Tensor([3.0, 1.0]), tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 1.0]), reduction="none")
    Tensor([0., 1.])
    """
    name = "margin_ranking_loss"
    check_retired(name, size_average, reduce)
    input1, input2, target = operands(input1, input2, target)
    check_reduction(name, reduction)
    check_numbers(name, margin=margin)
    check_one_shape(name, input1=input1, input2=input2, target=target)
    check_signs(name, target)
    return reduced(clip(margin - target * (input1 - input2), 0.0, None), reduction)


def hinge_embedding_loss(
    input: Operand,
    target: Operand,
    margin: float = 1.0,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The mean of distances x: x itself for what is alike (1), ``max(0, margin - x)`` for what is not (-1).

    Gradient: ``g / n`` where the target is 1; where it is -1 ``-g / n`` up to the margin and 0 beyond.

    Parameters
    ----------
    input : Tensor or array
        Distances of pairs.
    target : Tensor or array of the same shape
        1 for pairs that are alike, -1 for others.
    margin : float
        How far apart the others shall be.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, or a target is neither 1 nor -1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hinge_embedding_loss(tg.Tensor([0.3, 0.3, 2.0]), tg.Tensor([1, -1, -1]), reduction="none").round(4)
    Tensor([0.3, 0.7, 0. ])
    """
    name = "hinge_embedding_loss"
    check_retired(name, size_average, reduce)
    input, target = operands(input, target)
    check_numbers(name, margin=margin)
    check_pair(name, input, target, reduction)
    check_signs(name, target)
    return reduced(where(detached(target) == 1, input, clip(margin - input, 0.0, None)), reduction)


def _scores(name: str, input: Operand) -> Any:
    """Scores of one sample, (c,), or of several, (n, c)."""
    if input.ndim not in (1, 2) or not input.shape[-1]:
        raise ValueError(f"{name}: expected scores of shape (n, c) or (c,), but got shape {input.shape}.")
    return input


def multi_margin_loss(
    input: Operand,
    target: Operand,
    p: Literal[1, 2] = 1,
    margin: float = 1.0,
    weight: Operand = None,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The hinge loss of several classes: the mean over classes of ``max(0, margin - x[label] + x[other])**p``.

    The right class itself adds nothing to the sum, but counts among the classes that it is divided by.

    Gradient: by composition; 0 where a score lies exactly `margin` below that of the right class.

    Parameters
    ----------
    input : Tensor or array, (n, c) or (c,)
        Scores.
    target : Tensor or array of ints, (n,) or ()
        The number of the right class.
    p : {1, 2}
    margin : float
        By how much the right class shall be ahead.
    weight : Tensor or array, (c,), optional
        A factor for the samples of each class; the mean is that over the number of samples all the same.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If the shapes do not fit, for a label that is no class, or another p.

    References
    ----------
    Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines, 2001.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.multi_margin_loss(tg.Tensor([[0.1, 0.2, 0.4, 0.8]]), tg.Tensor([3])).round(4)
    Tensor(0.325)
    """
    name = "multi_margin_loss"
    check_retired(name, size_average, reduce)
    check_reduction(name, reduction)
    if p not in (1, 2):
        raise ValueError(f"{name}: expected p of 1 or 2, but got {p!r}.")
    required(name, input=input, target=target)
    check_numbers(name, margin=margin)
    input, weight = operands(input, weight)
    x = _scores(name, input)
    classes = x.shape[-1]
    check_class_weights(name, weight, classes)
    labels = check_integers(name, np.asarray(detached(operand(target))))
    if labels.shape != x.shape[:-1]:
        raise ValueError(
            f"{name}: expected one label for each sample, shape {x.shape[:-1]}, but got shape {labels.shape}."
        )
    check_labels(name, labels, classes)
    behind = relu(margin - take_along_axis(x, labels[..., None], -1) + x)  # (n, c)
    costs = where(one_hot(labels, classes, np.bool_), 0.0, behind if p == 1 else behind * behind)
    losses = costs.sum(-1) / classes
    return reduced(losses if weight is None else losses * weight[labels], reduction)


def multilabel_margin_loss(
    input: Operand,
    target: Operand,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The hinge loss of several right classes: the sum of ``max(0, 1 - x[right] + x[wrong])`` over all pairs, over c.

    Gradient: by composition; 0 where a wrong score lies exactly 1 below a right one.

    Parameters
    ----------
    input : Tensor or array, (n, c) or (c,)
        Scores.
    target : Tensor or array of ints of the same shape
        In each row the numbers of the right classes, then -1; what follows the first -1 is not looked at.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If the shapes differ, or for a label that is no class.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.multilabel_margin_loss(tg.Tensor([[0.1, 0.2, 0.4, 0.8]]), tg.Tensor([[3, 0, -1, 1]])).round(4)
    Tensor(0.85)
    """
    name = "multilabel_margin_loss"
    check_retired(name, size_average, reduce)
    check_reduction(name, reduction)
    x, target = operand(input), operand(target)
    check_one_shape(name, input=x, target=target)
    classes = _scores(name, x).shape[-1]
    labels = check_integers(name, np.asarray(detached(target)))
    listed = np.logical_and.accumulate(labels != -1, axis=-1)
    longest = int(listed.sum(-1).max(initial=0))
    listed, labels = listed[..., :longest], np.where(listed, labels, 0)[..., :longest]
    check_labels(name, labels, classes)
    right = (one_hot(labels, classes, np.bool_) & listed[..., None]).any(-2)  # (n, c)
    behind = relu(1 - take_along_axis(x, labels, -1)[..., None] + x[..., None, :])  # (n, right, wrong)
    costs = where(listed[..., None] & ~right[..., None, :], behind, 0.0)
    return reduced(costs.sum((-2, -1)) / classes, reduction)


def multilabel_soft_margin_loss(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The mean over classes of `binary_cross_entropy_with_logits`: each class is a question of yes or no.

    Gradient: ``g * (sigmoid(x) - t) / c / n`` for `input`.

    Parameters
    ----------
    input : Tensor or array, (..., c)
        Scores.
    target : Tensor or array of the same shape
        1 for a right class, 0 for the others.
    weight : Tensor or array, optional
        A factor for each class, of a shape that broadcasts.
    reduction : {"mean", "sum", "none"}
        Of the losses of the samples, (...).

    Raises
    ------
    ValueError
        If the shapes do not fit, or for a target outside 0..1 or NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.multilabel_soft_margin_loss(tg.Tensor([[0.0, 1000.0]]), tg.Tensor([[1.0, 1.0]])).round(4)
    Tensor(0.3466)
    """
    name = "multilabel_soft_margin_loss"
    check_retired(name, size_average, reduce)
    input, target, weight = operands(input, target, weight)
    losses = binary_losses(name, input, target, reduction)
    if weight is not None:
        check_factor(name, "weight", weight, input.shape)
        losses = losses * weight
    return reduced(losses.mean(-1), reduction)
