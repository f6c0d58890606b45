import math

from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import mean, var
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import arrays, axes, shapes


def standardize(x, axes, eps):
    std = by_slices(lambda xs: math.sqrt(var(xs) + eps))(x, axes, keepdims=True)
    return (x - by_slices(mean)(x, axes, keepdims=True)) / std


over_axes = shapes(min_side=1).flatmap(lambda s: call(arrays(s), axes=axes(len(s)), eps=st.sampled_from([0.1, 1.0])))

ROWS = [Row(tg.standardize, standardize, over_axes)]
