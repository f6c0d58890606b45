"""Choosing by bits, as is done for large arrays."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.ops.selection import _MANY

rng = np.random.default_rng(0)
SHAPE = (200, 100)
assert SHAPE[0] * SHAPE[1] > _MANY


def odd(shape, dtype):
    """Numbers among which are NaN, infinities and -0."""
    x = rng.standard_normal(shape).astype(dtype)
    x.flat[:4] = [np.nan, np.inf, -np.inf, -0.0]
    return x


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64"])
@pytest.mark.parametrize("kind", ["arrays", "number", "row", "column", "not contiguous", "numbers"])
def test_where_of_large_arrays_is_that_of_numpy_to_the_bit(kind, dtype):
    condition = rng.random(SHAPE) > 0.5
    if dtype == "int64":
        a, b = rng.integers(-9, 9, SHAPE), rng.integers(-9, 9, SHAPE)
    else:
        a, b = odd(SHAPE, dtype), odd(SHAPE, dtype)
    a, b = {
        "arrays": (a, b),
        "number": (a, 0.0),
        "row": (a[0], b),
        "column": (a, b[:, :1]),
        "not contiguous": (a[::-1, ::-1], np.asfortranarray(b)),
        "numbers": (1.0, -2.0),
    }[kind]
    found, wanted = tg.where(condition, a, b), np.where(condition, a, b)
    assert found.dtype == wanted.dtype
    assert np.ascontiguousarray(found).tobytes() == np.ascontiguousarray(wanted).tobytes()


def test_a_condition_of_numbers_is_true_where_it_is_not_0():
    condition = rng.integers(-1, 2, SHAPE)
    x = odd(SHAPE, "float32")
    np.testing.assert_array_equal(tg.where(condition, x, 0.0), np.where(condition, x, 0.0))
