import copy

import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.context import active_modules
from tinygrad_edu.sweep import history


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2


def notes(t):
    return [call[:2] for call in t._calls]


def test_an_output_knows_class_and_path_of_every_call_that_made_it_inner_first():
    net = nn.Sequential(nn.Sequential(Doubled()), Doubled())
    y = net(tg.ones(2, requires_grad=True))
    assert notes(y) == [("Doubled", "1"), ("Sequential", "")]
    inner = y.inputs[0]
    assert notes(inner) == [("Doubled", "0.0"), ("Sequential", "0")]


def test_ops_of_a_call_lie_between_its_serials_and_no_others():
    net = nn.Sequential(nn.Linear(2, 2), Doubled())
    x = tg.ones((1, 2), requires_grad=True) * 3
    y = net(x)
    z = y + 1
    (_, _, entry, leave), whole = y._calls
    inside = [t for t in history(z) if entry < t.serial < leave]
    assert inside == [y]
    assert x.serial < whole[2] < entry < leave < whole[3] < z.serial


def test_what_was_made_before_the_call_is_not_noted():
    x = tg.ones(2, requires_grad=True)
    y = nn.Identity()(x)
    assert y is x
    assert not hasattr(y, "_calls")


def test_outputs_in_tuples_lists_and_dicts_are_noted():
    class Many(nn.Module):
        def forward(self, x):
            return (x + 1, [x + 2]), {"third": x + 3}, "text"

    (first, (second,)), named, _ = Many()(tg.ones(2))
    assert notes(first) == notes(second) == notes(named["third"]) == [("Many", "")]


def test_a_shared_module_has_the_path_of_its_first_name():
    shared = Doubled()
    net = nn.Sequential(shared, shared)
    y = net(tg.ones(2, requires_grad=True))
    assert notes(y) == [("Doubled", "0"), ("Sequential", "")]
    assert notes(y.inputs[0]) == [("Doubled", "0")]
    assert y._calls[0][2:] != y.inputs[0]._calls[0][2:]


def test_a_module_shared_by_two_callers_has_its_path_below_the_one_that_calls():
    shared = Doubled()
    net = nn.Sequential(nn.Sequential(shared), nn.Sequential(shared))
    y = net(tg.ones(2, requires_grad=True))
    assert notes(y)[0] == ("Doubled", "1.0")
    assert notes(y.inputs[0])[0] == ("Doubled", "0.0")


def test_paths_follow_changes_of_the_structure():
    class Net(nn.Module):
        def __init__(self):
            self.part = Doubled()

        def forward(self, x):
            return self.part(x)

    net = Net()
    assert notes(net(tg.ones(2)))[0] == ("Doubled", "part")
    net.other, net.part = net.part, nn.Sequential(net.part)
    assert notes(net(tg.ones(2))) == [("Doubled", "part.0"), ("Sequential", "part"), ("Net", "")]
    twin = copy.deepcopy(net)
    assert notes(twin(tg.ones(2))) == [("Doubled", "part.0"), ("Sequential", "part"), ("Net", "")]


def test_a_module_that_no_caller_contains_is_called_by_its_class():
    class Net(nn.Module):
        def forward(self, x):
            return nn.Sequential(Doubled())(x)

    assert notes(nn.Sequential(Net())(tg.ones(2))) == [
        ("Doubled", "0.<Sequential>.0"),
        ("Sequential", "0.<Sequential>"),
        ("Net", "0"),
        ("Sequential", ""),
    ]
    assert notes(Net()(tg.ones(2)))[1] == ("Sequential", "<Sequential>")


def test_a_module_that_calls_another_of_its_root_gets_the_path_from_there():
    class User(nn.Module):
        def forward(self, x, f):
            return f(x)

    class Net(nn.Module):
        def __init__(self):
            self.user, self.f = User(), Doubled()

        def forward(self, x):
            return self.user(x, self.f)

    assert notes(Net()(tg.ones(2))) == [("Doubled", "f"), ("User", "user"), ("Net", "")]


def test_a_module_that_calls_itself_keeps_its_path():
    class Twice(nn.Module):
        def forward(self, x, again=True):
            return self(x, again=False) * 2 if again else x * 2

    assert notes(nn.Sequential(Twice())(tg.ones(2, requires_grad=True)).inputs[0]) == [("Twice", "0")]


def test_an_error_inside_leaves_no_module_active():
    class Wrong(nn.Module):
        def forward(self, x):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        nn.Sequential(Wrong())(1)
    assert active_modules.get() == ()


def test_observers_are_told_the_path():
    net = nn.Sequential(nn.Sequential(Doubled()))
    with tg.observe() as events:
        net(tg.ones(2))
    assert [(e.op.__name__, e.module) for e in events] == [("multiply", "0.0")]
