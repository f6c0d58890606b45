import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Block(nn.Module):
    def __init__(self, n):
        self.scale = nn.Parameter(np.ones(n))
        self.inner = nn.Linear(n, n)
        self.register_buffer("count", np.array(0))
        self.register_buffer("scratch", np.zeros(n), persistent=False)


def paths(named):
    return [path for path, _ in named]


def test_parameters_are_those_of_the_module_then_those_below_in_order_of_assignment():
    net = nn.Sequential(Block(2), nn.Linear(2, 1, bias=False))
    assert paths(net.named_parameters()) == ["0.scale", "0.inner.weight", "0.inner.bias", "1.weight"]
    assert paths(net[0].named_parameters(recurse=False)) == ["scale"]
    assert paths(net[0].named_parameters(prefix="block")) == ["block.scale", "block.inner.weight", "block.inner.bias"]
    assert list(net.parameters()) == [p for _, p in net.named_parameters()]


def test_buffers_modules_and_children_have_paths():
    net = nn.Sequential(Block(2))
    assert paths(net.named_buffers()) == ["0.count", "0.scratch"]
    assert paths(net.named_modules()) == ["", "0", "0.inner"]
    assert paths(net.named_children()) == ["0"]
    assert [type(m).__name__ for m in net.modules()] == ["Sequential", "Block", "Linear"]
    assert len(list(net.buffers())) == 2
    assert list(net.children()) == [net[0]]


def test_a_module_or_parameter_in_two_places_is_listed_once_under_its_first_name():
    shared = nn.Linear(2, 2)
    net = nn.Sequential(shared, nn.ReLU(), shared)
    net.tied = shared.weight
    assert paths(net.named_modules()) == ["", "0", "1"]
    assert paths(net.named_modules(remove_duplicate=False)) == ["", "0", "1", "2"]
    assert paths(net.named_parameters()) == ["tied", "0.bias"]
    assert paths(net.named_children()) == ["0", "1"]


def test_what_is_shared_is_listed_under_each_name_if_asked_for():
    shared = Block(2)
    net = nn.Sequential(shared, shared)
    net.tied = shared.scale
    below = ["scale", "inner.weight", "inner.bias"]
    wanted = ["tied", *[f"{i}.{name}" for i in "01" for name in below]]
    assert paths(net.named_parameters(remove_duplicate=False)) == wanted
    assert paths(net.named_buffers(remove_duplicate=False)) == ["0.count", "0.scratch", "1.count", "1.scratch"]
    assert len(list(net.modules(remove_duplicate=False))) == 5


def test_base_init_need_not_be_called_and_may_be():
    class Polite(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter([1.0])

    assert paths(Polite().named_parameters()) == ["w"]
    assert paths(Block(2).named_parameters())[0] == "scale"


def test_a_module_may_not_contain_itself():
    outer, inner = nn.Sequential(), nn.Sequential()
    outer.append(inner)
    for child in (outer, inner):
        with pytest.raises(ValueError, match="Sequential.again: expected a module that does not contain this one"):
            inner.again = outer if child is outer else inner
    assert paths(inner.named_modules()) == [""]


def test_a_parameter_is_replaced_by_parameters_or_none_only():
    net = nn.Linear(2, 2)
    with pytest.raises(TypeError, match=r"Linear.weight: expected a Parameter or None .* but got Tensor"):
        net.weight = tg.zeros((2, 2))
    new = nn.Parameter(np.zeros((2, 2)))
    net.weight, net.bias = new, None
    assert paths(net.named_parameters()) == ["weight"]
    assert net.weight is new


def test_a_module_is_replaced_by_modules_or_none_only():
    net = nn.Sequential(nn.ReLU())
    net.act = nn.ReLU()
    with pytest.raises(TypeError, match="expected a Module or None in place of one, but got function"):
        net.act = tg.exp
    net.act = None
    assert paths(net.named_children()) == ["0"]


def test_a_buffer_takes_arrays_and_no_parameter():
    block = Block(2)
    block.count = np.array(3)
    assert isinstance(block.count, tg.Tensor)
    assert block.count.item() == 3
    with pytest.raises(TypeError, match="in place of a buffer, but got Parameter"):
        block.count = nn.Parameter([1.0])
    del block.count
    assert paths(block.named_buffers()) == ["scratch"]
    block.scratch = None
    assert paths(block.named_buffers()) == []


def test_names_that_could_not_be_found_again_are_refused():
    net = nn.Module()
    for name in ("a.b", "", 3):
        with pytest.raises(ValueError, match="expected a name without dots"):
            net.add_module(name, nn.ReLU())
    for register, value in ((net.add_module, nn.ReLU()), (net.register_parameter, nn.Parameter([1.0]))):
        with pytest.raises(ValueError, match="'train', which every Module has already"):
            register("train", value)
    with pytest.raises(ValueError, match="'parameters', which every Module has"):
        net.parameters = nn.ReLU()
    with pytest.raises(ValueError, match="free name for a buffer"):
        Block(2).register_buffer("scale", np.zeros(2))


def test_registering_wants_the_right_kind():
    net = nn.Module()
    with pytest.raises(TypeError, match=r"Module.f: expected a Module or None, but got <"):
        net.add_module("f", tg.exp)
    with pytest.raises(TypeError, match=r"Module.w: expected a Parameter or None, but got ndarray"):
        net.register_parameter("w", np.zeros(2))
    net.register_parameter("w", None)
    assert net.w is None
    assert paths(net.named_parameters()) == []


def test_get_submodule_follows_a_path_or_says_what_there_is():
    net = nn.Sequential(Block(2))
    assert net.get_submodule("0.inner") is net[0].inner
    assert net.get_submodule("") is net
    with pytest.raises(AttributeError, match=r"got '0.outer': Block has no module 'outer'. It has 'inner'"):
        net.get_submodule("0.outer")
    with pytest.raises(AttributeError, match="It has none at all"):
        net.get_submodule("0.inner.weight")


def test_get_parameter_and_get_buffer_follow_a_path_or_say_what_there_is():
    net = nn.Sequential(Block(2))
    assert net.get_parameter("0.inner.weight") is net[0].inner.weight
    assert net.get_buffer("0.count") is net[0].count
    assert net[0].get_parameter("scale") is net[0].scale
    with pytest.raises(AttributeError, match="get_parameter: .* Linear has no parameter 'w'. It has 'weight', 'bias'"):
        net.get_parameter("0.inner.w")
    with pytest.raises(AttributeError, match="get_buffer: .* Block has no buffer 'scale'. It has 'count', 'scratch'"):
        net.get_buffer("0.scale")
    with pytest.raises(AttributeError, match="Sequential has no module '1'"):
        net.get_parameter("1.weight")


def test_set_submodule_puts_another_in_its_place():
    net = nn.Sequential(Block(2))
    net.set_submodule("0.inner", nn.Identity())
    assert isinstance(net[0].inner, nn.Identity)
    with pytest.raises(AttributeError, match="Block has no module 'outer'"):
        net.set_submodule("0.outer", nn.Identity())
