"""The loss of a sequence of labels whose timing is not known."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction
from .. import functional
from .base import Loss


class CTCLoss(Loss):
    """Minus the log-probability of a sequence of labels, in any alignment with the steps of the input.

    Each step has one class; repeats are merged, then blanks dropped, and that must spell the labels. So handwriting or
    speech is learned from what was written or said, without when.

    Parameters
    ----------
    blank : int
        The class of the blank.
    reduction : {"mean", "sum", "none"}
        For the mean each loss is first divided by the number of its labels.
    zero_infinity : bool
        Whether losses of labels that do not fit into the steps, which are infinite, are 0.

    References
    ----------
    Graves et al., Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural
    networks, 2006.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> scores = tg.zeros((4, 2, 3))  # 4 steps of 2 samples, 3 classes of which 0 is the blank
    >>> nn.CTCLoss()(nn.LogSoftmax(-1)(scores), tg.Tensor([[1, 2], [2, 0]]), [4, 3], [2, 1]).round(4)
    Tensor(1.1736)
    """

    def __init__(self, blank: int = 0, reduction: Reduction = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        """The loss of log-probabilities against labels.  (t, n, c), (n, s), (n,), (n,); or (t, c), (s,), (), ()"""
        return functional.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
