import copy
from collections import OrderedDict

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Plus(nn.Module):
    def __init__(self, n):
        self.n = n

    def forward(self, x):
        return x + self.n

    def extra_repr(self):
        return str(self.n)


def numbers(container):
    return [module.n for module in container]


def names(container):
    return [name for name, _ in container.named_children()]


def test_sequential_passes_through_all_modules_in_order():
    assert nn.Sequential(Plus("b"), Plus("c"))("a") == "abc"
    assert nn.Sequential()("a") == "a"


@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_sequential_takes_names(kind):
    net = nn.Sequential(kind([("first", Plus("b")), ("second", Plus("c"))]))
    assert names(net) == ["first", "second"]
    assert net.first is net[0]
    assert net("a") == "abc"
    assert names(net[1:]) == ["second"]


@pytest.mark.parametrize("kind", [lambda *m: nn.Sequential(*m), lambda *m: nn.ModuleList(m)])
def test_lists_of_modules_behave_like_lists(kind):
    net = kind(Plus(0), Plus(1), Plus(2))
    assert len(net) == 3
    assert numbers(net) == [0, 1, 2]
    assert net[-1].n == 2
    assert type(net[1:]) is type(net)
    assert numbers(net[::-1]) == [2, 1, 0]
    assert net[:1][0] is net[0]
    assert net.append(Plus(3)) is net
    net.extend([Plus(4)]).insert(0, Plus(-1))
    assert numbers(net) == [-1, 0, 1, 2, 3, 4]
    net.insert(-1, Plus(3.5))
    assert numbers(net) == [-1, 0, 1, 2, 3, 3.5, 4]
    del net[-2], net[1:3]
    net[0] = Plus(9)
    assert numbers(net) == [9, 2, 3, 4]
    assert names(net) == ["0", "1", "2", "3"]
    assert numbers(copy.deepcopy(net)) == [9, 2, 3, 4]


def test_appending_after_a_deletion_never_replaces_a_module():
    net = nn.Sequential({"a": Plus(0), "2": Plus(1)})
    net.append(Plus(2))
    assert numbers(net) == [0, 1, 2]
    del net[0]
    net.append(Plus(3))
    assert numbers(net) == [1, 2, 3]


def test_indices_out_of_range_and_of_the_wrong_type_say_what_is_expected():
    net = nn.Sequential(Plus(0), Plus(1))
    with pytest.raises(IndexError, match=r"Sequential: expected an index in -2..1, but got 2"):
        net[2]
    with pytest.raises(TypeError, match="expected an integer or a slice as index, but got 'a'"):
        net["a"]
    with pytest.raises(IndexError, match="holds no modules"):
        nn.ModuleList()[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(tg.exp),
        lambda: nn.Sequential([nn.ReLU()]),
        lambda: nn.Sequential(nn.ReLU(), None),
        lambda: nn.ModuleList([tg.exp]),
        lambda: nn.ModuleDict({"a": tg.exp}),
        lambda: nn.Sequential(nn.ReLU()).append(3),
        lambda: nn.ModuleList([nn.ReLU()]).insert(0, 3),
        lambda: nn.Sequential(nn.ReLU()).__setitem__(0, 3),
    ],
)
def test_only_modules_go_into_containers(make):
    with pytest.raises(TypeError, match="expected modules, but got"):
        make()


def test_module_list_writes_alike_neighbours_on_one_line():
    assert repr(nn.ModuleList([Plus(0), Plus(1), Plus(1)])) == "ModuleList(\n  (0): Plus(0)\n  (1-2): 2 x Plus(1)\n)"


def test_module_dict_behaves_like_a_dictionary():
    heads = nn.ModuleDict({"a": Plus(1)})
    heads["b"] = Plus(2)
    heads.update({"a": Plus(3)})
    assert list(heads) == list(heads.keys()) == ["a", "b"]
    assert [m.n for m in heads.values()] == [3, 2]
    assert [(name, m.n) for name, m in heads.items()] == [("a", 3), ("b", 2)]
    assert "a" in heads
    assert "c" not in heads
    del heads["a"]
    assert len(heads) == 1
    with pytest.raises(KeyError, match="expected the name of a module, but got 'c'. It has 'b'"):
        heads["c"]
    with pytest.raises(KeyError, match="got 'c'"):
        del heads["c"]
    with pytest.raises(ValueError, match="'keys', which every ModuleDict has"):
        heads["keys"] = Plus(1)


def test_modules_of_lists_and_dicts_are_trained():
    net = nn.ModuleDict({"a": nn.ModuleList([nn.Linear(2, 2)])})
    assert [path for path, _ in net.named_parameters()] == ["a.0.weight", "a.0.bias"]
    net["a"][0](tg.Tensor(np.ones((1, 2), np.float32))).sum().backward()
    assert net["a"][0].weight.grad is not None
