import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import along
from tests.ops.table import Row, call
from tinygrad_edu.ops.correlation import convolve_full
from tinygrad_edu.testing.strategies import arrays, axes, shapes


def meshgrid(*xi, indexing, sparse):
    shape = [x.size for x in xi]
    order = [1, 0, *range(2, len(xi))] if indexing == "xy" and len(xi) > 1 else list(range(len(xi)))
    grids = []
    for k, x in enumerate(xi):
        sizes = [shape[j] if not sparse or j == k else 1 for j in order]
        grids.append(np.array([x[i[order.index(k)]] for i in np.ndindex(*sizes)]).reshape(sizes))
    return grids


def delete(arr, obj, axis):
    arr, axis = (arr.ravel(), 0) if axis is None else (arr, axis)
    n = arr.shape[axis]
    gone = {k % n for k in (range(n)[obj] if isinstance(obj, slice) else np.atleast_1d(obj))}
    return along(arr, axis % arr.ndim, [k for k in range(n) if k not in gone])


def insert(arr, values, obj, axis):
    """Slice after slice, from the last place to the first."""
    arr, axis = (arr.ravel(), 0) if axis is None else (arr, axis)
    rows = list(np.moveaxis(arr, axis, 0))
    new = list(np.broadcast_to(np.moveaxis(values, axis, 0) if values.ndim else values, (len(obj), *rows[0].shape)))
    for k in sorted(range(len(obj)), key=lambda k: (obj[k], k), reverse=True):
        rows.insert(obj[k], new[k])
    return np.moveaxis(np.array(rows), 0, axis)


def convolve(a, v, mode="full"):
    n, m = a.size, v.size
    y = [math.fsum(a[i] * v[k - i] for i in range(n) if 0 <= k - i < m) for k in range(n + m - 1)]
    short, long = sorted((n, m))
    start = {"full": 0, "same": (short - 1) // 2, "valid": short - 1}[mode]
    return np.array(y[start : start + {"full": len(y), "same": long, "valid": long - short + 1}[mode]])


def correlate(a, v, mode="valid"):
    """For a shorter than v, NumPy exchanges them and turns the result round."""
    return correlate(v, a, mode)[::-1] if a.size < v.size else convolve(a, v[::-1], mode)


@st.composite
def left_out(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes(len(shape), several=False))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    place = st.integers(-n, n - 1)
    return draw(
        call(arrays(shape), obj=place | st.lists(place, max_size=3) | st.just(slice(None, None, 2)), axis=st.just(axis))
    )


@st.composite
def put_in(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes(len(shape), several=False))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    obj = draw(st.lists(st.integers(0, n), min_size=2, max_size=3))
    sizes = (len(obj),) if axis is None else (*shape[: axis % len(shape)], len(obj), *shape[axis % len(shape) + 1 :])
    return draw(call(arrays(shape), arrays(draw(st.sampled_from([(), sizes]))), obj=st.just(obj), axis=st.just(axis)))


vectors = st.lists(st.integers(1, 3), min_size=1, max_size=3).flatmap(
    lambda sizes: call(*(arrays((n,)) for n in sizes), indexing=st.sampled_from(["xy", "ij"]), sparse=st.booleans())
)
modes = st.sampled_from(["full", "same", "valid"])
pair = shapes(min_dims=2, max_dims=2, min_side=1, max_side=5)

ROWS = [
    Row(tg.meshgrid, meshgrid, vectors, keeps_dtype=False),
    Row(tg.delete, delete, left_out()),
    Row(tg.insert, insert, put_in(), call_as=lambda op: lambda arr, values, obj, axis: op(arr, obj, values, axis)),
    Row(convolve_full, convolve, pair.flatmap(lambda s: call(arrays(s[:1]), arrays(s[1:])))),
    Row(tg.convolve, convolve, pair.flatmap(lambda s: call(arrays(s[:1]), arrays(s[1:]), mode=modes))),
    Row(tg.correlate, correlate, pair.flatmap(lambda s: call(arrays(s[:1]), arrays(s[1:]), mode=modes))),
]  # fmt: skip
