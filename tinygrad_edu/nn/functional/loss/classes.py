"""Losses of choosing one class of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....ops.cross_entropy import cross_entropy as cross_entropy_op
from ....ops.cross_entropy import nll_loss as nll_loss_op
from ....ops.loss import Reduction
from ...checks import check_numbers, check_size
from .arguments import check_retired

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def cross_entropy(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The cross-entropy of scores: minus the log-probability of the right class, ``log(sum(exp(x))) - x[label]``.

    `tg.cross_entropy` with PyTorch's order of arguments: see there.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.cross_entropy(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]), tg.Tensor([0, 1])).round(4)
    Tensor(0.3466)
    """
    check_retired("cross_entropy", size_average, reduce)
    check_size("cross_entropy", "ignore_index", ignore_index, least=None)
    check_numbers("cross_entropy", label_smoothing=label_smoothing)
    return cross_entropy_op(input, target, weight, ignore_index, reduction, label_smoothing)


def nll_loss(
    input: Operand,
    target: Operand,
    weight: Operand = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of the right class, ``-mean(input[label])``, of log-probabilities.

    `tg.nll_loss` with PyTorch's order of arguments: see there.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.nll_loss(tg.Tensor([[-1.0, -2.0]]), tg.Tensor([1]))
    Tensor(2.)
    """
    check_retired("nll_loss", size_average, reduce)
    check_size("nll_loss", "ignore_index", ignore_index, least=None)
    return nll_loss_op(input, target, weight, ignore_index, reduction)
