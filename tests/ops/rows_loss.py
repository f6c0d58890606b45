import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.ops.loss import _binary_cross_entropy, _binary_cross_entropy_with_logits, _clamped_log, huber_loss
from tinygrad_edu.testing.strategies import arrays, shapes

reductions = st.sampled_from(["mean", "sum", "none"])


def reduced(loss):
    """A loss of two numbers as one of arrays, with weights and a reduction."""

    def of_arrays(input, target, weight=1.0, reduction="mean", **params):
        losses = np.vectorize(lambda x, t: loss(x, t, **params), otypes=[float])(input, target) * weight
        if reduction == "none":
            return losses
        return math.fsum(losses.ravel()) / (losses.size if reduction == "mean" else 1)

    return of_arrays


def pairs(input, target, **params):
    """A call with two arrays of one shape."""
    return shapes(min_side=1).flatmap(
        lambda s: call(arrays(s, *input), arrays(s, *target), reduction=reductions, **params)
    )


def apart(s):
    """Two arrays of one shape that differ everywhere."""
    return call(arrays(s, 0.5, 2.0), arrays(s, -2.0, 0.4), reduction=reductions)


def beyond(s):
    """Two arrays of one shape whose differences are away from 1, where the line begins."""
    differences = arrays(s, -2.0, 2.0, away=(-1.0, 1.0))
    return differences.flatmap(
        lambda e: arrays(s).flatmap(lambda t: call(st.just(t + e), st.just(t), reduction=reductions))
    )


def huber(x, t, delta=1.0):
    e = abs(x - t)
    return e * e / 2 if e < delta else delta * (e - delta / 2)


def entropy(p, t):
    return -(t * math.log(p) + (1 - t) * math.log(1 - p))


def entropy_of_score(x, t, pos_weight=1.0):
    p = 1 / (1 + math.exp(-x))
    return -(pos_weight * t * math.log(p) + (1 - t) * math.log(1 - p))


anything, inside = (-2.0, 2.0), (0.1, 0.9)
weighted = call(arrays((2, 3), *inside), arrays((2, 3), *inside), arrays((3,), 0.5, 2.0), reduction=reductions)

ROWS = [
    Row(tg.mse_loss, reduced(lambda x, t: (x - t) ** 2), pairs(anything, anything)),
    Row(tg.l1_loss, reduced(lambda x, t: abs(x - t)), shapes(min_side=1).flatmap(apart)),
    Row(huber_loss, reduced(huber), shapes(min_side=1).flatmap(beyond)),
    Row(_clamped_log, lambda x: np.vectorize(math.log, otypes=[float])(x), call(arrays(None, *inside))),
    Row(_binary_cross_entropy, reduced(entropy), pairs(inside, inside)),
    Row(tg.binary_cross_entropy, reduced(entropy), pairs(inside, inside)),
    Row(tg.binary_cross_entropy, reduced(entropy), weighted, "weighted"),
    Row(_binary_cross_entropy_with_logits, reduced(entropy_of_score), pairs(anything, inside)),
    Row(tg.binary_cross_entropy_with_logits, reduced(entropy_of_score), pairs(anything, inside)),
    Row(tg.binary_cross_entropy_with_logits, reduced(entropy_of_score), weighted, "weighted"),
    Row(
        tg.binary_cross_entropy_with_logits,
        reduced(entropy_of_score),
        pairs(anything, inside, pos_weight=3.0),
        "with pos_weight",
    ),
]
