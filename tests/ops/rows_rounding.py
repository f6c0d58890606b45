import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, array, call, elementwise, part
from tinygrad_edu.testing.strategies import arrays, broadcastable

# a / b lies between 2.1 and 2.9, or is minus that: no jump is near.
divided = broadcastable(2).flatmap(
    lambda s: st.sampled_from([1.0, -1.0]).flatmap(
        lambda sign: call(arrays(s[0], 2.3, 2.6).map(lambda a: np.asarray(a * sign)), arrays(s[1], 0.95, 1.05))
    )
)
steps = array(away=[-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0])


ROWS = [
    Row(tg.floor, elementwise(math.floor), steps),
    Row(tg.ceil, elementwise(math.ceil), steps),
    Row(tg.trunc, elementwise(math.trunc), steps),
    Row(tg.fix, elementwise(math.trunc), steps),
    Row(tg.rint, elementwise(round), steps),
    Row(tg.round, elementwise(round), steps),
    Row(tg.round, lambda a, decimals: elementwise(lambda x: round(x, decimals))(a), array(decimals=2), "of decimals"),
    Row(tg.floor_divide, elementwise(lambda a, b: math.floor(a / b)), divided),
    Row(tg.remainder, elementwise(lambda a, b: a - b * math.floor(a / b)), divided, rtol=1e-7),
    Row(tg.fmod, elementwise(math.fmod), divided),
    Row(tg.divmod, elementwise(lambda a, b: divmod(a, b)[1]), divided, call_as=part(1)),
    Row(tg.modf, elementwise(lambda x: math.modf(x)[0]), steps, call_as=part(0)),
]
