import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Net(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(3, 2)
        self.w = nn.Parameter(np.ones(2, np.float32))
        self.register_buffer("steps", np.array(0))
        self.register_buffer("mean", np.zeros(2, np.float32))
        self.register_buffer("scratch", np.zeros(2), persistent=False)
        self.register_buffer("absent", None)


def test_state_dict_has_parameters_then_persistent_buffers_then_those_below():
    state = Net().state_dict()
    assert list(state) == ["w", "steps", "mean", "fc.weight", "fc.bias"]
    assert {type(array) for array in state.values()} == {np.ndarray}


def test_state_dict_is_a_copy():
    net = Net()
    net.state_dict()["w"][:] = 7
    assert (net.w.data == 1).all()


def test_a_state_goes_back_in_place():
    source, target = Net(), Net()
    source.steps = np.array(5)
    weight = target.fc.weight
    memory = weight.data
    report = target.load_state_dict(source.state_dict())
    assert report == ([], [])
    assert target.fc.weight is weight
    assert weight.data is memory
    for name, array in source.state_dict().items():
        np.testing.assert_array_equal(target.state_dict()[name], array)


def test_tied_parameters_are_saved_under_each_name_and_stay_tied():
    net = Net()
    net.again = net.fc
    state = net.state_dict()
    assert "again.weight" in state
    assert "fc.weight" in state
    net.load_state_dict({name: array * 0 for name, array in state.items()})
    assert net.again.weight is net.fc.weight
    assert not net.fc.weight.data.any()


def test_the_report_lists_everything_that_does_not_fit():
    net = Net()
    state = {
        "w": np.zeros(3),
        "fc.weight": np.zeros((2, 3)),
        "steps": np.array(0.5),
        "mean": np.array(["a", "b"]),
        "x": 1,
    }
    with pytest.raises(ValueError) as error:
        net.load_state_dict(state)
    assert str(error.value) == (
        "load_state_dict: missing 'fc.bias'; unexpected 'x'; 'w' has shape (3,), the model's is (2,); "
        "'steps' has dtype float64, the model's is int64; 'mean' has dtype <U1, the model's is float32. "
        "The Net was left as it was; load a state of the same architecture. With strict=False names may differ."
    )


@pytest.mark.parametrize("strict", [True, False])
def test_a_failed_load_changes_nothing(strict):
    net = Net()
    before, stamp = net.state_dict(), tg.memory.latest
    state = {**{name: array + 1 for name, array in before.items()}, "fc.bias": np.zeros(3)}
    with pytest.raises(ValueError, match=r"'fc.bias' has shape \(3,\), the model's is \(2,\)"):
        net.load_state_dict(state, strict=strict)
    assert tg.memory.latest == stamp
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_read_only_buffer_is_found_before_anything_is_written():
    net = Net()
    frozen = np.zeros(2, np.float32)
    frozen.flags.writeable = False
    net.mean = frozen
    with pytest.raises(ValueError, match="'mean' of the model is read-only"):
        net.load_state_dict({name: array + 1 for name, array in net.state_dict().items()})
    assert (net.w.data == 1).all()


def test_without_strict_names_may_be_missing_or_unexpected_and_are_returned():
    net = Net()
    report = net.load_state_dict({"w": [3.0, 4.0], "other": 1}, strict=False)
    assert report.missing_keys == ["steps", "mean", "fc.weight", "fc.bias"]
    assert report.unexpected_keys == ["other"]
    assert net.w.tolist() == [3, 4]


def test_a_state_of_another_floating_dtype_is_converted():
    net = Net()
    net.load_state_dict({name: array.astype("float64") for name, array in net.state_dict().items() if name != "steps"}
                        | {"steps": np.array(2, np.int32)})  # fmt: skip
    assert net.w.dtype == np.float32
    assert net.steps.item() == 2


def test_tensors_and_parameters_are_taken_as_their_arrays():
    a, b = Net(), Net()
    b.load_state_dict({**a.state_dict(), "fc.weight": a.fc.weight, "w": tg.Tensor([5.0, 6.0])})
    np.testing.assert_array_equal(b.fc.weight.data, a.fc.weight.data)
    assert b.w.tolist() == [5, 6]


def test_anything_but_a_mapping_is_an_error():
    with pytest.raises(TypeError, match="expected a dictionary of arrays by name, but got list"):
        Net().load_state_dict([1])


def test_loading_between_forward_and_backward_is_noticed():
    net = Net()
    loss = (net.w * net.w).sum()
    net.load_state_dict(net.state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_the_state_dict_takes_a_prefix():
    assert list(nn.Linear(2, 2).state_dict(prefix="net.fc.")) == ["net.fc.weight", "net.fc.bias"]


def test_with_assign_the_arrays_are_taken_over_with_their_dtype():
    layer = nn.Linear(2, 2)
    weight, state = layer.weight, {"weight": np.ones((2, 2)), "bias": np.zeros(2)}
    layer.load_state_dict(state, assign=True)
    assert layer.weight is weight
    assert layer.weight.data is state["weight"]
    assert layer.weight.dtype == np.float64
    with pytest.raises(ValueError, match="'bias' has dtype int64, the model's is float64, which assign"):
        layer.load_state_dict({**state, "bias": np.zeros(2, int)}, assign=True)
