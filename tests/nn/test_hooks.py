import copy

import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Sum(nn.Module):
    def forward(self, a, b=0):
        return a + b


def test_a_forward_hook_sees_arguments_and_output_and_may_replace_it():
    net, seen = Sum(), []
    net.register_forward_hook(lambda m, args, y: seen.append((type(m), args, y)))
    assert net(1, b=2) == 3
    assert seen == [(Sum, (1,), 3)]
    net.register_forward_hook(lambda m, args, y: y * 10)
    assert net(1, b=2) == 30


def test_a_pre_hook_may_replace_the_arguments():
    net = Sum()
    net.register_forward_pre_hook(lambda m, args: args[0] + 1)
    assert net(1, b=2) == 4
    net.register_forward_pre_hook(lambda m, args: (args[0], 10))
    assert net(1) == 12


def test_hooks_with_kwargs_get_and_replace_them():
    net, seen = Sum(), []
    net.register_forward_pre_hook(lambda m, args, kwargs: (args, {"b": 5}), with_kwargs=True)
    net.register_forward_hook(lambda m, args, kwargs, y: seen.append((args, kwargs, y)), with_kwargs=True)
    assert net(1, b=2) == 6
    assert seen == [((1,), {"b": 5}, 6)]


def test_hooks_run_in_order_and_prepended_ones_first():
    net, seen = Sum(), []
    for name in "ab":
        net.register_forward_hook(lambda m, args, y, name=name: seen.append(name))
    net.register_forward_hook(lambda m, args, y: seen.append("first"), prepend=True)
    net(1)
    assert seen == ["first", "a", "b"]


def test_a_removed_hook_runs_no_more_and_others_stay():
    net, seen = Sum(), []
    first = net.register_forward_hook(lambda m, args, y: seen.append(1))
    net.register_forward_hook(lambda m, args, y: seen.append(2))
    first.remove()
    first.remove()
    net(1)
    assert seen == [2]


def test_hooks_belong_to_one_module():
    one, other, seen = Sum(), Sum(), []
    with one.register_forward_hook(lambda m, args, y: seen.append(1)):
        other(1)
        twin = copy.deepcopy(one)
    one(1)
    assert seen == []
    twin(1)
    assert seen == [1]


def test_ops_of_a_hook_belong_to_the_call():
    net = Sum()
    net.register_forward_hook(lambda m, args, y: y * 2)
    y = net(tg.ones(2))
    assert y._calls[0][0] == "Sum"
    assert y._calls[0][2] < y.serial < y._calls[0][3]


def test_a_hook_is_a_function():
    with pytest.raises(TypeError, match="register hook: expected a function, but got 3"):
        Sum().register_forward_hook(3)
