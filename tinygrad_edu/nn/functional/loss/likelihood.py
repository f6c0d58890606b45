"""Losses of distributions: how unlikely the target is, and how far one distribution is from another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ....ops.elementwise import exp, log
from ....ops.loss import Reduction, check_pair, check_reduction, reduced
from ....ops.operands import detached, operand, operands, required
from ....ops.selection import where
from ....ops.shape import expand_dims
from ....ops.special import xlogy
from .arguments import check_above, check_retired

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def kl_div(
    input: Operand,
    target: Operand,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction | Literal["batchmean"] = "mean",
    log_target: bool = False,
) -> Tensor:
    """The Kullback-Leibler divergence of log-probabilities from a target, ``sum(t * (log(t) - input))``.

    A class of probability 0 in the target adds nothing.

    Gradient: ``-g * t`` for `input`; ``g * (log(t) + 1 - input)`` for `target`, and ``-g * input`` at 0.

    Parameters
    ----------
    input : Tensor or array
        Log-probabilities: those of `log_softmax`.
    target : Tensor or array of the same shape
        Probabilities t, or with `log_target` their logarithms.
    reduction : {"mean", "batchmean", "sum", "none"}
        The divergence itself, averaged over the batch (axis 0), is "batchmean"; "mean", the default in PyTorch too,
        divides by the number of classes besides.
    log_target : bool

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, 1951.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> p, q = tg.Tensor([[0.5, 0.5]]), tg.Tensor([[0.25, 0.75]])
    >>> F.kl_div(tg.log(q), p, reduction="batchmean").round(4)
    Tensor(0.1438)
    """
    check_retired("kl_div", size_average, reduce)
    input, target = operands(input, target)
    check_reduction("kl_div", reduction, "batchmean")
    check_pair("kl_div", input, target, "none")
    losses = exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    if reduction != "batchmean":
        return reduced(losses, reduction)
    return losses.sum() / input.shape[0] if input.ndim and input.shape[0] else reduced(losses, "mean")


def _stirling(t: Any) -> Any:
    """About ``log(t!)`` above 1, and 0 up to there."""
    large = detached(t) > 1
    n = where(large, t, 1.0)
    return where(large, n * log(n) - n + 0.5 * log(2 * math.pi * n), 0.0)


def poisson_nll_loss(
    input: Operand,
    target: Operand,
    log_input: bool = True,
    full: bool = False,
    size_average: None = None,
    eps: float = 1e-8,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of counts t under Poisson distributions of rate r, ``mean(r - t * log(r))``.

    Gradient: with `log_input` ``g * (exp(x) - t) / n`` for `input` x; else ``g * (1 - t / (x + eps)) / n``.

    Parameters
    ----------
    input : Tensor or array
        The logarithm of the rate; without `log_input` the rate itself.
    target : Tensor or array of the same shape
        Counts.
    log_input : bool
    full : bool
        Whether to add the term of the targets alone, ``log(t!)``, by Stirling's formula
        ``t * log(t) - t + log(2 * pi * t) / 2`` where t is above 1.
    eps : float above 0
        Added to a rate before its logarithm is taken.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, or eps is not above 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.poisson_nll_loss(tg.Tensor([0.0, 1.0]), tg.Tensor([2.0, 2.0]), reduction="none").round(4)
    Tensor([1.    , 0.7183])
    """
    check_retired("poisson_nll_loss", size_average, reduce)
    input, target = operands(input, target)
    check_pair("poisson_nll_loss", input, target, reduction)
    check_above("poisson_nll_loss", "eps", eps)
    losses = exp(input) - target * input if log_input else input - target * log(input + eps)
    return reduced(losses + _stirling(target) if full else losses, reduction)


def _variances(var: Operand, shape: tuple[int, ...]) -> Any:
    """`var` with an axis more where it has one number for each sample, if it fits the shape of the input."""
    found = var.shape
    if found and found == shape[:-1]:
        return expand_dims(var, -1)
    single = len(found) == len(shape) and sum(m != n for m, n in zip(found, shape, strict=True)) == 1
    if found not in ((), shape) and not (single and 1 in [m for m, n in zip(found, shape, strict=True) if m != n]):
        raise ValueError(
            f"gaussian_nll_loss: expected variances of the input's shape {shape}, or one for each of its rows, shape "
            f"{shape[:-1]} or {(*shape[:-1], 1)}, but got shape {found}."
        )
    return var


def gaussian_nll_loss(
    input: Operand,
    target: Operand,
    var: Operand,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood under normal distributions, ``mean(log(var) + (input - target)**2 / var) / 2``.

    Gradient: ``g * (input - target) / var / n`` for `input`; ``g * (1 - (input - target)**2 / var) / (2 * var) / n``
    for `var`, also where it is below `eps` (then with eps in its place), so that it can grow again.

    Parameters
    ----------
    input, target : Tensor or array of one shape
        Expected values, and what was observed.
    var : Tensor, array or float
        Variances, of the shape of `input`; or one for each row of it, (...,) or (..., 1); or one for all.
    full : bool
        Whether to add the constant ``log(2 * pi) / 2``.
    eps : float above 0
        A smaller variance counts as this one.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes do not fit, for a negative variance, or an eps that is not above 0.

    References
    ----------
    Nix and Weigend, Estimating the mean and variance of the target probability distribution, 1994.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.gaussian_nll_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]), var=tg.Tensor([1.0, 4.0])).round(4)
    Tensor(0.5966)
    """
    if isinstance(var, (int, float)):
        var = np.broadcast_to(np.asarray(var, operand(input).dtype), np.shape(input))
    input, target, var = operands(input, target, var)
    required("gaussian_nll_loss", var=var)
    check_pair("gaussian_nll_loss", input, target, reduction)
    check_above("gaussian_nll_loss", "eps", eps)
    var = _variances(var, input.shape)
    numbers = detached(var)
    least = numbers.min(initial=math.inf)
    if least < 0:
        raise ValueError(
            f"gaussian_nll_loss: expected variances of at least 0, but got {least}. "
            f"Let the network give their logarithm, and take exp of it."
        )
    if least < eps:
        var = var + (np.maximum(numbers, eps) - numbers)  # at least eps, with the slope of var itself
    losses = 0.5 * (log(var) + (input - target) ** 2 / var)
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)
