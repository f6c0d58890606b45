"""State dicts: PyTorch's structure, copies, all or nothing."""

import copy
import re

import numpy as np
import pytest

from tinygrad_edu import Tensor, optim

KINDS = {
    "SGD": (lambda w, **s: optim.SGD(w, lr=0.1, momentum=0.9, **s), {"momentum_buffer"}),
    "Adagrad": (lambda w, **s: optim.Adagrad(w, lr=0.1, **s), {"step", "sum"}),
    "RMSprop": (
        lambda w, **s: optim.RMSprop(w, lr=0.1, centered=True, momentum=0.5, **s),
        {"step", "square_avg", "momentum_buffer", "grad_avg"},
    ),
    "Adam": (
        lambda w, **s: optim.Adam(w, lr=0.1, amsgrad=True, **s),
        {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
    ),
    "AdamW": (lambda w, **s: optim.AdamW(w, lr=0.1, **s), {"step", "exp_avg", "exp_avg_sq"}),
    "Adadelta": (lambda w, **s: optim.Adadelta(w, lr=0.1, **s), {"step", "square_avg", "acc_delta"}),
    "Adamax": (lambda w, **s: optim.Adamax(w, lr=0.1, **s), {"step", "exp_avg", "exp_inf"}),
    "NAdam": (lambda w, **s: optim.NAdam(w, lr=0.1, **s), {"step", "mu_product", "exp_avg", "exp_avg_sq"}),
    "RAdam": (lambda w, **s: optim.RAdam(w, lr=0.1, **s), {"step", "exp_avg", "exp_avg_sq"}),
    "ASGD": (lambda w, **s: optim.ASGD(w, lr=0.1, t0=1, **s), {"step", "eta", "mu", "ax"}),
    "Lion": (lambda w, **s: optim.Lion(w, lr=0.1, **s), {"exp_avg"}),
}
every_kind = pytest.mark.parametrize(("make", "entries"), KINDS.values(), ids=KINDS)


def parameters():
    return [Tensor(np.ones((2, 3)), requires_grad=True), Tensor(np.ones(3, np.float32), requires_grad=True)]


def train(optimizer, steps, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = rng.standard_normal(p.shape)
        optimizer.step()


def error(text):
    return pytest.raises(ValueError, match=re.escape(text))


@every_kind
def test_structure_is_that_of_pytorch(make, entries):
    w = parameters()
    optimizer = make([{"params": w[:1]}, {"params": w[1:], "lr": 0.5}])
    train(optimizer, 2)
    saved = optimizer.state_dict()
    assert set(saved) == {"state", "param_groups"}
    assert list(saved["state"]) == [0, 1]
    assert set(saved["state"][0]) == entries
    for i in (0, 1):
        for name, value in saved["state"][i].items():
            number = name in ("step", "mu_product", "eta", "mu")
            assert value.shape == (() if number else w[i].shape)
            if name == "step" or not number:
                assert value.dtype == (np.float32 if number else w[i].dtype)
    assert [group["params"] for group in saved["param_groups"]] == [[0], [1]]
    assert [group["lr"] for group in saved["param_groups"]] == [0.1, 0.5]
    assert set(saved["param_groups"][0]) == {"params", *optimizer.defaults}


@every_kind
def test_resumed_run_continues_bit_for_bit(make, entries):
    one = make(parameters())
    train(one, 3)
    w = [Tensor(p.data, requires_grad=True) for p in one.param_groups[0]["params"]]
    two = make(w, weight_decay=0.3)
    two.load_state_dict(one.state_dict())
    assert two.param_groups[0]["weight_decay"] == one.param_groups[0]["weight_decay"]
    train(one, 3, seed=1)
    train(two, 3, seed=1)
    for p, q in zip(one.param_groups[0]["params"], w, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@every_kind
def test_saved_and_loaded_state_are_copies(make, entries):
    optimizer = make(parameters())
    train(optimizer, 1)
    saved = optimizer.state_dict()
    before = copy.deepcopy(saved)
    twin = make(parameters())
    twin.load_state_dict(saved)
    train(optimizer, 1)
    train(twin, 1)
    assert_same(saved, before)
    optimizer.param_groups[0]["lr"] = 7
    assert saved["param_groups"][0]["lr"] == 0.1


def assert_same(a, b):
    if isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b, strict=True)
    else:
        assert a == b


def test_state_takes_the_dtype_and_layout_of_its_parameter():
    optimizer = optim.Adam([Tensor(np.ones((2, 3)), requires_grad=True)])
    train(optimizer, 1)
    w = Tensor(0.0, requires_grad=True)
    w.data = np.asfortranarray(np.ones((2, 3), np.float32))
    twin = optim.Adam([w])
    twin.load_state_dict(optimizer.state_dict())
    array = twin.state[w]["exp_avg"]
    assert array.dtype == np.float32
    assert array.flags.f_contiguous
    assert twin.state[w]["step"] == 1
    assert type(twin.state[w]["step"]) is int


def test_dict_of_pytorch_loads_whose_ids_counts_and_switches_differ():
    w = parameters()
    optimizer = optim.Adam(w)
    group = {
        "lr": 0.5, "betas": [0.8, 0.9], "eps": 1e-6, "weight_decay": 0, "amsgrad": False, "maximize": False,
        "foreach": None, "capturable": False, "differentiable": False, "fused": True, "initial_lr": 1.0,
        "params": [140, 7],
    }  # fmt: skip
    entries = {"step": 3, "exp_avg": np.ones(3).tolist(), "exp_avg_sq": np.ones(3), "extra": None}
    optimizer.load_state_dict({"state": {7: entries}, "param_groups": [group]})
    new = optimizer.param_groups[0]
    assert new["params"] == w
    assert new["betas"] == (0.8, 0.9)
    assert new["initial_lr"] == 1.0
    assert new["decoupled_weight_decay"] is False  # younger than the file
    assert "fused" not in new
    assert list(optimizer.state) == [w[1]]
    assert optimizer.state[w[1]]["step"] == 3
    assert "extra" not in optimizer.state[w[1]]


def test_parameter_without_anything_to_remember_has_no_entry():
    optimizer = optim.SGD(parameters())
    train(optimizer, 1)
    assert optimizer.state_dict()["state"] == {}


def test_adamw_stays_decoupled_whatever_it_loads():
    adam, adamw = optim.Adam(parameters()), optim.AdamW(parameters())
    adamw.load_state_dict(adam.state_dict())
    assert adamw.param_groups[0]["decoupled_weight_decay"] is True


def test_names_are_kept_where_the_saved_groups_have_none():
    w = parameters()
    named = optim.SGD([("a", w[0]), ("b", w[1])])
    assert named.state_dict()["param_groups"][0]["param_names"] == ["a", "b"]
    named.load_state_dict(optim.SGD(parameters()).state_dict())
    assert named.param_groups[0]["param_names"] == ["a", "b"]


def test_failed_load_reports_everything_and_changes_nothing():
    optimizer = optim.Adam(parameters())
    train(optimizer, 1)
    before = optimizer.state_dict()
    bad = optimizer.state_dict()
    del bad["param_groups"][0]["betas"]
    bad["param_groups"][0]["lr"] = -1.0
    del bad["state"][0]["exp_avg"]
    bad["state"][0]["step"] = np.ones(2)
    bad["state"][1]["exp_avg_sq"] = np.ones(4)
    bad["state"][5] = {}
    with error(
        "Adam.load_state_dict: expected the state of Adam over these parameters, but group 0 has no 'betas'; "
        "group 0 does not fit: Adam: expected lr >= 0, but got -1.0. Make it 0 or more. To climb, write maximize=True.;"
        " the state of parameter 0 has no 'exp_avg'; 'step' in the state of parameter 0 has shape (2,), not (); "
        "'exp_avg_sq' in the state of parameter 1 has shape (4,), not (3,); "
        "there is a state of parameter 5, which no group lists. "
    ):
        optimizer.load_state_dict(bad)
    assert_same(optimizer.state_dict(), before)


def test_state_of_another_optimizer_is_an_error():
    sgd, adam = optim.SGD(parameters()), optim.Adam(parameters())
    with error("group 0 has no 'betas'; group 0 has no 'eps'. Load what the same kind of optimizer saved"):
        adam.load_state_dict(sgd.state_dict())


def test_groups_of_other_sizes_are_an_error():
    optimizer = optim.SGD(parameters())
    saved = optim.SGD([{"params": p} for p in parameters()]).state_dict()
    with error("SGD.load_state_dict: expected groups of [2] parameters, but got groups of [1, 1]."):
        optimizer.load_state_dict(saved)


@pytest.mark.parametrize("wrong", [{}, {"state": {}}, {"state": {}, "param_groups": [{}]}, [], None, {"state": 3}])
def test_what_is_no_state_dict_is_an_error(wrong):
    with error("SGD.load_state_dict: expected {'state': {...}, 'param_groups': [{'params': [...], ...}]}, but got "):
        optim.SGD(parameters()).load_state_dict(wrong)


def test_state_that_is_no_dict_is_an_error():
    optimizer = optim.SGD(parameters())
    saved = optimizer.state_dict()
    saved["state"][0] = [1, 2]
    with error("the state of parameter 0 is not a dict but list"):
        optimizer.load_state_dict(saved)
