"""Which dtype a tensor, a result and a gradient have."""

import numpy as np
import pytest

import tinygrad_edu as tg


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.0, "float32"),
        ([1.0, 2], "float32"),
        ([[1.0], [2.0]], "float32"),
        (1, "int64"),
        ([1, 2], "int64"),
        (True, "bool"),
        (np.ones(2), "float64"),
        (np.float64(1), "float64"),
        (np.ones(2, np.float32), "float32"),
        ([np.float64(1.0), np.float64(2.0)], "float64"),
        (np.ones(2, np.int32), "int32"),
        ([], "float32"),
    ],
)
def test_arrays_keep_their_dtype_and_python_floats_take_the_default(data, dtype):
    assert tg.Tensor(data).dtype == dtype


def test_a_tensor_copies_and_as_tensor_shares():
    a = np.zeros(2)
    copied, shared = tg.Tensor(a), tg.as_tensor(a)
    a[0] = 1
    assert copied.tolist() == [0, 0]
    assert shared.tolist() == [1, 0]


NARROW = [
    2,
    2.0,
    True,
    np.float64(2.0),
    np.sqrt(2),
    np.prod((3, 4)),
    np.array(2.0),
    np.array([1, 2]),
    np.array([True, True]),
    [1.0, 2.0],
]


@pytest.mark.parametrize("other", NARROW, ids=repr)
@pytest.mark.parametrize("op", [tg.add, tg.multiply, tg.divide, tg.subtract, tg.maximum, tg.power], ids=str)
def test_nothing_but_floating_arrays_and_tensors_widens_a_float32_graph(op, other):
    for swap in (False, True):
        x = tg.Tensor([1.0, 2.0], requires_grad=True)
        y = op(other, x) if swap else op(x, other)
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32
        g = tg.grad(op(x, other).sum(), x, create_graph=True)
        assert g.dtype == np.float32


def test_floating_arrays_with_an_axis_and_tensors_widen():
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    for wide in (np.ones(2), tg.Tensor(np.float64(2.0)), tg.Tensor(np.ones((3, 2)))):
        y = x * wide
        assert y.dtype == np.float64
        y.sum().backward()
        assert x.grad.dtype == np.float32


def test_integers_stay_integers_and_become_the_default_dtype_in_floating_ops():
    n = tg.Tensor([1, 2])
    assert (n + n).dtype == np.int64
    assert (n * 2).dtype == np.int64
    assert (n * 2.0).dtype == np.float32
    assert (n / n).dtype == np.float32
    assert tg.exp(n).dtype == np.float32
    assert n.mean().dtype == np.float32
    assert n.sum().dtype == np.int64
    assert tg.exp(np.array([1, 2])).dtype == np.float64  # arrays in: NumPy's own result


@pytest.mark.parametrize("numbers", [(1.0, 2.0), (1.0, 2), (np.float64(1.0), 2), (1, np.float64(2.0)), ([1.0, 1.0], 2)])
def test_a_choice_of_python_floats_takes_the_default_dtype(numbers):
    chosen = tg.where(tg.Tensor([True, False]), *numbers)
    assert (chosen.dtype, chosen.tolist()) == (np.float32, [1.0, 2.0])
    assert tg.where(tg.Tensor([True, False]), 1, 2).dtype == np.int64


def test_default_dtype_can_be_set_and_is_set_back():
    with tg.default_dtype("float64"):
        assert tg.Tensor(1.0).dtype == np.float64
        assert tg.exp(tg.Tensor([1])).dtype == np.float64
    assert tg.Tensor(1.0).dtype == np.float32
    with pytest.raises(TypeError, match="set_default_dtype: expected a floating dtype, but got int64"):
        tg.set_default_dtype(int)


def test_python_numbers_follow_a_float64_graph_without_being_rounded_to_float32_first():
    t = tg.Tensor(np.ones(2), requires_grad=True)
    assert (t * [0.1, 0.2]).tolist() == [0.1, 0.2]
    assert (t + 0.1).tolist() == [1.1, 1.1]
    t.backward([0.1, 0.2])
    assert t.grad.tolist() == [0.1, 0.2]
    assert (tg.Tensor([1.0, 2.0]) * [0.1, 0.2]).dtype == np.float32
    assert (tg.Tensor([1, 2]) * [0.1, 0.2]).dtype == np.float32


def test_gradients_have_the_dtype_of_their_tensor_in_a_mixed_graph():
    a = tg.Tensor(np.ones(2, np.float32), requires_grad=True)
    b = tg.Tensor(np.ones(2), requires_grad=True)
    (a * b).sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)


@pytest.mark.parametrize("data", ["text", [1 + 2j], object(), [[1.0], [1.0, 2.0]], None, [1.0, None]])
def test_what_is_no_real_number_is_an_error(data):
    for dtype in (None, "float64"):
        with pytest.raises((TypeError, ValueError), match="expected"):
            tg.Tensor(data, dtype=dtype)
    with pytest.raises(TypeError, match="complex"):
        tg.Tensor(1.0, dtype=complex)


@pytest.mark.parametrize("op", [tg.floor_divide, tg.nextafter, tg.remainder])
def test_a_list_of_numbers_follows_a_tensor_also_in_ops_without_a_derivative(op):
    assert op(tg.Tensor([1.0, 2.0]), [1.0, 2.0]).dtype == np.float32
    assert op(tg.Tensor(np.ones(2)), [1.0, 2.0]).dtype == np.float64
