"""Item assignment that the graph understands."""

import weakref

import numpy as np
import pytest

import tinygrad_edu as tg


@pytest.fixture
def w():
    return tg.Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)


def test_the_gradient_goes_to_the_value_where_it_was_written_and_to_the_old_numbers_elsewhere(w):
    v = tg.Tensor(np.array(5.0), requires_grad=True)
    y = w * 2
    y[1] = v * v
    (y * y).sum().backward()
    assert y.tolist() == [2.0, 25.0, 6.0]
    assert w.grad.tolist() == [8.0, 0.0, 24.0]
    assert v.grad == 2 * 25 * 10


def test_ops_that_used_the_tensor_before_mean_the_numbers_of_then(w):
    y = w * 2
    before = y * y
    y[0] = 100.0
    after = y * y
    y[1] = 100.0
    (before.sum() + after.sum() + y.sum()).backward()
    assert before.tolist() == [4.0, 16.0, 36.0]
    assert w.grad.tolist() == [8.0 + 0 + 0, 16.0 + 16.0 + 0, 24.0 + 24.0 + 2.0]


def test_a_buffer_of_zeros_is_filled_in_a_loop(w):
    out = tg.zeros(3, dtype="float64")
    for i in range(3):
        out[i] = w[i] ** (i + 1)
    assert out.requires_grad
    out.sum().backward()
    assert w.grad.tolist() == [1.0, 4.0, 27.0]


def test_a_value_that_was_read_from_the_tensor_itself_makes_no_cycle(w):
    def powers():
        t = tg.zeros(1000, dtype=np.float64)
        t[0] = w.sum()
        for i in range(999):
            t[i + 1] = t[i] * 0.999
        return t

    t = powers()
    assert tg.grad(t[-1], w).data == pytest.approx(0.999**999)
    memory = weakref.ref(t)
    del t  # the guard has switched the collector off
    assert memory() is None
    unused = weakref.ref(powers())
    assert unused() is None


def test_a_value_from_before_an_earlier_assignment_keeps_meaning_the_numbers_of_then(w):
    t = w * 1.0
    early = t.sum()  # 1 + 2 + 3
    t[0] = 10.0
    t[1] = early
    assert t.tolist() == [10.0, 6.0, 3.0]
    assert tg.grad(t.sum(), w).tolist() == [1.0, 1.0, 2.0]


def test_the_last_of_several_writes_to_one_place_gets_the_gradient():
    v = tg.Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)
    out = tg.zeros(2, dtype="float64")
    out[[0, 0, 1]] = v
    (out * np.array([10.0, 20.0])).sum().backward()
    assert out.tolist() == [2.0, 3.0]
    assert v.grad.tolist() == [0.0, 10.0, 20.0]


@pytest.mark.parametrize(
    "index",
    [0, -1, slice(None, None, -1), slice(1, 1), Ellipsis, None, [True, False, True], [2, 0], (slice(0, 2),)],
    ids=repr,
)
def test_every_kind_of_index(w, index):
    v = tg.Tensor(np.array(7.0), requires_grad=True)
    y = w * 1
    y[index] = v
    expected = np.array([1.0, 2.0, 3.0])
    expected[index] = 7
    (y * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert y.tolist() == expected.tolist()
    weights = np.array([1.0, 10.0, 100.0])
    assert w.grad.tolist() == np.where(expected == 7, 0, weights).tolist()
    assert v.grad == weights[expected == 7].sum()


def test_second_order_through_an_assignment(w):
    y = w * w
    y[0] = w[1] * w[2]
    g = tg.grad((y * y).sum(), w, create_graph=True)
    (g * np.array([1.0, 2.0, 3.0])).sum().backward()

    def slope(x):
        _, b, c = x
        return np.array([0.0, 4 * b**3 + 2 * b * c**2, 4 * c**3 + 2 * c * b**2]) @ [1, 2, 3]

    for i, step in enumerate(np.eye(3) * 1e-6):
        difference = (slope(w.data + step) - slope(w.data - step)) / 2e-6
        assert w.grad[i] == pytest.approx(difference, rel=1e-6)


def test_backward_may_run_twice_and_grad_sees_the_tensor(w):
    y = w * 2
    before = y.sum()
    y[0] = 0.0
    total = before + (y * y).sum()
    total.backward()
    total.backward()
    assert w.grad.tolist() == [4.0, 36.0, 52.0]
    assert tg.grad(total, y).tolist() == [0.0, 8.0, 12.0]


def test_a_leaf_that_requires_grad_is_an_error(w):
    with pytest.raises(RuntimeError, match="leaf"):
        w[0] = 1.0


def test_a_view_is_an_error_that_says_what_to_write(w):
    y = (w * 2).reshape((1, 3))
    with pytest.raises(RuntimeError, match=r"t\[i, j\] = v"):
        y[0][1] = 3.0


def test_a_value_that_does_not_fit_is_an_error(w):
    y = w * 2
    with pytest.raises(ValueError, match="setitem: expected"):
        y[:2] = tg.ones(3)
    with pytest.raises(IndexError, match="setitem: expected"):
        y[3] = 1.0
    assert y.tolist() == [2.0, 4.0, 6.0]
    n = tg.Tensor([1, 2, 3])
    with pytest.raises(TypeError, match="int64"):
        n[0] = w[0]
    t = tg.zeros(3)
    with pytest.raises(IndexError, match="setitem: expected"):
        t[3] = 1.0


def test_methods_that_alter_in_place_do_so_in_the_graph_too(w):
    y = w * np.array([3.0, 1.0, -1.0])
    y.sort()
    (y * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert y.tolist() == [-3.0, 2.0, 3.0]
    assert w.grad.tolist() == [300.0, 10.0, -1.0]
    t = tg.Tensor([3.0, 1.0, 2.0])
    t.partition(1)
    assert t[1].item() == 2.0
    t.fill(7)
    assert t.tolist() == [7.0, 7.0, 7.0]


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("value", [np.array([0.25, 0.5]), tg.Tensor(np.array([0.25, 0.5])), np.array([1, 2])])
def test_a_change_in_place_keeps_the_dtype_whether_it_is_recorded_or_not(recorded, value):
    leaf = tg.Tensor([1.0, 2.0], requires_grad=recorded)
    y = leaf * 2
    y[:] = value
    y += value
    y[0] = np.float64(3.0)
    assert y.dtype == np.float32
    assert y.tolist() == [3.0, 2.0 * float(value[1])]


def test_a_wider_value_gets_its_gradient_in_its_own_dtype(w):
    y = tg.zeros(3)
    y[:] = w
    y += w
    (y * y).sum().backward()
    assert (y.dtype, w.grad.dtype) == (np.float32, np.float64)
    assert w.grad.tolist() == [8.0, 16.0, 24.0]
