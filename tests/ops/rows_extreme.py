from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import keepdims, only
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import axes, distinct, shapes

reduced = shapes(min_side=1).flatmap(
    lambda s: call(distinct(s).map(lambda a: a[0]), axis=axes(len(s)), keepdims=keepdims)
)
one_axis = shapes(min_side=1).flatmap(
    lambda s: call(distinct(s).map(lambda a: a[0]), axis=axes(len(s), several=False), keepdims=keepdims)
)
masked = call(
    distinct((3, 4)).map(lambda a: a[0]),
    axis=st.sampled_from([None, -1]),
    keepdims=keepdims,
    where=[True, False, True, True],
    initial=0.03,
)

ROWS = [
    Row(tg.max, by_slices(max), reduced),
    Row(tg.max, only(lambda xs, initial: max([initial, *xs])), masked, "with a mask"),
    Row(tg.min, by_slices(min), reduced),
    Row(tg.min, only(lambda xs, initial: min([initial, *xs])), masked, "with a mask"),
    Row(tg.ptp, by_slices(lambda xs: max(xs) - min(xs)), reduced),
    Row(tg.argmax, by_slices(lambda xs: xs.index(max(xs))), one_axis),
    Row(tg.argmin, by_slices(lambda xs: xs.index(min(xs))), one_axis),
]
