import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


def test_a_parameter_is_a_tensor_that_requires_grad_and_owns_its_numbers():
    array = np.ones(2)
    p = nn.Parameter(array)
    array[0] = 5
    assert isinstance(p, tg.Tensor)
    assert p.requires_grad
    assert p.tolist() == [1, 1]
    assert not hasattr(p, "__dict__")


def test_results_of_parameters_are_plain_tensors():
    assert type(nn.Parameter([1.0]) * 2) is tg.Tensor


def test_integers_need_requires_grad_false():
    with pytest.raises(TypeError, match="expected a floating dtype, but got int64"):
        nn.Parameter([1, 2])
    assert nn.Parameter([1, 2], requires_grad=False).dtype == np.int64


def test_a_parameter_of_a_tensor_is_a_leaf():
    assert nn.Parameter(tg.randn(2)).is_leaf
    with pytest.raises(TypeError, match="detach"):
        nn.Parameter(tg.randn(2, requires_grad=True) * 2)
