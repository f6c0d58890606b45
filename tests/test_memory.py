"""Changes in place: noticed by backward, or harmless, never a wrong gradient."""

import gc

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import memory


@pytest.fixture
def w():
    return tg.Tensor([1.0, 2.0], requires_grad=True)


CHANGED = pytest.raises(RuntimeError, match=r"multiply needs its input [ab], shape \(2,\), as it was")


def test_a_step_between_forward_and_backward_is_an_error(w):
    loss = (w * w).sum()
    with tg.no_grad():
        w -= 0.1
    with CHANGED:
        loss.backward()
    assert w.grad is None


def test_a_change_through_data_is_noticed(w):
    loss = (w * w).sum()
    w.data -= 0.1
    with CHANGED:
        loss.backward()


def test_a_new_data_array_is_noticed(w):
    loss = (w * w).sum()
    w.data = np.array([5.0, 6.0], np.float32)
    with CHANGED:
        loss.backward()


def test_a_change_through_a_detached_alias_is_noticed(w):
    loss = (w * w).sum()
    alias = w.detach()
    alias += 1.0
    with CHANGED:
        loss.backward()


def test_a_change_through_a_view_is_noticed(w):
    loss = (w * w).sum()
    view = w.detach()[:1]
    view *= 3.0
    with CHANGED:
        loss.backward()


def test_item_assignment_under_no_grad_is_noticed(w):
    loss = (w * w).sum()
    with tg.no_grad():
        w[0] = 9.0
    with CHANGED:
        loss.backward()


def test_a_changed_output_is_noticed_where_the_formula_reads_it(w):
    y = tg.exp(w)
    loss = y.sum()
    y.data *= 2.0
    with pytest.raises(RuntimeError, match="exp needs its output"):
        loss.backward()


def test_a_change_that_no_formula_reads_is_no_error(w):
    loss = (w + 1.0).sum()
    with tg.no_grad():
        w -= 0.1
    loss.backward()
    assert w.grad.tolist() == [1.0, 1.0]


def test_a_formula_that_reads_the_shape_only_is_no_error(w):
    loss = w.reshape((1, 2)).sum()
    with tg.no_grad():
        w -= 0.1
    loss.backward()
    assert w.grad.tolist() == [1.0, 1.0]


def test_a_change_of_what_neither_formula_nor_joint_reads_is_no_error(w):
    y = tg.softmax(w)
    loss = (y * tg.Tensor([1.0, 3.0])).sum()
    with tg.no_grad():
        w -= 0.1
    loss.backward()
    assert w.grad == pytest.approx(np.array([-2, 2]) * np.prod(y.data), rel=1e-6)


def test_a_change_of_what_a_saving_op_saw_is_an_error_even_if_its_joint_does_not_name_it(w):
    loss = tg.standardize(w).sum()
    with tg.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match="standardize needs its input x"):
        loss.backward()


def test_a_change_before_the_op_is_no_error(w):
    for _ in range(3):
        w.zero_grad()
        (w * w).sum().backward()
        with tg.no_grad():
            w -= 0.1 * w.grad
    assert w.data == pytest.approx(0.8**3 * np.array([1, 2]))


def test_second_order_notices_too(w):
    g = tg.grad((w * w * w).sum(), w, create_graph=True)
    with tg.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match="changed in place"):
        g.sum().backward()


def test_an_array_operand_changed_through_a_shared_tensor_is_noticed(w):
    x = np.array([1.0, 2.0], np.float32)
    loss = (w * x).sum()
    shared = tg.as_tensor(x)
    shared += 1
    with CHANGED:
        loss.backward()


def test_a_change_made_by_a_hook_during_backward_is_noticed(w):
    y = w * w
    loss = y.sum()

    def change(g):
        with tg.no_grad():
            w.data *= 2.0
        return g

    y.register_hook(change)
    with CHANGED:
        loss.backward()


def test_memory_that_no_op_saw_makes_no_op_suspect(w):
    y = w * w
    running = np.zeros(2)
    before = memory.latest
    memory.stamp(running[1:])
    assert memory.stamped_since(before) == {id(running)}
    assert not memory.saw(y, memory.stamped_since(before))
    memory.stamp(w.data[1:])
    assert memory.saw(y, memory.stamped_since(before))
    assert memory.stamped_since(memory.latest) == set()


def test_writes_into_data_are_found_with_checksums_on(w):
    with tg.detect_writes():
        loss = (w * w).sum()
    w.data[0] = 7.0
    with CHANGED:
        loss.backward()


def test_checksums_cost_nothing_when_off_and_pass_when_nothing_changed(w):
    with tg.detect_writes():
        loss = (w * w).sum()
    loss.backward()
    assert not hasattr(w * w, "_checksums")


def test_stamps_of_dead_arrays_are_forgotten():
    gc.collect()
    before = len(memory._stamps)
    a = np.zeros(3)
    memory.stamp(a[1:])
    assert len(memory._stamps) == before + 1
    assert memory.stamp_of(a) > 0
    del a
    assert len(memory._stamps) == before


def test_in_place_operators_on_a_leaf_while_recording_are_an_error(w):
    with pytest.raises(RuntimeError, match=r"\+=: expected a tensor that is not a leaf"):
        w += 1.0


def test_in_place_operators_make_a_new_tensor_while_a_history_is_recorded(w):
    y = w * 2.0
    before = y
    y += 1.0
    assert y is not before
    y.sum().backward()
    assert w.grad.tolist() == [2.0, 2.0]


def test_in_place_operators_alter_an_untracked_tensor():
    t = tg.Tensor([1.0, 2.0])
    alias = t
    t += 1
    t *= 2
    t **= 2
    t /= 4
    t -= 1
    assert alias is t
    assert t.tolist() == [3.0, 8.0]


def test_in_place_operators_keep_shape_and_dtype():
    t = tg.Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match=r"\+=: expected a result of the tensor's own shape \(2,\), but got \(3, 2\)"):
        t += np.ones((3, 2))
    t += np.ones(2)
    assert t.dtype == np.float32
    n = tg.Tensor([1, 2])
    with pytest.raises(TypeError, match="int64"):
        n += 0.5
    assert n.tolist() == [1, 2]


def test_item_assignment_alters_an_untracked_tensor():
    t = tg.zeros(3)
    t[1:] = tg.Tensor([1.0, 2.0])
    t[0] = 5
    assert t.tolist() == [5.0, 1.0, 2.0]
