"""Losses of distributions: how unlikely the target is, and how far one distribution is from another."""

from __future__ import annotations

from typing import Any, Literal

from ...ops.loss import Reduction
from .. import functional
from ..functional.loss.arguments import check_above
from .base import Loss


class KLDivLoss(Loss):
    """The Kullback-Leibler divergence of log-probabilities from a target, ``sum(t * (log(t) - input))``.

    Parameters
    ----------
    reduction : {"mean", "batchmean", "sum", "none"}
        "batchmean" is the divergence itself, averaged over the batch; "mean" divides by the number of classes besides.
    log_target : bool
        Whether targets are given as their logarithms.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, 1951.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> p, q = tg.Tensor([[0.5, 0.5]]), tg.Tensor([[0.25, 0.75]])
    >>> nn.KLDivLoss(reduction="batchmean")(tg.log(q), p).round(4)
    Tensor(0.1438)
    """

    _reductions = ("batchmean",)

    def __init__(
        self,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction | Literal["batchmean"] = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """The divergence of log-probabilities `input` from `target`, both of one shape."""
        return functional.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of counts t under Poisson distributions of rate r, ``mean(r - t * log(r))``.

    Parameters
    ----------
    log_input : bool
        Whether the input is the logarithm of the rate; else it is the rate.
    full : bool
        Whether to add ``log(t!)`` by Stirling's formula, where t is above 1.
    eps : float above 0
        Added to a rate before its logarithm is taken.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.PoissonNLLLoss(log_input=False)(tg.Tensor([1.0, 2.0]), tg.Tensor([0.0, 2.0])).round(4)
    Tensor(0.8069)
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: None = None,
        eps: float = 1e-8,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        check_above("PoissonNLLLoss", "eps", eps)
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input: Any, target: Any) -> Any:
        """The loss of logarithms of rates, or rates, against counts, both of one shape."""
        return functional.poisson_nll_loss(
            log_input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(Loss):
    """The negative log-likelihood under normal distributions, ``mean(log(var) + (input - target)**2 / var) / 2``.

    So that a network learns how sure it can be, from another output that is the variance.

    Parameters
    ----------
    full : bool
        Whether to add the constant ``log(2 * pi) / 2``.
    eps : float above 0
        A smaller variance counts as this one.
    reduction : {"mean", "sum", "none"}

    References
    ----------
    Nix and Weigend, Estimating the mean and variance of the target probability distribution, 1994.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GaussianNLLLoss()(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]), tg.Tensor([1.0, 4.0])).round(4)
    Tensor(0.5966)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean") -> None:
        check_above("GaussianNLLLoss", "eps", eps)
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        """The loss of expected values against what was observed, both of one shape, with variances `var`."""
        return functional.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)
