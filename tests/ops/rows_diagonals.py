import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import from_places
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, shapes


def diagonal(a, offset=0, axis1=0, axis2=1):
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    n, m = a.shape[-2:]
    places = [(i, i + offset) for i in range(n) if 0 <= i + offset < m]
    return from_places(a, (*a.shape[:-2], len(places)), lambda *i: (*i[:-1], *places[i[-1]]))


def put_diagonal(a, shape, offset=0, axis1=0, axis2=1):
    found = np.zeros(shape)
    view = np.moveaxis(found, (axis1, axis2), (-2, -1))
    for *lead, k in np.ndindex(a.shape):
        view[(*lead, k + max(-offset, 0), k + max(offset, 0))] = a[(*lead, k)]
    return found


def diag(v, k=0):
    n = v.size + abs(k)
    return put_diagonal(v, (n, n), k) if v.ndim == 1 else diagonal(v, k)


def triangle(keep):
    def of(m, k=0):
        shape = m.shape if m.ndim > 1 else m.shape * 2
        m = np.broadcast_to(m, shape)
        return from_places(m, shape, lambda *i: i if keep(i[-2], i[-1], k) else None)

    return of


@st.composite
def matrices(draw, made=False):
    shape = draw(shapes(min_dims=2))
    axis1, axis2 = draw(st.permutations(range(-len(shape), len(shape))).filter(
        lambda p: (p[0] - p[1]) % len(shape)))[:2]  # fmt: skip
    places = {"offset": draw(st.integers(-5, 5)), "axis1": axis1, "axis2": axis2}
    if made:
        small = diagonal(np.zeros(shape), **places).shape
        return draw(call(arrays(small), shape=shape, **places))
    return draw(call(arrays(shape), **places))


offsets = st.integers(-3, 3)

ROWS = [
    Row(tg.diagonal, diagonal, matrices()),
    Row(tg.put_diagonal, put_diagonal, matrices(made=True)),
    Row(tg.trace, lambda a, **places: diagonal(a, **places).sum(-1), matrices()),
    Row(tg.diag, diag, call(arrays(shapes(min_dims=1, max_dims=2)), k=offsets)),
    Row(tg.diagflat, lambda v, k: diag(v.reshape(-1), k), call(arrays(shapes(max_dims=2)), k=offsets)),
    Row(tg.tril, triangle(lambda i, j, k: j - i <= k), call(arrays(shapes(min_dims=1)), k=offsets)),
    Row(tg.triu, triangle(lambda i, j, k: j - i >= k), call(arrays(shapes(min_dims=1)), k=offsets)),
]
