"""The loss of a sequence of labels whose timing is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....ops.ctc import ctc
from ....ops.loss import Reduction, check_reduction, reduced
from ....ops.operands import detached, operand
from ....ops.softmax import check_integers
from ...checks import check_size

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array
Lengths = Any  # a Tensor, an array, a sequence of ints or one of them


def _lengths(what: str, lengths: Lengths, samples: int, longest: int) -> np.ndarray:
    found = np.atleast_1d(np.asarray(detached(lengths)))
    if found.dtype.kind not in "iu" and found.size:
        raise TypeError(f"ctc_loss: expected {what} in integers, but got {found.dtype} of shape {found.shape}.")
    if found.shape != (samples,):
        raise ValueError(
            f"ctc_loss: expected one of {what} for each of {samples} samples, but got shape {found.shape}."
        )
    wrong = (found < 0) | (found > longest)
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ValueError(f"ctc_loss: expected {what} in 0..{longest}, but got {found[i]} at index {i}.")
    return found.astype(np.int64)


def _padded(targets: np.ndarray, lengths: np.ndarray, blank: int) -> np.ndarray:
    """The labels of each sample as a row, the rest of it blanks.  (n, s) or (sum of lengths,) -> (n, s)"""
    rows = np.full((len(lengths), int(lengths.max(initial=0))), blank)
    used = np.arange(rows.shape[1]) < lengths[:, None]
    rows[used] = targets if targets.ndim == 1 else targets[:, : rows.shape[1]][used]
    return rows


def _rows(targets: Operand, lengths: Any, samples: int, classes: int, blank: int) -> tuple[np.ndarray, np.ndarray]:
    """The labels in rows and how many of each count."""
    targets = check_integers("ctc_loss", np.asarray(detached(operand(targets))))
    joined = targets.ndim == 1
    if not joined and (targets.ndim != 2 or len(targets) != samples):
        raise ValueError(
            f"ctc_loss: expected targets (n, s) for n={samples} samples, or all labels in one row, but got shape "
            f"{targets.shape}."
        )
    found = _lengths("target_lengths", lengths, samples, len(targets) if joined else targets.shape[1])
    if joined and samples == 1:
        targets = targets[: found[0]]
    if joined and len(targets) != found.sum():
        raise ValueError(
            f"ctc_loss: expected as many labels in one row as target_lengths says, {found.sum()}, but got "
            f"{len(targets)}."
        )
    rows = _padded(targets, found, blank)
    counted = rows[np.arange(rows.shape[1]) < found[:, None]]
    wrong = (counted < 0) | (counted >= classes) | (counted == blank)
    if wrong.any():
        raise ValueError(
            f"ctc_loss: expected labels in 0..{classes - 1} ({classes} classes) other than the blank {blank}, but got "
            f"{counted[wrong][0]}. The blank stands between labels by itself; it is no label."
        )
    return rows, found


def ctc_loss(
    log_probs: Operand,
    targets: Operand,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Minus the log-probability of a sequence of labels, in any alignment with the steps of the input.

    Each step has one class. Repeats are merged, then blanks dropped: "-aa-ab" and "a--ab-" both spell "aab". The
    probabilities of all alignments that spell the labels are added up, in logarithms.

    Gradient: ``-g`` times the probability, given the labels, that a step has a class. PyTorch adds
    ``g * exp(log_probs)`` to it, which makes no difference behind `log_softmax`.

    Parameters
    ----------
    log_probs : Tensor or array, (t, n, c) or (t, c)
        Log-probabilities, from `log_softmax`.
    targets : Tensor or array of ints, (n, s) or (sum of target_lengths,)
        Labels, without blanks: a row for each sample, filled up with anything; or all of them one after the other.
    input_lengths, target_lengths : ints, (n,) or ()
        How many steps and labels of each sample count.
    blank : int
        The class of the blank.
    reduction : {"mean", "sum", "none"}
        For the mean each loss is first divided by the number of its labels (at least 1).
    zero_infinity : bool
        Whether losses of labels that do not fit into the steps, which are infinite with a gradient of NaN, are 0.

    Raises
    ------
    TypeError
        If labels or lengths are not integers.
    ValueError
        If shapes do not fit, for a length that is too large, and for a label that is no class or the blank.

    References
    ----------
    Graves et al., Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural
    networks, 2006.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> halves = tg.log(tg.full((2, 2), 0.5))  # of 4 alignments "a-", "-a" and "aa" spell "a"
    >>> tg.exp(-F.ctc_loss(halves, tg.Tensor([1]), 2, 1))
    Tensor(0.75)
    """
    check_reduction("ctc_loss", reduction)
    check_size("ctc_loss", "a blank", blank)
    log_probs = operand(log_probs)
    if log_probs.ndim not in (2, 3) or not log_probs.shape[0]:
        raise ValueError(
            f"ctc_loss: expected log-probabilities (t, n, c) or (t, c) of at least one step, but got shape "
            f"{log_probs.shape}."
        )
    x = log_probs if log_probs.ndim == 3 else log_probs[:, None]
    steps, samples, classes = x.shape
    if not 0 <= blank < classes:
        raise ValueError(f"ctc_loss: expected a blank in 0..{classes - 1} ({classes} classes), but got {blank!r}.")
    labels, lengths = _rows(targets, target_lengths, samples, classes, blank)
    losses = ctc(x, labels, _lengths("input_lengths", input_lengths, samples, steps), lengths, blank, zero_infinity)
    if reduction == "mean":
        losses = losses / np.maximum(lengths, 1).astype(losses.dtype)
    return reduced(losses if log_probs.ndim == 3 else losses[0], reduction)
