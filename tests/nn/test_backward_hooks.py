import copy
import gc

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import hooks, nn


def leaf(*values):
    return tg.Tensor(list(values), requires_grad=True)


# ---- of a tensor ----


def test_a_hook_sees_the_whole_gradient_once():
    x, seen = leaf(1.0, 2.0), []
    h = x * 3
    h.register_hook(lambda g: seen.append(g.tolist()))
    (h * h + h).sum().backward()
    assert seen == [[7.0, 13.0]]


def test_what_a_hook_returns_goes_on_in_its_place():
    x = leaf(1.0, 2.0)
    h = x * 3
    h.register_hook(lambda g: g * 2)
    h.register_hook(lambda g: tg.clip(g, -2.5, 2.5))
    (h * tg.Tensor([1.0, 2.0])).sum().backward()
    assert x.grad.tolist() == [6.0, 7.5]


def test_a_hook_of_a_leaf_changes_what_is_added_to_its_grad():
    x = leaf(1.0, 2.0)
    handle = x.register_hook(lambda g: -g)
    x.sum().backward()
    handle.remove()
    handle.remove()
    x.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_gradient_that_a_hook_keeps_does_not_change_later():
    x, kept = leaf(1.0), []
    x.register_hook(kept.append)
    x.sum().backward()
    x.sum().backward()
    x.grad[0] = 9.0
    assert [g.tolist() for g in kept] == [[1.0], [1.0]]


def test_a_hook_runs_in_grad_and_in_a_recorded_sweep_with_a_history():
    x = leaf(2.0)
    x.register_hook(lambda g: g * g)
    assert tg.grad((x * x).sum(), x).tolist() == [16.0]
    (first,) = [tg.grad((x * x).sum(), x, create_graph=True)]  # (2 x)**2
    assert first.requires_grad
    with hooks.add(first, lambda g: g):
        assert tg.grad(first.sum(), x).tolist() == [(8 * 2.0) ** 2]


def test_a_hook_runs_under_an_op_that_selects_too():
    x, seen = leaf(0.0, 4.0), []
    x.register_hook(lambda g: seen.append(g.tolist()))
    tg.where(x > 0, tg.sqrt(x), 0.0).sum().backward()
    assert seen[-1] == [0.0, 0.25]


def test_hooks_die_with_their_tensor_and_are_not_copied():
    x = leaf(1.0)
    x.register_hook(lambda g: g * 2)
    twin = copy.deepcopy(x)
    twin.sum().backward()
    assert twin.grad.tolist() == [1.0]
    before = len(hooks.hooked)
    del x
    gc.collect()
    assert len(hooks.hooked) == before - 1


def test_a_hook_that_makes_no_sense_is_an_error():
    with pytest.raises(RuntimeError, match="register_hook: expected a tensor that requires grad"):
        tg.Tensor([1.0]).register_hook(print)
    with pytest.raises(TypeError, match="register_hook: expected a function, but got 3"):
        leaf(1.0).register_hook(3)
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: g.sum())
    with pytest.raises(
        ValueError, match=r"expected a gradient of shape \(2,\), or None, from the hook, but got shape \(\)"
    ):
        x.sum().backward()
    assert x.grad is None


# ---- of a module ----


class Product(nn.Module):
    def forward(self, a, b, c=1.0):
        return a * b, (a + b) * c


def test_a_backward_hook_sees_the_gradients_of_inputs_and_outputs():
    net, seen = Product(), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append((type(m), gi, go)))
    a, b = leaf(2.0), tg.Tensor([3.0, 5.0], requires_grad=True)
    p, s = net(a, b)
    (p * 2 + s).sum().backward()
    ((kind, grad_input, grad_output),) = seen
    assert kind is Product
    assert [g.tolist() for g in grad_input] == [[18.0], [5.0, 5.0]]
    assert [g.tolist() for g in grad_output] == [[2.0, 2.0], [1.0, 1.0]]
    assert a.grad.tolist() == [18.0]


def test_arguments_without_a_gradient_are_none():
    net, seen = Product(), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append(gi))
    p, _ = net(tg.Tensor([2.0]), leaf(3.0), 4.0)
    p.sum().backward()
    assert [g if g is None else g.tolist() for g in seen[0]] == [None, [2.0], None]
    net.register_full_backward_hook(lambda m, gi, go: seen.append(go))
    layer = nn.Linear(1, 1)
    layer.register_full_backward_hook(lambda m, gi, go: seen.append(gi))
    layer(tg.Tensor([[2.0]])).sum().backward()
    assert seen[-1] == (None,)


def test_backward_hooks_replace_gradients():
    net, x = nn.ReLU(), leaf(-1.0, 2.0)
    net.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,))
    net.register_full_backward_hook(lambda m, gi, go: (gi[0] + go[0],))
    net(x).sum().backward()
    assert x.grad.tolist() == [3.0, 6.0]


def test_backward_hooks_run_in_order_and_until_they_are_removed():
    net, x, seen = nn.Tanh(), leaf(1.0), []
    first = net.register_full_backward_hook(lambda m, gi, go: seen.append("a"))
    net.register_full_backward_hook(lambda m, gi, go: seen.append("b"), prepend=True)
    net.register_full_backward_pre_hook(lambda m, go: seen.append("before"))
    net(x).sum().backward()
    assert seen == ["before", "b", "a"]
    first.remove()
    net(x).sum().backward()
    assert seen[3:] == ["before", "b"]


def test_backward_hooks_of_nested_modules_run_from_the_last_to_the_first():
    net, seen = nn.Sequential(nn.Linear(2, 2), nn.Tanh()), []
    for name, module in net.named_modules():
        module.register_full_backward_hook(lambda m, gi, go, name=name: seen.append(name))
    net(tg.ones((1, 2), requires_grad=True)).sum().backward()
    assert seen == ["1", "0", ""]


def test_gradients_in_a_hook_have_a_history_under_create_graph():
    net, x, seen = nn.Tanh(), leaf(0.5), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append(gi[0].requires_grad))
    plain = nn.Tanh()
    first = [tg.grad(m(x).sum(), x, create_graph=True) for m in (net, plain)]
    assert seen == [True]
    second = [tg.grad(g.sum(), x).item() for g in first]
    assert second[0] == pytest.approx(second[1], rel=1e-6)


def test_outputs_without_a_gradient_and_in_other_dtypes_pass():
    class Both(nn.Module):
        def forward(self, a, b):
            return [a * 2.0, a.argmax(), b * 3.0]

    net, seen = Both(), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append(go))
    a, b = leaf(1.0, 2.0), tg.Tensor(np.ones(1), requires_grad=True)
    x, i, y = net(a, b)
    assert (x.dtype, y.dtype, i.item()) == (np.float32, np.float64, 1)
    x.sum().backward()
    assert [g if g is None else g.tolist() for g in seen[0]] == [[1.0, 1.0], None, [0.0]]


def test_a_module_whose_output_is_no_tensor_warns_that_its_hooks_will_not_run():
    class Named(nn.Module):
        def forward(self, x):
            return {"y": x}

    net = Named()
    net.register_full_backward_hook(lambda m, gi, go: None)
    with pytest.warns(UserWarning, match="register_full_backward_hook: expected a Tensor, .* Named, but got dict"):
        net(leaf(1.0))
    with tg.no_grad():
        assert nn.ReLU()(leaf(1.0)).tolist() == [1.0]


def test_a_hook_that_returns_another_number_of_gradients_is_an_error():
    net = nn.ReLU()
    net.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    with pytest.raises(ValueError, match="register_full_backward_hook: expected 1 gradients from the hook, but got 2"):
        net(leaf(1.0)).sum().backward()


def test_hooks_that_change_nothing_change_nothing():
    tg.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 1))
    x = tg.randn(5, 3, requires_grad=True)
    net(x).sum().backward()
    wanted = [p.grad.copy() for p in net.parameters()] + [x.grad.copy()]
    net.zero_grad()
    x.grad = None
    for module in net.modules():
        module.register_full_backward_hook(lambda m, gi, go: None)
    net(x).sum().backward()
    for p, g in zip([*net.parameters(), x], wanted, strict=True):
        np.testing.assert_array_equal(p.grad, g)
