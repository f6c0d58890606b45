import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
WEIGHT, BIAS = RNG.normal(size=(2, 3, 4)), RNG.normal(size=2)


@pytest.mark.parametrize("lead", [(), (5,), (2, 3), (0,), (1,)])
@pytest.mark.parametrize("bias", [BIAS, None])
def test_each_output_is_a_sum_over_all_products_of_the_inputs(lead, bias):
    a, b = RNG.normal(size=(*lead, 3)), RNG.normal(size=(*lead, 4))
    wanted = np.zeros((*lead, 2))
    for place in np.ndindex(*lead):
        for k in range(2):
            wanted[(*place, k)] = sum(a[place][i] * WEIGHT[k, i, j] * b[place][j] for i in range(3) for j in range(4))
            wanted[(*place, k)] += 0 if bias is None else bias[k]
    np.testing.assert_allclose(F.bilinear(a, b, WEIGHT, bias), wanted, rtol=1e-12)


def test_gradients_to_second_order():
    check_gradients(F.bilinear, RNG.normal(size=(5, 3)), RNG.normal(size=(5, 4)), WEIGHT, BIAS, order=2)


def test_it_is_linear_in_each_input():
    a, b, c = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
    both = F.bilinear(a, b, WEIGHT) + 2 * F.bilinear(a, c, WEIGHT)
    np.testing.assert_allclose(F.bilinear(a, b + 2 * c, WEIGHT), both, rtol=1e-10)


def test_parameters_start_uniform_and_have_pytorchs_names_and_shapes():
    layer = nn.Bilinear(16, 20, 30)
    assert {name: a.shape for name, a in layer.state_dict().items()} == {"weight": (30, 16, 20), "bias": (30,)}
    assert abs(layer.weight.data).max() <= 0.25
    assert layer.weight.data.std() == pytest.approx(0.25 / np.sqrt(3), rel=0.05)
    assert repr(layer) == "Bilinear(in1_features=16, in2_features=20, out_features=30, bias=True)"
    assert nn.Bilinear(2, 3, 4, bias=False).bias is None


def test_copies_and_dtype():
    layer, a, b = nn.Bilinear(3, 4, 2), tg.randn(5, 3), tg.randn(5, 4)
    assert layer(a, b).dtype == np.float32
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(twin(a, b).data, layer(a, b).data)


@pytest.mark.parametrize(("a", "b"), [((5, 2), (5, 4)), ((5, 3), (5, 3)), ((5, 3), (6, 4)), ((), (4,))])
def test_inputs_that_do_not_fit_are_an_error(a, b):
    with pytest.raises(ValueError, match=r"bilinear: expected inputs of shapes .* and \(2, 3, 4\)"):
        F.bilinear(np.zeros(a), np.zeros(b), WEIGHT)


def test_settings_that_make_no_sense_are_errors():
    with pytest.raises(ValueError, match="Bilinear: expected in1_features of at least 1, but got 0"):
        nn.Bilinear(0, 1, 1)
    with pytest.raises(ValueError, match=r"bilinear: expected a bias of shape \(2,\), but got shape \(3,\)"):
        F.bilinear(np.zeros(3), np.zeros(4), WEIGHT, np.zeros(3))
