import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Scaled(nn.Module):
    def __init__(self, n):
        self.fc = nn.Linear(n, n)
        self.scale = nn.Parameter(np.full(n, 2.0, np.float32))
        self.register_buffer("calls", np.array(0))

    def forward(self, x, shift=0.0):
        return self.fc(x) * self.scale + shift

    def extra_repr(self):
        return f"n={self.scale.size}"


def test_calling_a_module_runs_its_forward_with_all_arguments():
    net = Scaled(2)
    x = tg.randn(3, 2)
    np.testing.assert_array_equal(net(x, shift=1.0).data, net.forward(x, 1.0).data)


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module: expected a method forward"):
        nn.Module()(1)


def test_train_and_eval_reach_every_module():
    net = nn.Sequential(Scaled(2), nn.ReLU())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    net[0].train()
    assert [m.training for m in net.modules()] == [False, True, True, False]


def test_requires_grad_and_zero_grad_reach_every_parameter():
    net = Scaled(2)
    net(tg.randn(3, 2)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    assert not net.requires_grad_(False)(tg.randn(3, 2)).requires_grad
    assert all(p.requires_grad for p in net.requires_grad_().parameters())


def test_to_converts_floating_parameters_gradients_and_buffers():
    net = Scaled(2)
    net(tg.randn(3, 2)).sum().backward()
    weight = net.fc.weight
    assert net.double() is net
    assert net.fc.weight is weight
    assert {p.dtype for p in net.parameters()} == {np.dtype("float64")} == {p.grad.dtype for p in net.parameters()}
    assert net.calls.dtype == np.int64
    assert net.float().scale.dtype == np.float32
    for wrong in ("int64", "cuda"):
        with pytest.raises(TypeError, match=f"to: expected a floating dtype, but got '{wrong}'"):
            net.to(wrong)


def test_zero_grad_can_keep_arrays_of_zeros():
    net = Scaled(2)
    net(tg.randn(3, 2)).sum().backward()
    net.fc.bias.grad = None
    net.zero_grad(set_to_none=False)
    assert net.scale.grad.tolist() == [0, 0]
    assert net.fc.bias.grad is None


def test_other_names_of_to():
    net = Scaled(2)
    assert net.half().scale.dtype == np.float16
    assert net.type("float64").scale.dtype == np.float64
    assert net.cpu() is net.to("cpu") is net
    with pytest.raises(TypeError, match="bfloat16: expected a dtype that NumPy has"):
        net.bfloat16()


def test_apply_calls_children_before_parents():
    seen = []
    net = nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh())
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["ReLU", "Sequential", "Tanh", "Sequential"]


def test_repr_shows_settings_and_children():
    assert repr(Scaled(2)) == "Scaled(\n  n=2\n  (fc): Linear(in_features=2, out_features=2, bias=True)\n)"
    assert repr(nn.Sequential(nn.Sequential(nn.Tanh()))) == ("Sequential(\n  (0): Sequential(\n    (0): Tanh()\n  )\n)")
    assert repr(nn.Module()) == "Module()"


def test_deepcopy_is_independent_and_keeps_what_is_shared():
    net = Scaled(2)
    net.again = net.fc
    net(tg.randn(3, 2))  # paths have been worked out
    net.eval()
    twin = copy.deepcopy(net)
    assert twin.again is twin.fc
    assert twin.fc.weight is not net.fc.weight
    assert not twin.training
    x = tg.randn(3, 2)
    np.testing.assert_array_equal(net(x).data, twin(x).data)
    twin.scale.data = np.zeros(2, np.float32)
    assert net.scale.data.all()


def test_pickle_keeps_numbers_names_and_mode():
    net = nn.Sequential(Scaled(2), nn.Tanh()).eval()
    net(tg.randn(3, 2))
    twin = pickle.loads(pickle.dumps(net))
    assert repr(twin) == repr(net)
    assert not twin[0].training
    x = tg.randn(3, 2)
    np.testing.assert_array_equal(net(x).data, twin(x).data)
    assert isinstance(twin[0].scale, nn.Parameter)
    assert twin[0].scale.requires_grad
