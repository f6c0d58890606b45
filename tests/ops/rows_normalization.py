import math

from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import mean, var
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.ops.normalization import scale_to_unit, standardize_affine
from tinygrad_edu.testing.strategies import arrays, axes, shapes


def standardize(x, axes, eps):
    std = by_slices(lambda xs: math.sqrt(var(xs) + eps))(x, axes, keepdims=True)
    return (x - by_slices(mean)(x, axes, keepdims=True)) / std


def affine(x, weight, bias, axes, eps):
    return standardize(x, axes, eps) * weight + (0.0 if bias is None else bias)


def root_mean_square(x, axes, eps):
    return x / by_slices(lambda xs: math.sqrt(mean([v * v for v in xs]) + eps))(x, axes, keepdims=True)


@st.composite
def weighted(draw):
    """A weight and a bias that broadcast to x, along the axes of the mean (batch norm) and across them (layer norm)."""
    shape = draw(shapes(min_side=1))
    inner = tuple(draw(st.sampled_from([1, n])) for n in shape)[draw(st.integers(0, len(shape))) :]
    over = draw(axes(len(shape)))
    return draw(call(arrays(shape), arrays(inner), arrays(inner) | st.none(), axes=over, eps=EPS))


EPS = st.sampled_from([0.1, 1.0])
over_axes = shapes(min_side=1).flatmap(lambda s: call(arrays(s), axes=axes(len(s)), eps=EPS))

ROWS = [
    Row(tg.standardize, standardize, over_axes),
    Row(scale_to_unit, root_mean_square, over_axes),
    Row(standardize_affine, affine, weighted()),
]
