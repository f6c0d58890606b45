"""The chain rule: sums over paths, order, depth, memory."""

import gc
import itertools
import weakref

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.sweep import history, sweep


def leaf(data):
    return tg.Tensor(np.asarray(data, float), requires_grad=True)


def test_a_value_used_twice_gets_the_sum_of_both_gradients():
    x = leaf(2.0)
    a = x * x
    b = a + x
    (a * b).backward()
    assert x.grad == 4 * 2**3 + 3 * 2**2  # x^4 + x^3


def test_gradient_is_an_array_also_for_a_scalar():
    x = leaf(2.0)
    (x * 3).backward()
    assert type(x.grad) is np.ndarray
    assert x.grad.shape == ()


def test_calling_backward_twice_adds_twice():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]


def test_gradient_is_an_array_also_for_a_scalar_that_got_several():
    x = tg.Tensor(3.0, requires_grad=True)
    for _ in range(3):
        (x * x).backward()
        x.backward()
    assert type(x.grad) is np.ndarray
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, 21.0)


def test_accumulating_does_not_alter_a_gradient_taken_before():
    x = leaf([1.0, 2.0])
    y = x.sum()
    y.backward()
    before = x.grad
    y.backward()
    assert before.tolist() == [1.0, 1.0]


def test_gradients_of_two_leaves_share_no_memory():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = np.ones(2)
    (a + b).backward(seed)
    assert not np.shares_memory(a.grad, b.grad)
    assert not np.shares_memory(a.grad, seed)


def test_backward_of_a_leaf_gives_the_seed():
    x = leaf(3.0)
    x.backward()
    assert x.grad == 1.0


def test_broadcast_axes_are_summed_back():
    a, b = leaf(np.ones((2, 1, 3))), leaf(np.ones((4, 1)))
    (a * b).sum().backward()
    assert a.grad.shape == (2, 1, 3)
    assert (a.grad == 4).all()
    assert b.grad.shape == (4, 1)
    assert (b.grad == 6).all()


def test_broadcasting_against_no_elements_gives_zeros():
    a, b = leaf(np.ones((0, 3))), leaf(np.ones((1, 3)))
    (a * b).sum().backward()
    assert a.grad.shape == (0, 3)
    assert b.grad.tolist() == [[0.0, 0.0, 0.0]]


def test_history_is_in_topological_order_newest_first():
    x = leaf(1.0)
    y = (x * 2 + x) * x
    order = history(y)
    assert order[0] is y
    assert order[-1] is x
    place = {t: i for i, t in enumerate(order)}
    assert all(place[t] < place[u] for t in order for u in t.inputs if u in place)


def test_sweep_hands_out_the_gradient_of_every_value():
    x = leaf(2.0)
    a = x * 3
    y = a * a
    found = {t: float(g) for t, g in sweep(y, np.ones(()))}
    assert found == {y: 1.0, a: 12.0, x: 36.0}


def test_without_keep_a_second_backward_says_so():
    x = leaf(2.0)
    y = x * x
    y.backward(keep=False)
    assert y.inputs == ()
    with pytest.raises(RuntimeError, match="keep=False"):
        y.backward()


def test_without_keep_intermediate_values_are_released_while_going():
    x = leaf(np.ones(3))
    a = tg.exp(x)
    dead = weakref.ref(a)
    y = (a * a).sum()
    del a
    y.backward(keep=False)
    assert dead() is None


def test_an_error_in_the_middle_adds_no_gradient_at_all():
    @tg.differentiable(lambda g, y, x: 1 / 0)
    def broken(x):
        return x

    a, b = leaf(1.0), leaf(1.0)
    y = broken(a) + b
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert a.grad is None
    assert b.grad is None


def test_formula_of_a_wrong_shape_is_an_error_that_names_the_op():
    @tg.differentiable(lambda g, y, x: g[:2])
    def odd(x):
        return x

    with pytest.raises(ValueError, match=r"odd: expected its formula .* \(3,\).*\(2,\)"):
        odd(leaf(np.ones(3))).sum().backward()


def test_a_million_operations_need_no_recursion():
    x = tg.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1
    y.backward()
    assert x.grad == 1.0
    del y


def test_graphs_of_both_orders_die_by_reference_counting_alone():
    gc.collect()
    x = leaf(np.ones(3))
    y = (tg.exp(x) * x).sum()
    first = weakref.ref(y.inputs[0])
    y.backward()
    g = tg.grad(y, x, create_graph=True)
    second = weakref.ref(g.inputs[0])
    tg.grad(g.sum(), x)
    del y, g
    assert first() is None
    assert second() is None


def test_thousands_of_training_steps_leave_no_objects_behind():
    w = leaf(np.ones((4, 4)))
    x = np.ones((2, 4))

    def step():
        loss = ((x @ w) ** 2).mean()
        loss.backward(keep=False)
        with tg.no_grad():
            w.data -= 0.01 * w.grad
        w.zero_grad()

    step()
    counts = []
    for _ in range(3):
        for _ in range(300):
            step()
        gc.collect()
        counts.append(len(gc.get_objects()))
    assert counts[1] == counts[2]


def test_reading_all_slices_in_a_loop_makes_one_buffer():
    x = leaf(np.zeros((500, 20)))
    parts = [x[i] * float(i) for i in range(500)]
    total = parts[0].sum()
    for part in parts[1:]:
        total = total + part.sum()
    total.backward()
    assert (x.grad == np.arange(500.0)[:, None]).all()


def test_a_sum_that_is_a_view_is_not_written_into():
    x = leaf(np.arange(6.0).reshape(2, 3))
    y = x.T
    (y * 1.0 + y.T.reshape((3, 2)) * 2.0 + x.reshape((3, 2))).sum().backward()
    assert x.grad.tolist() == [[4.0] * 3] * 2


@pytest.mark.parametrize("keep", [True, False])
def test_every_order_of_uses_gives_the_same_gradient(keep):
    for order in itertools.permutations(range(3)):
        x = leaf([1.0, 2.0])
        terms = [x + 0.0, x * x, x[0] * 1.0]
        total = tg.zeros(2, dtype="float64")
        for i in order:
            total = total + terms[i]
        total.sum().backward(keep=keep)
        assert x.grad.tolist() == [1 + 2 + 2, 1 + 4]


def test_a_joint_backward_may_hand_out_one_array_for_two_inputs():
    def share(g, y, saved, a, b):
        gx = 2 * g
        return gx, gx

    @tg.differentiable(lambda g, y, a, b: 2 * g, lambda g, y, a, b: 2 * g, joint=share)
    def twice_the_sum(a, b):
        return 2 * a + 2 * b

    a, b = leaf(np.ones(3)), leaf(np.ones(3))
    older = a * 3
    (twice_the_sum(a, b).sum() + older.sum()).backward()  # what comes by way of `older` is added to a, not to b
    assert a.grad.tolist() == [5.0, 5.0, 5.0]
    assert b.grad.tolist() == [2.0, 2.0, 2.0]
    assert not np.shares_memory(a.grad, b.grad)
