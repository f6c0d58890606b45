import math

from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import arrays, axes, shapes

keepdims = st.booleans()


def reduced(min_side=0):
    """A call with one array, an axis and keepdims."""
    return shapes(min_side=min_side).flatmap(lambda s: call(arrays(s), axis=axes(len(s)), keepdims=keepdims))


ROWS = [
    Row(tg.sum, by_slices(math.fsum), reduced()),
    Row(tg.mean, by_slices(lambda xs: math.fsum(xs) / len(xs)), reduced(min_side=1)),
]
