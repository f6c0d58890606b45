import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, array
from tinygrad_edu.ops import casting


def as_numbers(x, dtype=float):
    return np.array(x.tolist()).reshape(x.shape).astype(dtype)


ROWS = [
    Row(tg.copy, as_numbers, array()),
    Row(tg.detach, as_numbers, array()),
    Row(tg.astype, as_numbers, array(dtype="float64"), keeps_dtype=False),
    Row(casting._cast, as_numbers, array(dtype="float64"), keeps_dtype=False),
    Row(casting._convert, as_numbers, array(dtype=st.sampled_from(["int64", "bool"])), keeps_dtype=False),
]
