import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, shapes


def linear(x, w, b=None):
    y = np.zeros((*x.shape[:-1], len(w)))
    for i in np.ndindex(y.shape):
        y[i] = sum(x[i[:-1]] * w[i[-1]]) + (0.0 if b is None else b[i[-1]])
    return y


def dropout(x, mask, p):
    return np.array([v / (1 - p) if keep else 0.0 for v, keep in zip(x.flat, mask.flat, strict=True)]).reshape(x.shape)


inputs = shapes(max_dims=2).flatmap(lambda s: call(arrays((*s, 3)), arrays((2, 3)), arrays((2,)) | st.none()))
dropped = shapes().flatmap(
    lambda s: call(arrays(s), arrays(s, 0, 1, dtype=int).map(lambda a: a == 1), p=st.sampled_from([0.0, 0.2, 0.5]))
)

ROWS = [
    Row(tg.linear, linear, inputs),
    Row(tg.dropout, dropout, dropped),
]
