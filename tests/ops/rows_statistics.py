import bisect
import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.ops.statistics import _count, _weighted_count
from tinygrad_edu.testing.strategies import arrays


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    rows = np.atleast_2d(m) if rowvar or m.ndim < 2 else m.T
    rows = rows if y is None else np.concatenate([rows, np.atleast_2d(y)])
    often = np.ones(rows.shape[1]) if fweights is None else fweights
    w = often if aweights is None else often * aweights
    off = (0 if bias else 1) if ddof is None else ddof
    total = math.fsum(w)
    divisor = total - off * math.fsum(w * (1 if aweights is None else aweights)) / total
    centred = [x - math.fsum(x * w) / total for x in rows]
    c = np.array([[math.fsum(a * b * w) / divisor for b in centred] for a in centred])
    return c[0, 0] if len(c) == 1 else c


def corrcoef(x, y=None):
    c = cov(x, y)
    return np.array([[c[i, j] / math.sqrt(c[i, i] * c[j, j]) for j in range(len(c))] for i in range(len(c))])


def bincount(x, weights=None, minlength=0):
    y = np.zeros(max([minlength, *(x + 1)]))
    for k, w in zip(x, np.ones(len(x)) if weights is None else weights, strict=True):
        y[k] += w
    return y


variables = st.sampled_from([(5,), (2, 5), (3, 4)]).flatmap(lambda s: call(arrays(s)))
weighed = call(arrays((2, 4)), fweights=np.array([1, 2, 1, 3]), aweights=np.array([1.0, 0.5, 2.0, 1.5]))
labels = arrays((6,), 0, 4, dtype=int)
edges = [-1.0, 0.0, 0.5, 2.5]

ROWS = [
    Row(tg.cov, cov, variables),
    Row(tg.cov, cov, call(arrays((4, 3)), rowvar=False, bias=True), "of columns"),
    Row(tg.cov, cov, call(arrays((2, 4)), arrays((4,)), ddof=2), "of two"),
    Row(tg.cov, cov, weighed, "weighted"),
    Row(tg.corrcoef, corrcoef, call(arrays((3, 6)))),
    Row(_count, bincount, call(labels, minlength=st.sampled_from([0, 7]))),
    Row(_weighted_count, bincount, call(labels, arrays((6,)), minlength=st.sampled_from([0, 7]))),
    Row(tg.bincount, bincount, call(labels, arrays((6,)))),
    Row(
        tg.histogram,
        lambda a, bins: (np.diff([sum(x < edge for x in a) for edge in bins]), np.array(bins)),
        call(arrays((7,)), bins=edges),
    ),
    Row(tg.digitize, lambda x, bins: np.array([bisect.bisect(bins, v) for v in x]), call(arrays((7,)), bins=edges)),
]
