import math

import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.attention import attention, attention_softmax
from tinygrad_edu.testing.strategies import arrays, shapes


def softmax_of_row(row):
    powers = [math.exp(x) for x in row]  # exp(-inf) is 0
    return [x / sum(powers) if sum(powers) else 0.0 for x in powers]


def by_rows(scores):
    return np.array([softmax_of_row(row) for row in scores.reshape(-1, scores.shape[-1])]).reshape(scores.shape)


def by_queries(q, k, v, bias=None, mask=None, scale=1.0, p=0.0):
    """Attention, one query after another."""
    batch = np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    t, s = q.shape[-2], k.shape[-2]
    q, k, v = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (q, k, v))
    bias = np.broadcast_to(0.0 if bias is None else bias, (*batch, t, s))
    mask = np.broadcast_to(True if mask is None else mask, (*batch, t, s))
    y = np.zeros((*batch, t, v.shape[-1]))
    for place in np.ndindex(*batch, t):
        at, i = place[:-1], place[-1]
        scores = [scale * sum(q[at][i] * k[at][j]) + bias[at][i, j] for j in range(s)]
        for j, w in enumerate(softmax_of_row(scores)):
            y[place] += w * v[at][j] * (mask[at][i, j] / (1 - p))
    return y


@st.composite
def calls(draw):
    """Batches that broadcast, with and without a bias and a dropout mask."""
    batch = draw(shapes(max_dims=2, max_side=2))
    t, s, e, f = draw(st.tuples(*[st.integers(1, 3)] * 4))
    shared = draw(st.sampled_from([batch, batch[1:], (1, *batch[1:])])) if batch else ()
    bias, mask, p = None, None, 0.0
    if draw(st.booleans()):
        bias = draw(arrays(draw(st.sampled_from([(t, s), (*batch, t, s), (1, s)]))))
    if draw(st.booleans()):
        mask, p = draw(arrays((*np.broadcast_shapes(batch, shared), t, s))) > 0, 0.25
    q, k, v = arrays((*batch, t, e)), arrays((*shared, s, e)), arrays((*shared, s, f))
    return draw(call(q, k, v, bias, mask, scale=st.sampled_from([1.0, 0.5]), p=p))


ROWS = [
    Row(attention_softmax, by_rows, shapes(1, 3).filter(lambda s: s[-1]).flatmap(lambda s: call(arrays(s)))),
    Row(attention, by_queries, calls()),
]
