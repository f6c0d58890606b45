import itertools

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, broadcastable


def matmul(a, b):
    """Row by column, in loops."""
    rows, columns = np.atleast_2d(a), b[:, None] if b.ndim == 1 else b
    lead = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
    rows = np.broadcast_to(rows, lead + rows.shape[-2:])
    columns = np.broadcast_to(columns, lead + columns.shape[-2:])
    found = np.zeros((*lead, rows.shape[-2], columns.shape[-1]))
    for *at, i, j, k in itertools.product(*map(range, (*found.shape, rows.shape[-1]))):
        found[*at, i, j] += rows[*at, i, k] * columns[*at, k, j]
    found = found[..., 0, :] if a.ndim == 1 else found
    return found[..., 0] if b.ndim == 1 else found


@st.composite
def matrices(draw):
    n, k, m = (draw(st.integers(0 if draw(st.integers(0, 9)) == 9 else 1, 4)) for _ in range(3))
    before, after = draw(broadcastable(2, max_dims=2))
    a = (k,) if draw(st.integers(0, 3)) == 3 else (*before, n, k)
    b = (k,) if draw(st.integers(0, 3)) == 3 else (*after, k, m)
    return draw(call(arrays(a), arrays(b)))


ROWS = [Row(tg.matmul, matmul, matrices())]
