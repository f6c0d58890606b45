import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, broadcastable


def all_with_all(x1, x2, p=2.0):
    lead = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    x1, x2 = (np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in (x1, x2))
    y = np.zeros((*lead, x1.shape[-2], x2.shape[-2]))
    for *at, i, j in np.ndindex(y.shape):
        differences = [abs(a - b) for a, b in zip(x1[(*at, i)], x2[(*at, j)], strict=True)]
        y[(*at, i, j)] = max(differences) if p == math.inf else sum(v**p for v in differences) ** (1 / p)
    return y


@st.composite
def sets(draw):
    """Two sets of vectors, no two of which are alike anywhere."""
    first, second = draw(broadcastable(2, max_dims=2))
    m, n, d = (draw(st.integers(low, 3)) for low in (0, 0, 1))
    x1, x2 = arrays((*first, m, d), 0.2, 2.0), arrays((*second, n, d), -2.0, -0.2)
    return draw(call(x1, x2, p=st.sampled_from([1.0, 2.0, 3.0, 1.5, math.inf])))


ROWS = [Row(tg.cdist, all_with_all, sets())]
