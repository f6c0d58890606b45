import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import changed
from tests.ops.table import Row, call
from tinygrad_edu.ops import scattering
from tinygrad_edu.testing.strategies import arrays, distinct, shapes

REDUCE = {
    "sum": math.fsum,
    "prod": math.prod,
    "mean": lambda numbers: math.fsum(numbers) / len(numbers),
    "amax": max,
    "amin": min,
}


def gather(input, dim, index):
    return np.array([input[changed(i, dim % input.ndim, index[i])] for i in np.ndindex(index.shape)]).reshape(
        index.shape
    )


def meeting(input, src, dim, index, reduce, include_self=True):
    """Every number goes to its place; then the numbers at each place are reduced."""
    at = {i: ([input[i]] if include_self else []) for i in np.ndindex(input.shape)}
    for i in np.ndindex(index.shape):
        place = changed(i, dim % input.ndim, index[i] % input.shape[dim])
        at[place].append(src[i])
    found = np.array(input)
    for i, numbers in at.items():
        found[i] = reduce(numbers) if numbers else input[i]
    return found


def last(input, src, dim, index):
    return meeting(input, np.broadcast_to(src, index.shape) if np.ndim(src) == 0 else src, dim, index, lambda n: n[-1])


def put_along_axis(arr, values, indices, axis):
    if axis is None:
        return put_along_axis(arr.ravel(), values, indices, 0).reshape(arr.shape)
    wide = np.broadcast_to(indices, changed(arr.shape, axis % arr.ndim, indices.shape[axis]))
    return last(arr, np.broadcast_to(values, wide.shape), axis, wide)


def index_add(input, source, dim, index, alpha):
    found = np.moveaxis(np.array(input), dim, 0)
    for k, row in zip(index, np.moveaxis(source, dim, 0), strict=True):
        found[k] += alpha * row
    return np.moveaxis(found, 0, dim)


@st.composite
def lines(draw, values=None, reach=None, **params):
    """An array, what goes to places in it (as `values` says), the axis, and an index of places along it."""
    shape = draw(shapes(min_dims=1, min_side=1))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    n = shape[dim]
    cut = tuple(draw(st.integers(1, 4 if k == dim % len(shape) else m)) for k, m in enumerate(shape))
    index = draw(arrays(cut, -n, n - 1, dtype=np.int64))
    longer = tuple(m + draw(st.integers(0, 1)) for m in cut)
    pools = {None: (), "number": ((),), "src": (longer,)}[values]
    drawn = (
        draw(distinct(shape, *pools))
        if reach is None
        else draw(st.tuples(*(arrays(s, *reach) for s in (shape, *pools))))
    )
    return drawn, {"dim": dim, "index": index, **draw(st.fixed_dictionaries(params))}


@st.composite
def along(draw):
    (arr,), params = draw(lines())
    index, axis = params["index"], params["dim"]
    lanes = changed(tuple(draw(st.sampled_from([1, n])) for n in arr.shape), axis % arr.ndim, index.shape[axis])
    n = arr.shape[axis]
    if draw(st.integers(0, 3)) == 3:
        axis, lanes, n = None, (draw(st.integers(0, 4)),), arr.size
    indices = draw(arrays(lanes, -n, n - 1, dtype=np.int64))
    values = draw(arrays(draw(st.sampled_from([(), lanes]))))
    return (arr, values), {"indices": indices, "axis": axis}


@st.composite
def added_slices(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    index = draw(arrays((draw(st.integers(0, 4)),), 0, shape[dim] - 1, dtype=np.int64))
    source = changed(shape, dim % len(shape), index.size)
    return draw(call(arrays(shape), arrays(source), dim=dim, index=st.just(index), alpha=st.sampled_from([1, 2.5])))


@st.composite
def chosen_slices(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    index = arrays((draw(st.integers(0, 4)),), 0, shape[dim] - 1, dtype=np.int64)
    return draw(call(arrays(shape), dim=dim, index=index))


@st.composite
def masks(draw):
    shape = draw(shapes())
    mask = np.random.default_rng(draw(st.integers(0, 99))).random(shape[draw(st.integers(0, len(shape))) :]) > 0.5
    return draw(call(arrays(shape), arrays(()), mask=st.just(mask)))


@st.composite
def pairs(draw, reach=None, **params):
    """For the ops that take an index expression: a vector and numbers that go to places in it."""
    n, k = draw(st.integers(1, 4)), draw(st.integers(0, 5))
    drawn = draw(distinct((n,), (k,))) if reach is None else draw(st.tuples(arrays((n,), *reach), arrays((k,), *reach)))
    index = draw(arrays((k,), 0, n - 1, dtype=np.int64))
    return drawn, {"index": index, **draw(st.fixed_dictionaries(params))}


def src_second(op):
    """`op` with its second array behind the first, as the table hands arrays over."""

    def called(input, src, *, dim, index, **params):
        return op(input, dim, index, src, **params)

    return called


def at(input, src, index, reduce):
    return meeting(input, src, 0, index, reduce)


FACTORS = (0.5, 2.0)
signed = st.booleans()

ROWS = [
    Row(tg.gather, gather, lines()),
    Row(tg.scatter, last, lines("src"), call_as=src_second),
    Row(tg.scatter, last, lines("number"), "a number", call_as=src_second),
    Row(tg.scatter_add, lambda *a, **p: meeting(*a, **p, reduce=sum), lines("src"), call_as=src_second),
    Row(tg.scatter_reduce, lambda *a, reduce, **p: meeting(*a, **p, reduce=REDUCE[reduce]), lines(
        "src", reduce=st.sampled_from(["sum", "mean", "amax", "amin"]), include_self=signed), call_as=src_second),
    Row(tg.scatter_reduce, lambda *a, reduce, **p: meeting(*a, **p, reduce=math.prod), lines(
        "src", FACTORS, reduce=st.just("prod"), include_self=signed), "product", call_as=src_second),
    Row(scattering.extreme_at, lambda a, src, index, largest: at(a, src, index, max if largest else min), pairs(
        largest=signed)),
    Row(scattering.product_at, lambda a, src, index: at(a, src, index, math.prod), pairs(FACTORS)),
    Row(tg.put_along_axis, put_along_axis, along(), call_as=lambda op: (
        lambda arr, values, indices, axis: op(arr, indices, values, axis))),
    Row(tg.index_add, index_add, added_slices(), call_as=src_second),
    Row(tg.index_select, lambda input, dim, index: np.moveaxis(
        np.array([np.moveaxis(input, dim, 0)[k] for k in index]).reshape(
            len(index), *changed(input.shape, dim % input.ndim, 0)[: dim % input.ndim],
            *input.shape[dim % input.ndim + 1 :]), 0, dim), chosen_slices()),
    Row(tg.masked_fill, lambda input, value, mask: np.array([value if m else x for x, m in zip(
        input.flat, np.broadcast_to(mask, input.shape).flat, strict=True)]).reshape(input.shape), masks(),
        call_as=lambda op: lambda input, value, mask: op(input, mask, value)),
]  # fmt: skip
