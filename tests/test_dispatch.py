"""NumPy's functions on Tensors, and the ways out to NumPy: nothing loses a history silently."""

import numpy as np
import pytest

import tinygrad_edu as tg


@pytest.fixture
def x():
    return tg.Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)


def test_numpys_functions_run_our_ops(x):
    for y in (np.exp(x), np.sum(x, axis=0), np.reshape(x, (4,)), np.matmul(x, x), np.maximum(x, 2), np.abs(x)):
        assert isinstance(y, tg.Tensor)
        assert y.requires_grad


def test_arrays_on_the_left_give_tensors(x):
    a = np.ones((2, 2))
    for y in (a + x, a - x, a * x, a / x, a @ x, a**x, np.float64(2) * x):
        assert isinstance(y, tg.Tensor)
        assert y.requires_grad
        assert y.dtype == np.float64
    assert isinstance(a < x, tg.Tensor)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.fft.fft(x),
        lambda x: np.add.reduce(x),
        lambda x: np.logical_and.reduce(x),
        lambda x: np.packbits(x),
        lambda x: np.add(np.ones((2, 2)), x, out=np.ones((2, 2))),
        lambda x: np.sum(x, out=np.ones(())),
    ],
)
def test_what_has_no_rule_raises_and_names_the_cure(x, call):
    with pytest.raises(TypeError, match=r"detach|new Tensor|new tensors"):
        call(x)


def test_an_array_changed_by_a_tensor_in_place_is_an_error(x):
    a = np.ones((2, 2))
    with pytest.raises(TypeError, match="Write a = a \\+ t"):
        a += x


@pytest.mark.parametrize("call", [np.asarray, np.array, lambda x: x.numpy(), tg.Tensor, lambda x: np.array([x])])
def test_an_array_of_a_tracked_tensor_is_an_error_that_names_detach(x, call):
    with pytest.raises(TypeError, match="detach"):
        call(x)


def test_an_untracked_tensor_becomes_an_array():
    t = tg.Tensor([1.0, 2.0])
    assert np.asarray(t) is t.numpy()
    assert np.array(t) is not t.data
    assert np.asarray(t, dtype=np.float64).dtype == np.float64


def test_exits(x):
    assert float(x[0, 1]) == 2.0
    assert int(x[0, 1]) == 2
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert x[0, 0].item() == 1.0
    assert [10, 20, 30][tg.Tensor(1)] == 20
    assert f"{x[0, 1]:.2f}" == "2.00"


def test_questions_about_an_array_are_answered(x):
    assert np.shape(x) == (2, 2)
    assert np.ndim(x) == 2
    assert np.size(x) == 4
    assert np.result_type(x, np.float32) == np.float64
    assert np.shares_memory(x, x.data)
    assert np.array_equal(x, x.detach())
