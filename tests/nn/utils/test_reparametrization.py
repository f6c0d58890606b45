import copy
import pickle
import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.nn import utils
from tinygrad_edu.testing import check_gradients

KINDS = {
    "weight_norm": (utils.weight_norm, utils.remove_weight_norm, ["bias", "weight_g", "weight_v"]),
    "spectral_norm": (utils.spectral_norm, utils.remove_spectral_norm, ["bias", "weight_orig", "weight_u", "weight_v"]),
}
every_kind = pytest.mark.parametrize(("put", "remove", "names"), KINDS.values(), ids=KINDS)


def layer(seed=0, **options):
    tg.manual_seed(seed)
    return nn.Linear(4, 3, dtype="float64", **options)


x = np.random.default_rng(0).standard_normal((5, 4))


@every_kind
def test_state_dict_has_the_names_of_pytorch(put, remove, names):
    assert list(put(layer()).state_dict()) == names
    assert list(put(nn.Linear(3, 2, bias=False)).state_dict()) == names[1:]


@every_kind
def test_removing_gives_a_parameter_of_the_same_numbers(put, remove, names):
    one = put(layer())
    one(tg.Tensor(x))
    two = remove(copy.deepcopy(one))
    assert list(two.state_dict()) == ["bias", "weight"]
    np.testing.assert_allclose(two(tg.Tensor(x)).data, one.eval()(tg.Tensor(x)).data, rtol=1e-13)
    assert not two._forward_pre_hooks
    two(tg.Tensor(x)).sum().backward()
    assert two.weight.grad is not None


@every_kind
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_copies_compute_the_same_on_their_own(put, remove, names, copied):
    one = put(layer())
    two = copied(one)
    np.testing.assert_array_equal(one(tg.Tensor(x)).data, two(tg.Tensor(x)).data)
    next(two.parameters()).data[...] = 5
    before = one.eval()(tg.Tensor(x)).data
    two(tg.Tensor(x))
    np.testing.assert_array_equal(one(tg.Tensor(x)).data, before)


@every_kind
def test_state_goes_to_another_and_back(put, remove, names):
    one, two = put(layer()), put(layer(seed=1))
    one(tg.Tensor(x))
    two.load_state_dict(one.state_dict())
    np.testing.assert_array_equal(one.eval()(tg.Tensor(x)).data, two.eval()(tg.Tensor(x)).data)


@every_kind
def test_twice_or_on_no_parameter_is_an_error(put, remove, names):
    m = put(layer())
    with pytest.raises(RuntimeError, match=f"{put.__name__}: expected a parameter that is not computed, but 'weight'"):
        put(m)
    with pytest.raises(AttributeError, match=re.escape("one of ['weight', 'bias'], but got 'w'")):
        put(layer(), "w")
    with pytest.raises(ValueError, match=f"{remove.__name__}: expected a module with {put.__name__} on 'weight'"):
        remove(layer())
    with pytest.raises(ValueError, match=re.escape("expected dim in 0..1")):
        put(layer(), dim=2)
    assert list(layer().state_dict()) == ["weight", "bias"]


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_of_weight_norm_is_length_times_direction(dim):
    plain = layer()
    m = utils.weight_norm(layer(), dim=dim)
    np.testing.assert_allclose(m.weight.data, plain.weight.data, rtol=1e-14)
    m.weight_v.data = m.weight_v.data * 7  # its length does not matter
    np.testing.assert_allclose(m(tg.Tensor(x)).data, plain(tg.Tensor(x)).data, rtol=1e-13)
    m.weight_g.data = m.weight_g.data * 2
    m(tg.Tensor(x))
    np.testing.assert_allclose(m.weight.data, 2 * plain.weight.data, rtol=1e-13)
    lengths = {0: (3, 1), 1: (1, 4), None: ()}
    assert m.weight_g.shape == lengths[dim]


def test_gradients_reach_length_and_direction():
    m = utils.weight_norm(layer())

    def f(g, v):
        vars(m).update(weight_g=g, weight_v=v)  # the tensors that are checked
        return tg.tanh(m(tg.Tensor(x)))

    check_gradients(f, m.weight_g.data.copy(), m.weight_v.data.copy(), order=2)


def test_training_with_weight_norm_moves_length_and_direction():
    m = utils.weight_norm(layer())
    before = m.state_dict()
    optimizer = optim.SGD(m.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        (m(tg.Tensor(x)) ** 2).sum().backward(keep=False)
        optimizer.step()
    assert all((m.state_dict()[name] != before[name]).any() for name in before)


def test_frozen_weight_stays_frozen_under_weight_norm():
    m = layer()
    m.weight.requires_grad_(False)
    assert [p.requires_grad for p in utils.weight_norm(m).parameters()] == [True, False, False]


@pytest.mark.parametrize("dim", [0, 1])
def test_spectral_norm_divides_by_the_largest_singular_value(dim):
    m = utils.spectral_norm(layer(), n_power_iterations=200, dim=dim)
    m(tg.Tensor(x))
    sigma = np.linalg.svd(m.weight_orig.data)[1]
    np.testing.assert_allclose(np.linalg.svd(m.weight.data)[1], sigma / sigma[0], rtol=1e-8)
    assert (m.weight_u.shape, m.weight_v.shape) == (((3,), (4,)) if dim == 0 else ((4,), (3,)))


def test_kernel_is_the_matrix_of_its_outputs():
    class Kernel(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter(np.random.default_rng(0).standard_normal((3, 2, 5)))

        def forward(self):
            return self.weight

    m = utils.spectral_norm(Kernel(), n_power_iterations=200)
    assert np.linalg.svd(m().data.reshape(3, 10))[1][0] == pytest.approx(1)


def test_one_power_iteration_is_that_of_the_paper():
    m = utils.spectral_norm(layer())
    w, u, v = m.weight_orig.data, m.weight_u.data.copy(), m.weight_v.data.copy()
    for _ in range(3):
        m(tg.Tensor(x))
        v = w.T @ u / np.linalg.norm(w.T @ u)
        u = w @ v / np.linalg.norm(w @ v)
        np.testing.assert_allclose(m.weight_u.data, u, rtol=1e-12)
        np.testing.assert_allclose(m.weight_v.data, v, rtol=1e-12)
        np.testing.assert_allclose(m.weight.data, w / (u @ w @ v), rtol=1e-12)


def test_vectors_stay_in_use():
    m = utils.spectral_norm(layer()).eval()
    before = m.state_dict()
    m(tg.Tensor(x))
    np.testing.assert_equal(m.state_dict(), before)


def test_gradient_of_spectral_norm_knows_sigma():
    m = utils.spectral_norm(layer()).eval()

    def f(w):
        vars(m)["weight_orig"] = w
        return tg.tanh(m(tg.Tensor(x)))

    check_gradients(f, m.weight_orig.data.copy(), order=2)


def test_two_forwards_before_one_backward_are_fine():
    m = utils.spectral_norm(layer())
    (m(tg.Tensor(x)) + m(tg.Tensor(x))).sum().backward()
    assert np.isfinite(m.weight_orig.grad).all()


def test_vanishing_weight_is_divided_by_no_zero_vector():
    m = layer()
    m.weight.data[...] = 0
    utils.spectral_norm(m)
    with np.errstate(invalid="ignore", divide="ignore"):
        m(tg.Tensor(x))
    assert not np.isnan(m.weight_u.data).any()


def test_no_step_is_an_error():
    with pytest.raises(ValueError, match="n_power_iterations of at least 1, but got 0"):
        utils.spectral_norm(layer(), n_power_iterations=0)
