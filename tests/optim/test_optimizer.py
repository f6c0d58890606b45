"""What all optimizers share: groups, steps, gradients, and the errors."""

import copy
import gc
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu import Tensor, is_grad_enabled, no_grad, ones, optim, zeros

ALL = [
    optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adadelta, optim.Adam, optim.AdamW, optim.Adamax, optim.NAdam,
    optim.RAdam, optim.ASGD, optim.Rprop, optim.Lion,
]  # fmt: skip
every_kind = pytest.mark.parametrize("kind", ALL)


def leaf(*shape, value=1.0):
    return Tensor(np.full(shape, value), requires_grad=True)


def error(kind, text):
    return pytest.raises(kind, match=re.escape(text))


# ---- steps ----


@every_kind
def test_quadratic_is_minimized(kind):
    w = Tensor([3.0, -2.0], requires_grad=True)
    optimizer = kind([w], lr=1.0 if kind is optim.Adadelta else 0.1)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses == sorted(losses, reverse=True)


@every_kind
def test_parameter_without_gradient_is_left_alone_and_has_no_state(kind):
    a, b = leaf(2), leaf(2)
    optimizer = kind([a, b], lr=0.1)
    a.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_array_equal(b.data, 1)
    assert b not in optimizer.state
    assert (a.data < 1).all()


@every_kind
def test_each_parameter_counts_its_own_steps(kind):
    late, alone = leaf(2), leaf(2)
    early = leaf(2)
    optimizer, single = kind([early, late], lr=0.1), kind([alone], lr=0.1)
    early.grad = np.ones(2)
    optimizer.step()
    late.grad = np.full(2, 0.3)
    alone.grad = np.full(2, 0.3)
    optimizer.step()
    single.step()
    np.testing.assert_array_equal(late.data, alone.data)


def test_zero_grad_forgets_or_fills_with_zeros():
    a, b = leaf(2), leaf(2)
    optimizer = optim.SGD([a, b])
    a.grad = g = np.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert a.grad is g
    np.testing.assert_array_equal(g, 0)
    assert b.grad is None
    optimizer.zero_grad()
    assert a.grad is None


def test_step_returns_what_the_closure_returns_and_records_inside_it():
    w = leaf(value=2.0)
    optimizer = optim.SGD([w], lr=0.25)

    def closure():
        assert is_grad_enabled()
        optimizer.zero_grad()
        loss = w * w
        loss.backward()
        return loss

    with no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 4
    assert w.item() == 1
    assert optimizer.step() is None


def test_backward_after_a_step_that_altered_what_it_needs_is_an_error():
    w = leaf(3)
    loss = (w * w).sum()
    loss.backward()
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="was changed in place"):
        loss.backward()


def test_step_writes_into_the_array_and_leaves_the_gradient_as_it_was():
    w = leaf(3)
    array, w.grad = w.data, np.array([1.0, 2.0, 3.0])
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1, maximize=True)
    for _ in range(2):
        optimizer.step()
    assert w.data is array
    np.testing.assert_array_equal(w.grad, [1, 2, 3])


def test_gradient_may_be_a_tensor():
    w = leaf(2)
    w.grad = ones(2)
    optim.SGD([w], lr=0.5).step()
    np.testing.assert_array_equal(w.data, 0.5)


@every_kind
def test_parameter_that_became_float64_takes_its_state_along(kind):
    w = Tensor([1.0], requires_grad=True)
    optimizer = kind([w], lr=0.1)
    w.grad = np.ones(1, np.float32)
    optimizer.step()
    w.data = w.data.astype(np.float64)
    w.grad = np.ones(1)
    optimizer.step()
    assert {v.dtype for v in optimizer.state[w].values() if isinstance(v, np.ndarray)} <= {np.dtype(np.float64)}


def test_step_that_fails_moves_no_parameter():
    a, b = leaf(3), leaf(2)
    a.grad, b.grad = np.ones(3), np.ones(3)
    with error(ValueError, "SGD.step: expected a gradient of floating numbers in the parameter's shape (2,), but "):
        optim.SGD([a, b], lr=0.1).step()
    np.testing.assert_array_equal(a.data, 1)
    c = Tensor([1, 2])
    c.grad = np.ones(2, c.dtype)
    with error(ValueError, "parameter 1 of group 0, int64, has a gradient of shape (2,), int64"):
        optim.SGD([a, c], lr=0.1).step()
    np.testing.assert_array_equal(a.data, 1)


def test_parameter_whose_data_was_replaced_by_another_shape_is_an_error():
    w = leaf(2)
    optimizer = optim.Adam([w])
    w.grad = np.ones(2)
    optimizer.step()
    w.data, w.grad = np.ones(3), np.ones(3)
    with error(ValueError, "Adam.step: expected a parameter of the shape (2,) of its state 'exp_avg', but got (3,)"):
        optimizer.step()
    del optimizer.state[w]
    optimizer.step()


# ---- groups ----


@every_kind
def test_groups_step_as_separate_optimizers_do(kind):
    rng = np.random.default_rng(0)
    a, b, c, d = (leaf(3) for _ in range(4))
    own = {"maximize": True} if kind is optim.Rprop else {"weight_decay": 0.5}
    together = kind([{"params": [a], "lr": 0.3}, {"params": b, **own}], lr=0.1)
    apart = [kind([c], lr=0.3), kind([d], lr=0.1, **own)]
    for _ in range(4):
        a.grad = c.grad = rng.standard_normal(3)
        b.grad = d.grad = rng.standard_normal(3)
        together.step()
        for optimizer in apart:
            optimizer.step()
    np.testing.assert_array_equal(a.data, c.data)
    np.testing.assert_array_equal(b.data, d.data)


shared = st.sampled_from([{}, {"lr": 0.3}, {"lr": 0.02, "maximize": True}])
splits = st.lists(
    st.tuples(st.lists(st.lists(st.integers(1, 3), max_size=2), min_size=1, max_size=3), shared), min_size=1
)


@every_kind
@given(groups=splits, seed=st.integers(0, 9))
def test_any_groups_step_as_separate_optimizers_do_bit_for_bit(kind, groups, seed):
    rng = np.random.default_rng(seed)
    ours = [[leaf(*shape, value=rng.uniform(-2, 2)) for shape in shapes] for shapes, _ in groups]
    theirs = [[Tensor(p.data, requires_grad=True) for p in group] for group in ours]
    settings = [own for _, own in groups]
    together = kind([{"params": p, **own} for p, own in zip(ours, settings, strict=True)], lr=0.1)
    apart = [kind(p, **{"lr": 0.1, **own}) for p, own in zip(theirs, settings, strict=True)]
    pairs = [pair for one, two in zip(ours, theirs, strict=True) for pair in zip(one, two, strict=True)]
    for _ in range(3):
        for p, q in pairs:
            missing = rng.random() < 0.2
            p.grad = q.grad = None if missing else rng.standard_normal(p.shape)
        together.step()
        for each in apart:
            each.step()
    for p, q in pairs:
        np.testing.assert_array_equal(p.data, q.data)


FOREIGN = [kind for kind in ALL if kind is not optim.Lion]  # PyTorch has no Lion


@pytest.mark.parametrize("kind", FOREIGN)
def test_how_pytorch_computes_a_step_is_of_no_meaning(kind):
    w, v = leaf(3), leaf(3)
    optimizer = kind([w], lr=0.1, foreach=True, fused=None, capturable=False, differentiable=False)
    twin = kind([v], lr=0.1)
    w.grad = v.grad = np.arange(3.0)
    optimizer.step()
    twin.step()
    np.testing.assert_array_equal(w.data, v.data)
    assert optimizer.state_dict()["param_groups"] == twin.state_dict()["param_groups"]
    with error(ValueError, f"{kind.__name__}: expected differentiable=False, but got True: a step alters"):
        kind([w], differentiable=True)
    with error(TypeError, f"{kind.__name__}: expected the settings that help({kind.__name__}) lists, but got foreech."):
        kind([w], foreech=True)


def test_settings_may_change_between_steps():
    w = leaf()
    optimizer = optim.SGD([w], lr=0.1)
    w.grad = np.array(1.0)
    optimizer.param_groups[0]["lr"] = Tensor(0.5)
    optimizer.step()
    assert w.item() == 0.5


def test_parameters_may_come_with_names_and_from_a_generator():
    w, b = leaf(2), leaf(1)
    optimizer = optim.SGD((pair for pair in [("weight", w), ("bias", b)]), lr=0.1)
    assert optimizer.param_groups[0]["params"] == [w, b]
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]


def test_group_that_was_handed_over_is_not_altered():
    group = {"params": [leaf(2)], "lr": 0.3}
    optim.SGD([group])
    assert set(group) == {"params", "lr"}


def test_frozen_parameter_is_accepted_and_stays():
    frozen = zeros(2)
    optimizer = optim.Adam([frozen])
    optimizer.step()
    np.testing.assert_array_equal(frozen.data, 0)


def test_repr_lists_the_settings_of_each_group():
    optimizer = optim.SGD([{"params": [leaf(2)]}, {"params": [leaf(1)], "lr": 0.5}], lr=0.1)
    lines = repr(optimizer).splitlines()
    assert lines[:4] == ["SGD (", "Parameter Group 0", "    dampening: 0", "    lr: 0.1"]
    assert "    lr: 0.5" in lines
    assert lines[-1] == ")"


@every_kind
def test_copy_and_pickle_keep_parameters_state_and_their_connection(kind):
    w = leaf(2)
    optimizer = kind([w])
    w.grad = np.ones(2)
    optimizer.step()
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        (v,) = twin.param_groups[0]["params"]
        assert v is not w
        np.testing.assert_equal(twin.state[v], optimizer.state[w])
        before = w.data.copy()
        twin.step()
        np.testing.assert_array_equal(w.data, before)
        assert (v.data != before).all()


def test_optimizer_is_freed_by_reference_counting():
    gc.disable()
    try:
        optimizer = optim.Adam([leaf(2)])
        before = sum(isinstance(x, optim.Adam) for x in gc.get_objects())
        del optimizer
        assert sum(isinstance(x, optim.Adam) for x in gc.get_objects()) == before - 1
    finally:
        gc.enable()


# ---- errors ----


@every_kind
def test_optimizer_without_parameters_is_an_error(kind):
    for nothing in ([], iter(())):
        with error(ValueError, f"{kind.__name__}: expected at least one parameter, but got none."):
            kind(nothing)


def test_what_is_not_a_list_of_tensors_is_an_error():
    w = leaf(2)
    with error(TypeError, "SGD: expected a list of tensors or groups, but got a Tensor, shape (2,). Write [w]"):
        optim.SGD(w)
    with error(TypeError, "SGD: expected a list of tensors or groups, but got dict"):
        optim.SGD({"params": [w]})
    with error(TypeError, "SGD: expected a list of tensors or groups, but got int 3"):
        optim.SGD(3)
    with error(TypeError, "SGD: expected parameters in an order that stays, but got a set"):
        optim.SGD({w})
    with error(TypeError, "SGD: expected Tensors, but parameter 1 of group 0 is float 2.0"):
        optim.SGD([w, 2.0])
    with error(TypeError, "SGD: expected a group as a dict with 'params', but got dict {'lr': 1}"):
        optim.SGD([{"lr": 1}])
    with error(TypeError, "SGD: expected a group as a dict with 'params', but got a Tensor, shape (2,)"):
        optim.SGD([{"params": leaf(1)}, w])


def test_result_of_an_op_is_an_error():
    w = leaf(2)
    with error(ValueError, "SGD: expected leaves, but parameter 0 of group 0, shape (2,), is the result of multiply."):
        optim.SGD([w * 2])


def test_parameter_that_comes_twice_is_an_error():
    w, b = leaf(2), leaf(1)
    with error(ValueError, "SGD: expected every parameter once, but parameter 1 of group 0, shape (2,), came before"):
        optim.SGD([w, w])
    with error(ValueError, "but parameter 0 of group 1, shape (2,), came before"):
        optim.SGD([{"params": [w, b]}, {"params": [w]}])
    optimizer = optim.SGD([w])
    with error(ValueError, "came before"):
        optimizer.add_param_group({"params": [b, w]})
    assert len(optimizer.param_groups) == 1


@every_kind
def test_negative_settings_are_errors(kind):
    w = [leaf(1)]
    name = kind.__name__
    with error(ValueError, f"{name}: expected lr >= 0, but got -0.1. Make it 0 or more. To climb, write maximize=True"):
        kind(w, lr=-0.1)
    with error(ValueError, f"{name}: expected lr >= 0, but got nan."):
        kind(w, lr=float("nan"))
    with error(TypeError, f"{name}: expected a number as lr, but got str '0.1'."):
        kind(w, lr="0.1")
    if kind is not optim.Rprop:
        with error(ValueError, f"{name}: expected weight_decay >= 0, but got -1."):
            kind(w, weight_decay=-1)
    with error(ValueError, f"{name}: expected lr >= 0, but got -2."):
        kind([{"params": w, "lr": -2}])


def test_settings_out_of_range_are_errors():
    w = [leaf(1)]
    with error(ValueError, "Adam: expected 0 <= betas[1] < 1, but got 1.0."):
        optim.Adam(w, betas=(0.9, 1.0))
    with error(ValueError, "Adam: expected 0 <= betas[0] < 1, but got -0.1."):
        optim.Adam(w, betas=(-0.1, 0.9))
    with error(TypeError, "Adam: expected betas as a pair, but got 0.9."):
        optim.Adam(w, betas=0.9)
    with error(ValueError, "Adam: expected eps >= 0"):
        optim.Adam(w, eps=-1e-8)
    with error(ValueError, "RMSprop: expected alpha >= 0"):
        optim.RMSprop(w, alpha=-0.5)
    with error(ValueError, "Adagrad: expected lr_decay >= 0"):
        optim.Adagrad(w, lr_decay=-0.5)
    with error(ValueError, "Adadelta: expected 0 <= rho < 1, but got 1.5."):
        optim.Adadelta(w, rho=1.5)
    with error(ValueError, "Rprop: expected etas with 0 < etas[0] < 1 < etas[1], but got (1.2, 0.5)."):
        optim.Rprop(w, etas=(1.2, 0.5))
    with error(ValueError, "Muon: expected matrices, but got a parameter of shape (1,). Give it to AdamW instead."):
        optim.Muon(w)
    matrix = [leaf(2, 2)]
    with error(ValueError, "Muon: expected ns_steps < 100 and 3 ns_coefficients, but got 100 and"):
        optim.Muon(matrix, ns_steps=100)
    with error(ValueError, "Muon: expected adjust_lr_fn None, 'original' or 'match_rms_adamw', but got 'x'."):
        optim.Muon(matrix, adjust_lr_fn="x")
    with error(ValueError, "SGD: expected momentum > 0 and dampening = 0 with nesterov, but got momentum=0 and"):
        optim.SGD(w, nesterov=True)


def test_optimizer_without_a_rule_says_what_to_define():
    w = leaf(1)
    w.grad = np.ones(1)
    with error(NotImplementedError, "Optimizer: expected a method update(self, p, g, state, settings)"):
        optim.Optimizer([w], {"lr": 1.0}).step()
