import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import utils


def parameters(*gradients, dtype="float64"):
    """Tensors with these gradients; None leaves one without."""
    found = []
    for g in gradients:
        p = tg.zeros(np.shape(g), dtype=dtype, requires_grad=True)
        p.grad = None if g is None else np.array(g, dtype)
        found.append(p)
    return found


def by_hand(gradients, p):
    """The norm of all numbers, one after the other."""
    numbers = [abs(float(x)) for g in gradients for x in np.ravel(g)]
    return max(numbers) if p == math.inf else sum(x**p for x in numbers) ** (1 / p)


numbers = st.lists(st.floats(-100, 100).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=4)


@given(st.lists(numbers, min_size=1, max_size=3), st.sampled_from([1, 1.5, 2, 3, math.inf]), st.floats(0, 100))
def test_norm_is_that_of_all_numbers_and_no_longer_than_allowed_afterwards(gradients, p, most):
    ps = parameters(*gradients)
    total = utils.clip_grad_norm_(ps, most, p)
    norm = by_hand(gradients, p)
    assert total == pytest.approx(norm, rel=1e-12)
    assert utils.get_total_norm([q.grad for q in ps], p) == pytest.approx(min(norm, most), rel=1e-4, abs=1e-5)
    for q, g in zip(ps, gradients, strict=True):
        np.testing.assert_allclose(q.grad, np.array(g) * min(1, most / (norm + 1e-6)), rtol=1e-12)


def test_short_gradients_stay_to_the_last_bit():
    (p,) = parameters([0.1, -0.3])
    utils.clip_grad_norm_(p, 10.0)
    assert p.grad.tolist() == [0.1, -0.3]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_are_altered_in_place_and_keep_their_dtype(dtype):
    ps = parameters([3.0], None, 4.0, np.zeros((0, 2)), dtype=dtype)
    arrays = [p.grad for p in ps]
    total = utils.clip_grad_norm_((p for p in ps), 1.0)
    assert (total, total.dtype) == (5, dtype)
    assert [p.grad for p in ps] == arrays
    assert ps[0].grad.dtype == dtype
    assert ps[0].grad[0] == pytest.approx(0.6, rel=1e-6)
    assert ps[2].grad == pytest.approx(0.8, rel=1e-6)


def test_gradient_may_be_a_tensor():
    (p,) = parameters([0.0, 0.0])
    p.grad = tg.Tensor([3.0, 4.0])
    assert utils.clip_grad_norm_(p, 2.5 + 5e-7) == 5
    assert p.grad.tolist() == pytest.approx([1.5, 2.0])
    utils.clip_grad_value_(p, 1.0)
    assert p.grad.tolist() == [1, 1]


def test_nothing_to_clip_has_norm_0():
    assert utils.clip_grad_norm_([], 1.0) == 0
    assert utils.clip_grad_norm_(parameters(None), 1.0) == 0
    assert utils.get_total_norm([np.zeros((0, 3))], math.inf) == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_norm_that_is_not_finite_is_an_error_if_asked_for(bad):
    ps = parameters([1.0], [bad])
    with pytest.raises(
        RuntimeError, match=re.escape(f"clip_grad_norm_: expected a finite norm of order 2.0, but got {bad}")
    ):
        utils.clip_grad_norm_(ps, 1.0, error_if_nonfinite=True)
    assert ps[0].grad == 1  # as it was
    utils.clip_grad_norm_(ps, 1.0)  # without a warning, as in PyTorch
    np.testing.assert_array_equal(ps[0].grad, [math.nan if math.isnan(bad) else 0.0])


def test_norm_too_large_for_its_dtype_is_infinite():
    ps = parameters([1e30, 1e30], dtype="float32")
    assert utils.clip_grad_norm_(ps, 1.0) == math.inf
    assert ps[0].grad.tolist() == [0, 0]


def test_scaling_by_a_norm_that_is_known():
    ps = parameters([3.0], [4.0], None)
    utils.clip_grads_with_norm_(ps, 1.0, np.float64(2 - 1e-6))
    assert [p.grad for p in ps] == [1.5, 2.0, None]


def test_values_are_cut_one_by_one():
    ps = parameters([-3.0, 0.5], None, 2.0, dtype="float32")
    utils.clip_grad_value_(ps, 1)
    assert ps[0].grad.tolist() == [-1, 0.5]
    assert ps[2].grad == 1
    assert ps[2].grad.dtype == np.float32


@pytest.mark.parametrize(
    "clip", [utils.clip_grad_norm_, utils.clip_grad_value_, lambda p, x: utils.clip_grads_with_norm_(p, x, 5.0)]
)
@pytest.mark.parametrize(("wrong", "kind"), [(-1.0, ValueError), (float("nan"), ValueError), ("1", TypeError)])
def test_bound_that_is_negative_or_no_number_is_an_error_that_changes_nothing(clip, wrong, kind):
    (p,) = parameters([3.0, -4.0])
    with pytest.raises(kind, match=r"clip_grad.*_: expected .* but got"):
        clip(p, wrong)
    assert p.grad.tolist() == [3.0, -4.0]


def test_what_is_no_tensor_is_an_error():
    for call in (utils.clip_grad_norm_, utils.clip_grad_value_):
        with pytest.raises(TypeError, match=re.escape(f"{call.__name__}: expected Tensors, but number 1 is ndarray")):
            call([*parameters([1.0]), np.ones(1)], 1.0)


def test_parameters_to_a_vector_and_back():
    one, two = nn.Linear(3, 2), nn.Linear(3, 2)
    vector = utils.parameters_to_vector(one.parameters())
    np.testing.assert_array_equal(vector.data, [*one.weight.data.ravel(), *one.bias.data])
    utils.vector_to_parameters(vector, two.parameters())
    for p, q in zip(one.parameters(), two.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)
        assert not np.shares_memory(p.data, q.data)


def test_vector_of_parameters_is_differentiable_and_keeps_its_dtype():
    layer = nn.Linear(2, 1)
    vector = utils.parameters_to_vector(layer.parameters())
    (vector * tg.Tensor([1.0, 2.0, 3.0])).sum().backward()
    assert layer.weight.grad.tolist() == [[1, 2]]
    assert layer.bias.grad.tolist() == [3]
    utils.vector_to_parameters(np.arange(3.0), layer.parameters())
    assert layer.weight.dtype == np.float32


def test_vector_that_shows_a_parameter_is_read_before_anything_is_written():
    a, b = (tg.zeros(2, requires_grad=True) for _ in range(2))
    memory = np.array([1, 2, 3, 4], np.float32)
    a._data, b._data = memory[2:], memory[:2]
    utils.vector_to_parameters(memory, [a, b])
    assert a.tolist() + b.tolist() == [1, 2, 3, 4]


def test_writing_between_forward_and_backward_is_noticed():
    layer = nn.Linear(2, 1)
    loss = (layer.weight**2).sum()
    utils.vector_to_parameters(np.arange(3.0), layer.parameters())
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_vector_of_another_length_is_an_error_that_changes_nothing():
    layer = nn.Linear(2, 1)
    before = layer.state_dict()
    for wrong in (np.zeros(4), np.zeros(2), np.zeros((3, 1))):
        with pytest.raises(
            ValueError, match=re.escape(f"a vector of 3 numbers, as the parameters have, but got shape {wrong.shape}")
        ):
            utils.vector_to_parameters(wrong, layer.parameters())
    np.testing.assert_equal(layer.state_dict(), before)
    with pytest.raises(ValueError, match="parameters_to_vector: expected at least one parameter"):
        utils.parameters_to_vector([])
