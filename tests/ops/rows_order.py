import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import keepdims
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import arrays, axes, distinct, shapes

METHODS = {  # how a place between 0 and n - 1 follows from q; Hyndman and Fan 1996
    "linear": lambda q, n: q * (n - 1),
    "hazen": lambda q, n: n * q - 0.5,
    "weibull": lambda q, n: (n + 1) * q - 1,
    "lower": lambda q, n: math.floor(q * (n - 1)),
    "higher": lambda q, n: math.ceil(q * (n - 1)),
}


def at(xs, place):
    xs = sorted(xs)
    place = min(max(place, 0), len(xs) - 1)
    k = math.floor(place)
    return xs[k] + (place - k) * (xs[min(k + 1, len(xs) - 1)] - xs[k])


def quantile(a, q, axis, method, keepdims, percent=1.0):
    parts = [
        by_slices(lambda xs, p=p: at(xs, METHODS[method](p / percent, len(xs))))(a, axis, keepdims) for p in np.ravel(q)
    ]
    return np.reshape(parts, (*np.shape(q), *np.shape(parts[0])))


def percentile(*args, **params):
    return quantile(*args, **params, percent=100.0)


def median(a, axis, keepdims):
    return quantile(a, 0.5, axis, "linear", keepdims)


def apart(**params):
    return shapes(min_side=1).flatmap(
        lambda s: call(distinct(s).map(lambda a: a[0]), axis=axes(len(s)), keepdims=keepdims, **params)
    )


quantiles = apart(q=st.sampled_from([0.3, [0.25, 0.9], [[0.0], [1.0]]]), method=st.sampled_from(list(METHODS)))
percentiles = apart(q=st.sampled_from([30, [25.0, 90.0]]), method=st.sampled_from(list(METHODS)))


@st.composite
def weighed(draw):
    """Whole weights, so that sums of them are exact; for each element, or for each place along one axis."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes(len(shape)).filter(lambda k: k != ()))
    of_one_axis = isinstance(axis, int) and draw(st.booleans())
    weights = draw(arrays(shape[axis] if of_one_axis else shape, 0, 3, dtype=int)) + 0.5
    q = draw(st.sampled_from([0.3, [0.0, 0.55, 1.0]]))
    return draw(call(distinct(shape).map(lambda a: a[0]), axis=axis, keepdims=keepdims, q=q, weights=weights))


def inverse_distribution(a, axis, keepdims, q, weights):
    """The first element, in order, at which the weights so far have reached the part q of all of them."""
    if weights.shape != a.shape:
        weights = np.broadcast_to(weights.reshape([-1 if k == axis % a.ndim else 1 for k in range(a.ndim)]), a.shape)
    weight_of = dict(zip(a.flat, weights.flat, strict=True))

    def reached(xs, p):
        xs = sorted(xs)
        total = math.fsum(weight_of[x] for x in xs)
        return next(x for k, x in enumerate(xs) if math.fsum(weight_of[z] for z in xs[: k + 1]) / total >= p)

    parts = [by_slices(lambda xs, p=p: reached(xs, p))(a, axis, keepdims) for p in np.ravel(q)]
    return np.reshape(parts, (*np.shape(q), *np.shape(parts[0])))


def weighted(op):
    return lambda a, **params: op(a, method="inverted_cdf", **params)


ROWS = [
    Row(tg.median, median, apart()),
    Row(tg.quantile, quantile, quantiles),
    Row(tg.quantile, inverse_distribution, weighed(), "with weights", call_as=weighted),
    Row(tg.percentile, percentile, percentiles),
    Row(tg.nanmedian, median, apart()),
    Row(tg.nanquantile, quantile, quantiles),
    Row(tg.nanpercentile, percentile, percentiles),
]
