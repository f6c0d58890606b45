import copy
import pickle
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


@pytest.mark.parametrize("kind", [lambda *m: nn.Sequential(*m), lambda *m: nn.ModuleList(m)])
def test_lists_of_modules_are_added_and_popped(kind):
    net = kind(Plus(0), Plus(1))
    both = net + kind(Plus(2))
    assert type(both) is type(net)
    assert numbers(both) == [0, 1, 2]
    assert names(both) == ["0", "1", "2"]
    assert both[0] is net[0]
    both += [Plus(3)]
    assert both.pop().n == 3
    assert both.pop(0).n == 0
    assert names(both) == ["0", "1"]
    assert numbers(both.pop(slice(1))) == [1]
    assert numbers(both) == [2]
    with pytest.raises(IndexError, match="expected an index in -1..0, but got 5"):
        both.pop(5)


def test_sequential_is_repeated_with_the_same_modules():
    net = nn.Sequential(Plus(1), Plus(2))
    twice = net * 2
    assert numbers(twice) == numbers(2 * net) == [1, 2, 1, 2]
    assert twice[2] is net[0]
    net *= 3
    assert len(net) == 6
    for wrong, kind in ((0, ValueError), (1.5, TypeError)):
        with pytest.raises(kind, match="Sequential: expected .*the number of repetitions"):
            net * wrong
    with pytest.raises(TypeError):
        net + [Plus(1)]


def test_module_dict_takes_pairs_and_gives_modules_back():
    heads = nn.ModuleDict([("a", Plus(1)), ("b", Plus(2))])
    heads.update(nn.ModuleDict({"c": Plus(3)}))
    assert heads.pop("a").n == 1
    assert list(heads) == ["b", "c"]
    heads.clear()
    assert len(heads) == 0
    with pytest.raises(KeyError, match="got 'a'. It has none at all"):
        heads.pop("a")
    with pytest.raises(
        ValueError, match="ModuleDict: expected a mapping or pairs of a name and a value, but got 'xyz'"
    ):
        heads.update(["xyz"])


def test_parameter_list_behaves_like_a_list():
    ps = nn.ParameterList([nn.Parameter([1.0]), tg.Tensor([2.0]), np.array([3.0], np.float32)])
    assert all(isinstance(p, nn.Parameter) for p in ps)
    assert [p.item() for p in ps] == [1, 2, 3]
    assert list(ps.state_dict()) == ["0", "1", "2"]
    ps.append(nn.Parameter([4.0])).extend([nn.Parameter([5.0])])
    ps += [nn.Parameter([6.0])]
    assert ps[-1].item() == 6
    assert isinstance(ps[1:3], nn.ParameterList)
    assert [p.item() for p in ps[1:3]] == [2, 3]
    assert ps[1:3][0] is ps[1]
    ps[0] = tg.Tensor([9.0])
    assert ps[0].item() == 9
    assert len(ps) == 6 == len(list(ps.parameters()))
    assert repr(nn.ParameterList([tg.ones((2, 3))])) == (
        "ParameterList(\n  (0): Parameter containing: [float32 of size 2x3]\n)"
    )


def test_parameter_dict_behaves_like_a_dictionary():
    ps = nn.ParameterDict({"b": nn.Parameter([1.0]), "a": tg.Tensor([2.0])})
    assert list(ps) == list(ps.keys()) == ["a", "b"]  # a plain dict by name, as in PyTorch
    ps["c"] = np.array([3.0], np.float32)
    assert [p.item() for p in ps.values()] == [2, 1, 3]
    assert [name for name, _ in ps.items()] == list(ps.state_dict())
    assert list(reversed(ps)) == ["c", "b", "a"]
    assert "a" in ps
    assert ps.get("z") is None
    assert ps.setdefault("d", tg.Tensor([4.0])) is ps["d"]
    assert ps.setdefault("d", tg.Tensor([5.0])).item() == 4
    assert ps.copy()["a"] is ps["a"]
    assert list(ps | {"e": tg.Tensor([5.0])}) == ["a", "b", "c", "d", "e"]
    assert ps.popitem()[0] == "d"
    assert ps.pop("a").item() == 2
    assert len(ps) == 2
    ps.clear()
    assert list(ps.parameters()) == []
    with pytest.raises(KeyError, match="at least one parameter"):
        ps.popitem()
    with pytest.raises(KeyError, match="expected the name of a parameter, but got 'a'. It has none at all"):
        del ps["a"]


def test_parameters_of_lists_and_dicts_are_trained_copied_and_saved():
    net = nn.Module()
    net.pair = nn.ParameterList([tg.ones(2), tg.ones(2)])
    net.named = nn.ParameterDict({"w": tg.ones(2)})
    assert [path for path, _ in net.named_parameters()] == ["pair.0", "pair.1", "named.w"]
    (net.pair[0] * net.named["w"]).sum().backward()
    assert net.named["w"].grad.tolist() == [1, 1]
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        twin.load_state_dict(net.state_dict())
        assert twin.pair[0] is not net.pair[0]


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: nn.ParameterList([3]), TypeError, "expected Parameters, Tensors or arrays, but got 3"),
        (lambda: nn.ParameterList(tg.ones(3)), TypeError, "expected a list of parameters, but got Tensor. Use append"),
        (lambda: nn.ParameterList()[0], IndexError, "ParameterList: expected no index, as it holds no parameters"),
        (lambda: nn.ParameterList([tg.ones(3)])[1], IndexError, "expected an index in -1..0, but got 1"),
        (lambda: nn.ParameterList([tg.ones(3)])["0"], TypeError, "expected an integer or a slice as index"),
        (lambda: nn.ParameterDict({"a": "b"}), TypeError, "expected Parameters, Tensors or arrays, but got 'b'"),
        (lambda: nn.ParameterDict({"keys": tg.ones(3)}), ValueError, "'keys', which every ParameterDict has"),
    ],
)
def test_only_parameters_go_into_lists_and_dicts_of_them(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
