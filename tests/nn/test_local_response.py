import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import arrays


def by_hand(x, size, alpha, beta, k):
    y = np.zeros(x.shape)
    for c in range(x.shape[1]):
        around = [i for i in range(c - size // 2, c + (size - 1) // 2 + 1) if 0 <= i < x.shape[1]]
        mean = sum(x[:, i] ** 2 for i in around) / size
        y[:, c] = x[:, c] / (k + alpha * mean) ** beta
    return y


@given(
    st.tuples(st.integers(0, 2), st.integers(1, 5)),
    st.sampled_from([(2,), (2, 3), (1, 2, 2)]),
    st.integers(1, 7),
    st.data(),
)
def test_each_number_is_divided_by_the_size_of_its_neighbours_in_other_channels(lead, rest, size, data):
    x = data.draw(arrays((*lead, *rest)))
    settings = data.draw(st.sampled_from([(1e-4, 0.75, 1.0), (2.0, 0.5, 0.1), (1.0, 2.0, 3.0)]))
    y = F.local_response_norm(tg.Tensor(x), size, *settings)
    np.testing.assert_allclose(y.data, by_hand(x, size, *settings), rtol=1e-12)
    if x.size:
        check_gradients(lambda x: F.local_response_norm(x, size, *settings), x, order=2)


def test_with_the_alpha_of_the_paper_it_is_the_sum_over_the_neighbours():
    """Krizhevsky et al., section 3.3: b = a / (k + alpha * sum(a**2))**beta, k = 2, n = 5, alpha = 1e-4."""
    x = np.full((1, 5, 1), 100.0)
    y = nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)(tg.Tensor(x)).data
    assert y[0, 2, 0] == pytest.approx(100 / (2 + 1e-4 * 5 * 100**2) ** 0.75)


def test_the_module_has_pytorchs_repr_no_state_and_can_be_copied():
    layer = nn.LocalResponseNorm(3, beta=0.5)
    assert repr(layer) == "LocalResponseNorm(3, alpha=0.0001, beta=0.5, k=1.0)"
    assert layer.state_dict() == {}
    x = tg.randn(2, 5, 3)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(x).data, layer(x).data)


def test_what_does_not_fit_is_an_error_that_says_why():
    with pytest.raises(ValueError, match=r"local_response_norm: expected an input of shape \(n, c, .* \(2, 3\)"):
        nn.LocalResponseNorm(2)(tg.zeros((2, 3)))
    with pytest.raises(ValueError, match="local_response_norm: expected size of at least 1, but got 0"):
        nn.LocalResponseNorm(0)(tg.zeros((2, 3, 4)))
