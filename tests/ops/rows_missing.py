import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_extreme import one_axis, reduced
from tests.ops.rows_reduction import mean, spread_out, std, var, with_ddof
from tests.ops.rows_scan import along, products, with_zeros
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import arrays


def average(a, axis=None, weights=None):
    weights = np.ones(a.shape) if weights is None else np.broadcast_to(weights, a.shape)
    return by_slices(math.fsum)(a * weights, axis) / by_slices(math.fsum)(weights, axis)


# That a NaN is left out is tested in test_missing.py: near one there are no differences to compare with.
ROWS = [
    Row(tg.nansum, by_slices(math.fsum), reduced),
    Row(tg.nanprod, by_slices(math.prod), products),
    Row(tg.nanmean, by_slices(mean), reduced),
    Row(tg.nanvar, with_ddof(var), spread_out(ddof=1)),
    Row(tg.nanstd, with_ddof(std), spread_out(ddof=1)),
    Row(tg.nanmax, by_slices(max), reduced),
    Row(tg.nanmin, by_slices(min), reduced),
    Row(tg.nanargmax, by_slices(lambda xs: xs.index(max(xs))), one_axis),
    Row(tg.nanargmin, by_slices(lambda xs: xs.index(min(xs))), one_axis),
    Row(tg.nancumsum, along(lambda xs: np.cumsum(xs)), with_zeros),
    Row(tg.nancumprod, along(lambda xs: np.cumprod(xs)), with_zeros),
    Row(tg.average, average, call(arrays((3, 4)), axis=st.sampled_from([None, 0, -1, (0, 1)]))),
    Row(
        tg.average,
        lambda a, weights: average(a, None, weights),
        call(arrays((3, 4)), weights=np.arange(12).reshape(3, 4)),
        "weighted",
    ),
]
