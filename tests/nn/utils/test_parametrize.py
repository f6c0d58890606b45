"""Computed parameters: of one's own, and weight norm and spectral norm against their definitions."""

import copy
import pickle
import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.nn.utils import parametrizations, parametrize
from tinygrad_edu.testing import check_gradients

x = np.random.default_rng(0).standard_normal((5, 3))


class Symmetric(nn.Module):
    def forward(self, w):
        return (w + w.T) / 2


class Positive(nn.Module):
    def forward(self, w):
        return tg.exp(w)

    def right_inverse(self, value):
        return tg.log(value)


class Wider(nn.Module):
    def forward(self, w):
        return tg.concatenate([w, w])

    def right_inverse(self, value):
        return value + 1


class Failing(Wider):
    def forward(self, w):
        raise ArithmeticError("no")


def layer(seed=0):
    tg.manual_seed(seed)
    return nn.Linear(3, 3, dtype="float64")


def test_parameter_is_computed_whenever_it_is_read_and_trained_through():
    m = parametrize.register_parametrization(layer(), "weight", Symmetric())
    optimizer = optim.SGD(m.parameters(), lr=0.1)
    for _ in range(3):
        before = m.weight.data.copy()
        np.testing.assert_array_equal(before, before.T)
        optimizer.zero_grad()
        (m(tg.Tensor(x)) ** 2).sum().backward(keep=False)
        optimizer.step()
        assert (m.weight.data != before).any()
    np.testing.assert_allclose(m(tg.Tensor(x)).data, x @ m.weight.data.T + m.bias.data)


def test_gradients_go_through_what_computes_the_parameter():
    m = parametrize.register_parametrization(layer(), "weight", Symmetric())

    def f(w):
        m.parametrizations.weight.originals = lambda: [w]  # the tensor that is checked
        return tg.tanh(m(tg.Tensor(x)))

    check_gradients(f, layer().weight.data.copy(), order=2)


def test_original_is_the_same_parameter_so_that_an_optimizer_goes_on():
    m = layer()
    p = m.weight
    parametrize.register_parametrization(m, "weight", Symmetric())
    assert m.parametrizations.weight.original is p
    assert [name for name, _ in m.named_parameters()] == ["bias", "parametrizations.weight.original"]
    assert parametrize.remove_parametrizations(m, "weight").weight is p


def test_right_inverse_keeps_the_numbers_and_takes_new_ones():
    m = layer()
    m.weight.data = np.abs(m.weight.data)
    before = m.weight.data.copy()
    parametrize.register_parametrization(m, "weight", Positive())
    np.testing.assert_allclose(m.weight.data, before, rtol=1e-14)
    m.weight = 2 * before
    np.testing.assert_allclose(m.weight.data, 2 * before, rtol=1e-14)
    np.testing.assert_allclose(m.parametrizations.weight.original.data, np.log(2 * before), rtol=1e-14)


def test_second_parametrization_takes_what_the_first_returned():
    m = parametrize.register_parametrization(layer(), "weight", Symmetric())
    parametrize.register_parametrization(m, "weight", Positive())
    w = m.parametrizations.weight.original.data
    np.testing.assert_allclose(m.weight.data, np.exp((w + w.T) / 2), rtol=1e-14)


def test_two_parameters_may_be_computed_and_one_removed():
    m = parametrize.register_parametrization(layer(), "weight", Symmetric())
    parametrize.register_parametrization(m, "bias", nn.Identity())
    weight = m.weight.data
    assert parametrize.is_parametrized(m)
    parametrize.remove_parametrizations(m, "weight")
    assert not parametrize.is_parametrized(m, "weight")
    assert parametrize.is_parametrized(m, "bias")
    np.testing.assert_array_equal(m.weight.data, weight)
    assert type(parametrize.remove_parametrizations(m, "bias")) is nn.Linear
    assert list(m.state_dict()) == ["weight", "bias"]


def test_removing_may_go_back_to_the_original():
    m = parametrize.register_parametrization(layer(), "weight", Symmetric())
    parametrize.remove_parametrizations(m, "weight", leave_parametrized=False)
    np.testing.assert_array_equal(m.weight.data, layer().weight.data)


@pytest.mark.parametrize("put", [parametrizations.weight_norm, parametrizations.spectral_norm])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_copies_compute_the_same_on_their_own(put, copied):
    one = put(layer()).eval()
    two = copied(one)
    assert type(two) is type(one)
    np.testing.assert_array_equal(one(tg.Tensor(x)).data, two(tg.Tensor(x)).data)
    two.weight = two.weight.data * [[1], [2], [3]]
    np.testing.assert_array_equal(one(tg.Tensor(x)).data, put(layer()).eval()(tg.Tensor(x)).data)


def test_state_dicts_have_the_names_of_pytorch_and_go_to_another():
    for put, names in (
        (parametrizations.weight_norm, ["original0", "original1"]),
        (parametrizations.spectral_norm, ["original", "0._u", "0._v"]),
    ):
        one, two = put(layer()), put(layer(1))
        assert list(one.state_dict()) == ["bias", *(f"parametrizations.weight.{name}" for name in names)]
        two.load_state_dict(one.state_dict())
        np.testing.assert_array_equal(one.eval()(tg.Tensor(x)).data, two.eval()(tg.Tensor(x)).data)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm_is_length_times_direction(dim):
    m = parametrizations.weight_norm(layer(), dim=dim)
    np.testing.assert_allclose(m.weight.data, layer().weight.data, rtol=1e-14)
    g, v = (p.data for p in m.parametrizations.weight.originals())
    axes = None if dim is None else 1 - dim
    np.testing.assert_allclose(m.weight.data, g * v / np.sqrt((v**2).sum(axes, keepdims=dim is not None)), rtol=1e-14)
    m.parametrizations.weight.original0.data = 2 * g
    np.testing.assert_allclose(m.weight.data, 2 * layer().weight.data, rtol=1e-14)


def test_spectral_norm_starts_near_the_norm_and_follows_it_in_training_only():
    m = parametrizations.spectral_norm(layer())
    w = layer().weight.data
    assert np.linalg.norm(m.weight.data, 2) == pytest.approx(1, rel=1e-2)
    u, v = (b.data.copy() for b in m.buffers())
    _ = m.weight
    u = w @ v / np.linalg.norm(w @ v)
    v = w.T @ u / np.linalg.norm(w.T @ u)
    for b, wanted in zip(m.buffers(), (u, v), strict=True):
        np.testing.assert_allclose(b.data, wanted, rtol=1e-12)
    np.testing.assert_allclose(m.eval().weight.data, w / (u @ w @ v), rtol=1e-12)
    for b, wanted in zip(m.buffers(), (u, v), strict=True):
        np.testing.assert_allclose(b.data, wanted, rtol=1e-12)


def test_two_readings_before_one_backward_are_fine():
    m = parametrizations.spectral_norm(layer())
    (m(tg.Tensor(x)) + m(tg.Tensor(x))).sum().backward()
    assert np.isfinite(m.parametrizations.weight.original.grad).all()


def test_change_of_shape_is_an_error_that_changes_nothing_unless_it_is_meant():
    m = layer()
    before = m.state_dict()
    with pytest.raises(ValueError, match=re.escape("of shape (3, 3), float64, as before, but forward returned (6, 3)")):
        parametrize.register_parametrization(m, "weight", Wider())
    with pytest.raises(ArithmeticError, match="no"):
        parametrize.register_parametrization(m, "weight", Failing())
    assert type(m) is nn.Linear
    np.testing.assert_equal(m.state_dict(), before)
    parametrize.register_parametrization(m, "weight", Wider(), unsafe=True)
    assert m.weight.shape == (6, 3)
    assert parametrize.remove_parametrizations(m, "weight").weight.shape == (6, 3)


def test_wrong_names_are_errors():
    m = layer()
    with pytest.raises(ValueError, match=re.escape("a parameter of Linear, one of ['weight', 'bias'], but got 'w'")):
        parametrize.register_parametrization(m, "w", Symmetric())
    with pytest.raises(ValueError, match="expected a parameter that is computed, but 'weight' of Linear is not"):
        parametrize.remove_parametrizations(m, "weight")
    with pytest.raises(ValueError, match="expected one original to go back to, but 'weight' has 2"):
        parametrize.remove_parametrizations(parametrizations.weight_norm(m), "weight", leave_parametrized=False)
    with pytest.raises(ValueError, match=re.escape("'bias' of Linear has shape (3,). Name a matrix or a kernel.")):
        parametrizations.spectral_norm(layer(), "bias")
    with pytest.raises(ValueError, match="n_power_iterations of at least 1, but got 0"):
        parametrizations.spectral_norm(layer(), n_power_iterations=0)
