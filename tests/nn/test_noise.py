import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients


def test_noise_has_the_standard_deviation_and_no_bias():
    x = tg.randn(400, 500)
    noise = nn.GaussianNoise(0.3)(x).data - x.data
    assert noise.std() == pytest.approx(0.3, rel=0.01)
    assert noise.mean() == pytest.approx(0, abs=0.003)


def test_noise_is_new_in_each_call_and_the_seed_repeats_it():
    layer, x = nn.GaussianNoise(), tg.ones(100)
    tg.manual_seed(0)
    first, second = layer(x).data, layer(x).data
    assert (first != second).all()
    tg.manual_seed(0)
    np.testing.assert_array_equal(layer(x).data, first)


def test_in_eval_and_without_a_deviation_it_is_the_input_itself():
    x = tg.randn(3)
    assert nn.GaussianNoise().eval()(x) is x
    assert nn.GaussianNoise(0.0)(x) is x
    assert F.gaussian_noise(x, 0.5, training=False) is x


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_noise_keeps_the_dtype_and_passes_the_gradient_on(dtype):
    x = tg.Tensor(np.zeros((2, 3), dtype), requires_grad=True)
    y = nn.GaussianNoise()(x)
    assert y.dtype == dtype
    y.backward(np.full((2, 3), 2.0))
    assert x.grad.tolist() == [[2, 2, 2]] * 2
    assert F.gaussian_noise(np.zeros(3, dtype)).dtype == dtype
    assert F.gaussian_noise(tg.Tensor([1, 2])).dtype == np.float32


def test_gradients_to_second_order():
    check_gradients(lambda x: nn.GaussianNoise(0.2)(x) ** 2, np.ones((2, 3)), order=2)


def test_the_repr_says_the_deviation_and_copies_keep_it():
    layer = nn.GaussianNoise(0.25)
    for other in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(other) == "GaussianNoise(std=0.25)"
    assert layer.state_dict() == {}


def test_a_negative_deviation_is_an_error():
    for wrong in (-0.1, float("nan")):
        with pytest.raises(ValueError, match="GaussianNoise: expected a standard deviation of at least 0, but got"):
            nn.GaussianNoise(wrong)
    with pytest.raises(ValueError, match="gaussian_noise: expected a standard deviation of at least 0, but got -1"):
        F.gaussian_noise(tg.ones(2), -1)
    with pytest.raises(TypeError, match="gaussian_noise: expected a Tensor or an array, but got list"):
        nn.GaussianNoise()([1.0])
