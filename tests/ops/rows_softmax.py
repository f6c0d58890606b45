import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import reduced
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import arrays, axes, distinct, shapes


def softmax(x, axis=-1):
    e = np.vectorize(math.exp, otypes=[float])(x)
    return e / by_slices(math.fsum)(e, axis, keepdims=True)


def log_softmax(x, axis=-1):
    return np.vectorize(math.log, otypes=[float])(softmax(x, axis))


def one_hot(labels, num_classes):
    y = np.zeros((*labels.shape, num_classes))
    for i in np.ndindex(labels.shape):
        y[(*i, labels[i])] = 1
    return y


def hardmax(x, axis=-1):
    return (x == x.max(axis=axis, keepdims=True)).astype(float)


over_axis = shapes(min_side=1).flatmap(lambda s: call(arrays(s), axis=axes(len(s))))
apart = shapes(min_side=1, min_dims=1).flatmap(
    lambda s: call(distinct(s).map(lambda a: a[0]), axis=st.integers(-len(s), len(s) - 1))
)
logsumexp = by_slices(lambda xs: math.log(math.fsum(map(math.exp, xs))))

ROWS = [
    Row(tg.softmax, softmax, over_axis),
    Row(tg.log_softmax, log_softmax, over_axis),
    Row(tg.logsumexp, logsumexp, reduced(min_side=1)),
    Row(tg.one_hot, one_hot, call(arrays(shapes(), 0, 4, dtype=int), num_classes=5)),
    Row(tg.hardmax, hardmax, apart),
]
