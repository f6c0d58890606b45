import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.embedding import embedding
from tinygrad_edu.testing.strategies import arrays


def rows_of(weight, indices, padding_idx):
    y = np.zeros((*indices.shape, weight.shape[1]))
    for place in np.ndindex(indices.shape):
        y[place] = weight[indices[place]]
    return y


def indices(least, most):
    shapes = st.sampled_from([(), (0,), (4,), (2, 3), (9,)])
    return shapes.flatmap(lambda s: arrays(s, least, most, dtype=int))


ROWS = [
    Row(embedding, rows_of, call(arrays((4, 3)), indices(0, 3), padding_idx=None)),
    # the row for padding has no gradient, by definition: it is not read here
    Row(embedding, rows_of, call(arrays((4, 3)), indices(1, 3), padding_idx=0), "with padding"),
]
