"""Connectionist temporal classification: the likelihood of a sequence of labels, whatever its timing.

An alignment gives one class to each step; merging repeats and then dropping blanks turns it into labels. The loss adds
up the probabilities of all alignments of the right labels. They walk along the *path*: blank, label, blank, label ...
blank. From one step to the next they stay, go on by one place, or skip the blank between two labels that differ.

Forward and backward sums run in logarithms. Impossible is a large negative number here, not minus infinity: differences
of it are numbers still, so that the same lines run on Tensors and can be differentiated again.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..engine import differentiable, is_tensor
from .elementwise import exp
from .joining import concatenate, stack
from .scattering import scatter_add
from .selection import maximum, where
from .softmax import logsumexp

Operand = Any

IMPOSSIBLE = -1e30  # the logarithm of 0; half a million steps of it would still be a float32


class _Paths(NamedTuple):
    """What the labels say of the places of each path; 0 and IMPOSSIBLE stand for yes and no."""

    classes: np.ndarray  # (n, p): the class of each place
    starts: np.ndarray  # (n, p): whether an alignment stands here before the first step
    skips: np.ndarray  # (n, p): whether it may come here from two places before
    ends: np.ndarray  # (n, p): whether it may be here after the last step
    running: np.ndarray  # (t, n, 1): whether the sequence still goes on at this step


def _paths(x: Any, labels: Any, steps: Any, lengths: Any, blank: int) -> tuple[_Paths, _Paths]:
    """The paths, and the same walked from their ends to their starts, the last place first."""
    last = 2 * lengths[:, None]
    place = np.broadcast_to(np.arange(2 * labels.shape[1] + 1), (len(labels), 2 * labels.shape[1] + 1))
    classes = np.full(place.shape, blank)
    classes[:, 1::2] = labels
    differs = np.zeros(place.shape, bool)
    differs[:, 2:] = classes[:, 2:] != classes[:, :-2]  # blanks never do
    running = np.arange(x.shape[0])[:, None, None] < steps[:, None]

    def logarithm(allowed: Any) -> np.ndarray:
        return np.where(allowed, 0.0, IMPOSSIBLE).astype(x.dtype)

    def paths(starts: Any, skips: Any, ends: Any, running: Any) -> _Paths:
        return _Paths(classes, logarithm(starts), logarithm(skips), logarithm(ends), running)

    there = paths(place == 0, differs, (place == last) | (place == last - 1), running)
    starts, skips, ends = (m[:, ::-1] for m in (place == last, np.roll(differs, -2, 1), place < 2))
    return there, paths(starts, skips, ends, running[::-1])


def _emitted(log_probs: Any, paths: _Paths) -> Any:
    """The log-probability of each place at each step.  (t, n, c) -> (t, n, p)"""
    steps, samples = np.ogrid[: log_probs.shape[0], : len(paths.classes)]
    return maximum(log_probs[steps[..., None], samples[..., None], paths.classes], IMPOSSIBLE)


def _walked(emitted: Any, starts: Any, skips: Any, running: Any) -> Any:
    """The summed probability of all ways to each place, after each step.  (t, n, p) -> (t, n, p)"""
    if not is_tensor(emitted):
        return _walked_by_arrays(emitted, starts, skips, running)
    a: Any = starts
    nowhere = np.full((len(a), 2), IMPOSSIBLE, a.dtype)
    found = []
    for x, runs in zip(emitted, running, strict=True):
        ahead = concatenate([nowhere, a], 1)  # (n, p) -> (n, p + 2)
        ways = stack([a, ahead[:, 1:-1], ahead[:, :-2] + skips])
        a = where(runs, logsumexp(ways, 0) + x, a)
        found.append(a)
    return stack(found)


def _walked_by_arrays(emitted: Any, starts: Any, skips: Any, running: Any) -> Any:
    """The same in a quarter of the time: nothing here is infinite, and all steps share one array."""
    t, n, p = emitted.shape
    sums = np.full((t + 1, n, p + 2), IMPOSSIBLE, emitted.dtype)  # two places in front, where nobody comes from
    sums[0, :, 2:] = starts
    for before, after, x, runs in zip(sums[:-1], sums[1:], emitted, running, strict=True):
        stay, on, skip = before[:, 2:], before[:, 1:-1], before[:, :-2] + skips
        m = np.maximum(np.maximum(stay, on), skip)
        ways = np.exp(stay - m) + np.exp(on - m) + np.exp(skip - m)
        after[:, 2:] = np.where(runs, m + np.log(ways) + x, stay)
    return sums[1:, :, 2:]


def _losses(total: Any, zero_infinity: bool) -> Any:
    """Minus the logarithms, infinite (or 0) where no alignment is possible."""
    return np.where(total > IMPOSSIBLE / 10, -total, 0.0 if zero_infinity else math.inf).astype(total.dtype)


def _posterior(log_probs: Any, there: _Paths, back: _Paths) -> tuple[Any, Any]:
    """The log-probability of the labels; and the probability, given them, of each place at each step."""
    x, n = _emitted(log_probs, there), len(there.classes)
    walked = _walked(  # both ways at once: half the steps
        concatenate([x, x[::-1, :, ::-1]], 1),
        np.concatenate([there.starts, back.starts]),
        np.concatenate([there.skips, back.skips]),
        np.concatenate([there.running, back.running], 1),
    )
    total = logsumexp(walked[-1, :n] + there.ends, -1)  # (n,)
    # The way there and the way back meet at a place, whose own probability is in both.
    logs = walked[:, :n] + walked[::-1, n:, ::-1] - x - total[:, None]
    return total, exp(where(there.running & (total[:, None] > IMPOSSIBLE / 10), logs, IMPOSSIBLE))


def _gradient(g: Any, total: Any, posterior: Any, log_probs: Any, paths: _Paths, zero_infinity: bool) -> Any:
    """Minus the probability, given the labels, that a step has a class, as share of `g`."""
    shares = where(total > IMPOSSIBLE / 10, g, 0.0 if zero_infinity else math.nan)
    places = np.broadcast_to(paths.classes, posterior.shape)
    found = scatter_add(np.zeros(log_probs.shape, log_probs.dtype), 2, places, posterior * -shares[:, None])
    return where(paths.running, found, 0.0)


def _losses_and_posterior(
    log_probs: Any, labels: Any, steps: Any, lengths: Any, blank: int, zero_infinity: bool
) -> tuple[Any, Any]:
    total, posterior = _posterior(log_probs, *_paths(log_probs, labels, steps, lengths, blank))
    return _losses(total, zero_infinity), (total, posterior)


def _vjp(
    g: Any, saved: Any, log_probs: Any, labels: Any, steps: Any, lengths: Any, blank: int, zero_infinity: bool
) -> Any:
    there, back = _paths(log_probs, labels, steps, lengths, blank)
    total, posterior = saved or _posterior(log_probs, there, back)
    return _gradient(g, total, posterior, log_probs, there, zero_infinity)


@differentiable(
    lambda g, y, *inputs, **params: _vjp(g, None, *inputs, **params),
    None,
    None,
    None,
    saving=_losses_and_posterior,
    joint=lambda g, y, saved, *inputs, **params: (_vjp(g, saved, *inputs, **params), None, None, None),
)
def ctc(
    log_probs: Operand, labels: Operand, steps: Operand, lengths: Operand, blank: int = 0, zero_infinity: bool = False
) -> Any:
    """Minus the log-probability of each sequence of labels, in any alignment.  (t, n, c), (n, s), (n,), (n,) -> (n,)

    Gradient: ``-g`` times the probability, given the labels, that a step has a class; NaN where no alignment is
    possible and the loss infinite, or with `zero_infinity` 0.

    Parameters
    ----------
    log_probs : Tensor or array, (t, n, c)
    labels : array of ints, (n, s)
        Padded; what is behind the length of a sequence is not looked at, but must be a class.
    steps, lengths : array of ints, (n,)
        How many steps and labels of each sequence count.
    blank : int
        The class of the blank.
    zero_infinity : bool
        Whether an infinite loss, that of labels that do not fit into the steps, is 0 instead.

    References
    ----------
    Graves et al., Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural
    networks, 2006.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.ctc import ctc
    >>> halves = tg.log(tg.full((2, 1, 2), 0.5))  # of 4 alignments "a-", "-a" and "aa" spell "a"
    >>> tg.exp(-ctc(halves, np.array([[1]]), np.array([2]), np.array([1])))
    Tensor([0.75])
    """
    there, _ = _paths(log_probs, labels, steps, lengths, blank)
    walked = _walked(_emitted(log_probs, there), there.starts, there.skips, there.running)
    return _losses(logsumexp(walked[-1] + there.ends, -1), zero_infinity)
