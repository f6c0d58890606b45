import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.ops import reduction
from tinygrad_edu.testing.strategies import arrays, axes, shapes

keepdims = st.booleans()


def reduced(min_side=0, min_dims=0):
    """A call with one array, an axis and keepdims."""
    return shapes(min_side=min_side, min_dims=min_dims).flatmap(
        lambda s: call(arrays(s), axis=axes(len(s)), keepdims=keepdims)
    )


def spread_out(**params):
    """Likewise with at least two elements in each slice."""
    return shapes(min_dims=1, min_side=2).flatmap(
        lambda s: call(arrays(s), axis=axes(len(s)).filter(lambda k: k != ()), keepdims=keepdims, **params)
    )


def masked(**params):
    """Likewise with a mask that is never all false along the last axis."""
    mask = np.array([True, False, True, True])
    return call(arrays((3, 4)), axis=st.sampled_from([None, -1, 1]), keepdims=keepdims, where=mask, **params)


def only(f):
    """The reference for a reduction with a mask, in a loop over the rows."""

    def reduction(a, axis, keepdims, where, **params):
        rows = a[:, where] if axis is not None else a[:, where].reshape(1, -1)
        y = np.array([f(row.tolist(), **params) for row in rows])
        return y.reshape(((3, 1) if axis else (1, 1)) if keepdims else ((3,) if axis else ()))

    return reduction


def mean(xs):
    return math.fsum(xs) / len(xs)


def var(xs, ddof=0):
    return math.fsum((x - mean(xs)) ** 2 for x in xs) / (len(xs) - ddof)


def std(xs, ddof=0):
    return math.sqrt(var(xs, ddof))


def total(xs, initial=0.0):
    return math.fsum([initial, *xs])


def with_ddof(f):
    def reduction(a, axis, keepdims, ddof=0, correction=0):
        return by_slices(lambda xs: f(xs, ddof + correction))(a, axis, keepdims)

    return reduction


@st.composite
def about_a_mean(draw):
    """A mean of its own, which need not be that of the array."""
    shape = draw(shapes(min_side=1))
    axis = draw(axes(len(shape)))
    kept = np.zeros(shape).sum(axis=axis, keepdims=True).shape
    a, mean = draw(call(arrays(shape, -1, 1), arrays(kept, 2, 3)))[0]
    return (a, mean), {"axis": axis, "ddof": draw(st.sampled_from([0, 0.5])), "keepdims": draw(st.booleans())}


def with_mean(op):
    return lambda a, mean, **params: op(a, mean=mean, **params)


def var_about(a, mean, axis, ddof, keepdims):
    summed = by_slices(math.fsum)((a - mean) ** 2, axis, keepdims)
    return summed / (a.size / max(summed.size, 1) - ddof)


ROWS = [
    Row(tg.sum, by_slices(math.fsum), reduced()),
    Row(tg.sum, only(total), masked(initial=0.5), "with a mask"),
    Row(tg.mean, by_slices(mean), reduced(min_side=1)),
    Row(tg.mean, only(mean), masked(), "with a mask"),
    Row(reduction.var, with_ddof(var), reduced(min_side=1)),
    Row(reduction.var, with_ddof(var), spread_out(ddof=st.sampled_from([1, 0.5])), "with ddof"),
    Row(reduction.var, with_ddof(var), spread_out(correction=1), "with correction"),
    Row(reduction.var, only(var), masked(ddof=1), "with a mask"),
    Row(tg.var, with_ddof(var), spread_out(ddof=st.sampled_from([1, 0.5]))),
    Row(tg.var, var_about, about_a_mean(), "about a mean", call_as=with_mean),
    Row(tg.std, with_ddof(std), spread_out()),
    Row(tg.std, lambda *a, **p: np.sqrt(var_about(*a, **p)), about_a_mean(), "about a mean", call_as=with_mean),
    Row(reduction.std, with_ddof(std), spread_out()),
    Row(reduction.std, with_ddof(std), spread_out(ddof=1), "with ddof"),
    Row(reduction.std, only(std), masked(), "with a mask"),
]
