import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_loss import reductions
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, shapes

CLASSES = 3


def logs(x):
    """The logarithms of the softmax of a list."""
    total = math.log(math.fsum(map(math.exp, x)))
    return [v - total for v in x]


def over_rows(loss):
    """A loss of a row of scores and its target as one of arrays whose last axis is the classes."""

    def of_arrays(x, target, reduction="mean"):
        losses = np.zeros(x.shape[:-1])
        for i in np.ndindex(losses.shape):
            losses[i] = loss(x[i].tolist(), target[i])
        if reduction == "none":
            return losses
        return math.fsum(losses.ravel()) / (losses.size if reduction == "mean" else 1)

    return of_arrays


def over_columns(log):
    """The loss of a row and its label, after `log`, with PyTorch's place of the classes and its arguments."""

    def of_arrays(x, labels, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        x = np.moveaxis(x, 1, -1) if x.ndim > 1 else x
        weight = np.ones(CLASSES) if weight is None else weight
        losses, total = np.zeros(labels.shape), 0.0
        for i in np.ndindex(labels.shape):
            if labels[i] != ignore_index:
                row = log(x[i].tolist())
                spread = sum(w * v for w, v in zip(weight, row, strict=True)) / CLASSES
                losses[i] = -(1 - label_smoothing) * weight[labels[i]] * row[labels[i]] - label_smoothing * spread
                total += weight[labels[i]]
        if reduction == "none":
            return losses
        return math.fsum(losses.ravel()) / (total if reduction == "mean" else 1)

    return of_arrays


def labels(s, low=0):
    return arrays(s, low, CLASSES - 1, dtype=int)


def probabilities(s):
    return arrays(s, 0.1, 0.9).map(lambda p: p / p.sum(-1, keepdims=True))


rows_and_labels = shapes(min_side=1).flatmap(lambda s: call(arrays((*s, CLASSES)), labels(s), reduction=reductions))
rows_and_probabilities = shapes(min_side=1).flatmap(
    lambda s: call(arrays((*s, CLASSES)), probabilities((*s, CLASSES)), reduction=reductions)
)


def columns_and_labels(low=0, **params):
    return st.sampled_from([((3,), ()), ((4, 3), (4,)), ((2, 3, 4), (2, 4))]).flatmap(
        lambda s: call(arrays(s[0]), labels(s[1], low).filter(lambda a: (a >= 0).any()), reduction=reductions, **params)
    )


classes = np.array([0.5, 1.0, 2.0])
plain = over_columns(logs)
ROWS = [
    Row(tg.cross_entropy_of_labels, over_rows(lambda x, k: -logs(x)[k]), rows_and_labels),
    Row(
        tg.cross_entropy_of_probabilities,
        over_rows(lambda x, p: -math.fsum(a * b for a, b in zip(p, logs(x), strict=True))),
        rows_and_probabilities,
    ),
    Row(tg.negative_log_likelihood, over_rows(lambda x, k: -x[k]), rows_and_labels),
    Row(tg.cross_entropy, plain, columns_and_labels()),
    Row(tg.cross_entropy, plain, columns_and_labels(-1, ignore_index=-1), "some ignored"),
    Row(tg.cross_entropy, plain, columns_and_labels(weight=classes), "weighted", keeps_dtype=False),
    Row(tg.cross_entropy, plain, columns_and_labels(label_smoothing=0.1), "smoothed"),
    Row(
        tg.cross_entropy,
        plain,
        columns_and_labels(-1, ignore_index=-1, label_smoothing=0.1, weight=classes),
        "smoothed, weighted, some ignored",
        keeps_dtype=False,
    ),
    Row(
        tg.cross_entropy,
        over_rows(lambda x, p: -math.fsum(a * b for a, b in zip(p, logs(x), strict=True))),
        call(arrays((4, CLASSES)), probabilities((4, CLASSES)), reduction=reductions),
        "of probabilities",
        keeps_dtype=False,  # whole numbers in place of the probabilities would be labels
    ),
    Row(tg.nll_loss, over_columns(list), columns_and_labels()),
    Row(tg.nll_loss, over_columns(list), columns_and_labels(-1, ignore_index=-1), "some ignored"),
    Row(tg.nll_loss, over_columns(list), columns_and_labels(weight=classes), "weighted", keeps_dtype=False),
]
