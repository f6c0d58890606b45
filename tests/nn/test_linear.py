import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients


def by_hand(x, w, b):
    y = np.zeros((*x.shape[:-1], len(w)))
    for place in np.ndindex(*x.shape[:-1]):
        for o in range(len(w)):
            y[(*place, o)] = b[o] + sum(x[place][i] * w[o][i] for i in range(x.shape[-1]))
    return y


@given(st.lists(st.integers(0, 3), max_size=3), st.integers(1, 4), st.integers(1, 3))
def test_linear_is_a_weighted_sum_plus_bias_over_the_last_axis(lead, d, o):
    layer = nn.Linear(d, o, dtype="float64")
    x = np.random.default_rng(0).normal(size=(*lead, d))
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, by_hand(x, layer.weight.data, layer.bias.data), atol=1e-12)


def test_gradients_of_linear_to_second_order():
    layer = nn.Linear(3, 2, dtype="float64")

    def f(x, w, b):
        return nn.functional.linear(x, w, b)

    check_gradients(f, np.random.default_rng(0).normal(size=(4, 3)), layer.weight.data, layer.bias.data, order=2)


def test_parameters_start_uniform_within_one_over_root_in_features():
    layer = nn.Linear(100, 500)
    for p in layer.parameters():
        assert abs(p.data).max() <= 0.1
        assert p.data.std() == pytest.approx(0.1 / math.sqrt(3), rel=0.1)
    assert layer.weight.dtype == np.float32


def test_parameters_follow_the_seed_and_the_default_dtype():
    tg.manual_seed(5)
    first = nn.Linear(3, 2)
    tg.manual_seed(5)
    np.testing.assert_array_equal(nn.Linear(3, 2).weight.data, first.weight.data)
    with tg.default_dtype("float64"):
        assert nn.Linear(3, 2).bias.dtype == np.float64
    assert nn.Linear(3, 2, dtype="float64").weight.dtype == np.float64


def test_without_bias_there_is_no_parameter_for_it():
    layer = nn.Linear(2, 1, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert repr(layer) == "Linear(in_features=2, out_features=1, bias=False)"
    np.testing.assert_array_equal(layer(tg.zeros((3, 2))).data, np.zeros((3, 1)))


def test_an_input_that_does_not_fit_is_an_error_that_names_the_sizes():
    layer = nn.Linear(3, 2)
    with pytest.raises(ValueError) as error:
        layer(tg.zeros((4, 5)))
    assert str(error.value) == ("Linear: expected an input with in_features=3 as its last axis, but got shape (4, 5).")
    with pytest.raises(ValueError, match=r"in_features=3 .* got shape \(\)"):
        layer(tg.Tensor(1.0))


def test_an_empty_batch_gives_an_empty_output_and_zero_gradients():
    layer = nn.Linear(3, 2)
    y = layer(tg.zeros((0, 3)))
    assert y.shape == (0, 2)
    y.sum().backward()
    assert not layer.weight.grad.any()
    assert layer.weight.grad.shape == (2, 3)


def test_sizes_are_whole_numbers_of_at_least_0():
    with pytest.raises(ValueError, match="Linear: expected out_features of at least 0, but got -2"):
        nn.Linear(1, -2)
    for wrong in (1.5, True, "3"):
        with pytest.raises(TypeError, match="Linear: expected a whole number as in_features, but got"):
            nn.Linear(wrong, 1)
    assert nn.Linear(0, 2)(tg.zeros((3, 0))).shape == (3, 2)


def test_arrays_are_taken_as_inputs():
    layer = nn.Linear(2, 1)
    x = np.array([[1.0, 2.0]], np.float32)
    np.testing.assert_array_equal(layer(x).data, layer(tg.Tensor(x)).data)


def test_a_list_is_no_input():
    for layer in (nn.Linear(2, 1), nn.BatchNorm1d(2), nn.Flatten(), nn.Softmax(), nn.Dropout()):
        with pytest.raises(TypeError, match=r"expected a Tensor or an array, but got list. Wrap it: tg.Tensor"):
            layer([[1.0, 2.0], [3.0, 4.0]])


def test_identity_takes_any_arguments_and_returns_its_input():
    x = tg.randn(3)
    assert nn.Identity(54, unused=True)(x) is x


@pytest.mark.parametrize(
    ("arguments", "shape"), [((), (2, 60)), ((0,), (120,)), ((1, 2), (2, 12, 5)), ((-2, -1), (2, 3, 20))]
)
def test_flatten_joins_axes(arguments, shape):
    x = tg.randn(2, 3, 4, 5, requires_grad=True)
    y = nn.Flatten(*arguments)(x)
    np.testing.assert_array_equal(y.data, x.data.reshape(shape))
    y.sum().backward()
    assert x.grad.shape == x.shape


def test_flatten_of_what_has_no_such_axes_is_an_error():
    with pytest.raises(IndexError, match=r"flatten: expected start_dim in -1..0, but got 1 for shape \(3,\)"):
        nn.Flatten()(tg.zeros(3))
    with pytest.raises(ValueError, match="a start_dim that is not after end_dim, but got 2 and 1"):
        nn.Flatten(2, 1)(tg.zeros((2, 3, 4)))
    assert nn.Flatten(0)(tg.Tensor(1.0)).shape == (1,)
    assert repr(nn.Flatten()) == "Flatten(start_dim=1, end_dim=-1)"
