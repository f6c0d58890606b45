"""States of any form go to a file and come back as they were."""

import collections
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.io import files, safetensors


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


def through(state, path):
    tg.save(state, path)
    return tg.load(path)


def assert_same(a, b):
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b, strict=True)
    else:
        assert a == b or a != a  # NaN


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
arrays = st.lists(st.floats(width=32), max_size=3).map(lambda x: np.array(x, np.float32))
keys = st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False) | st.none()
states = st.recursive(
    plain | arrays,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=20,
)


@given(states)
def test_any_state_comes_back_as_it_was(tmp_path_factory, state):
    assert_same(through(state, tmp_path_factory.mktemp("any") / "file"), state)


@pytest.mark.parametrize(
    "state",
    [
        {},
        [],
        3,
        np.arange(2),
        {"a": {"b": np.ones(1)}, "a.b": np.zeros(2)},
        {"__metadata__": np.ones(1), "": np.zeros(1)},
        {1: np.ones(1), "1": np.zeros(1)},
        {"big": 2**200, "small": -0.0, "no": float("nan"), "far": float("-inf"), "none": None},
        {"array": "w", "dict": [], "tuple": ()},
        {"ä\n\"'\\": "\u2028 \U0001f600"},
    ],
)
def test_odd_states_come_back_as_they_were(state, path):
    assert_same(through(state, path), state)


def test_arrays_that_come_back_belong_to_nobody_else(path):
    w = np.ones(3)
    one, two = through({"a": w, "b": w}, path).values()
    one[:] = 5
    np.testing.assert_array_equal(two, w)


def test_tensors_and_scalars_come_back_as_arrays(path):
    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    state = through({"w": w * 2, "p": nn.Parameter([3.0]), "s": np.float32(4)}, path)
    assert_same(state, {"w": np.float32([2, 4]), "p": np.float32([3]), "s": np.array(4, np.float32)})


def test_counters_and_named_dicts_come_back_as_dicts(path):
    state = through({"c": collections.Counter([2, 2]), "o": collections.OrderedDict(a=1)}, path)
    assert_same(state, {"c": {2: 2}, "o": {"a": 1}})


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"a": [1, {"b": {1}}]}, "but state['a'][1]['b'] is set {1}. Save what state_dict() returns"),
        ({"a": lambda: 0}, "but state['a'] is function"),
        ({"a": 1j}, "but state['a'] is complex 1j"),
        ({"a": b"x"}, "but state['a'] is bytes b'x'"),
        ({"a": {(1, 2): 0}}, "expected strings or numbers as keys, but state['a'] has tuple (1, 2)."),
        ({"a": np.array([1j])}, "'a' has dtype complex128"),
        ({"a": np.array([object()])}, "'a' has dtype object"),
        ({"a": np.array(["x"])}, "'a' has dtype <U1"),
        ({"a": np.zeros(1, "datetime64[s]")}, "'a' has dtype datetime64[s]"),
        ({"a": np.zeros(1, np.longdouble)}, f"'a' has dtype {np.dtype(np.longdouble)}"),
        ({"a": np.zeros(1, [("x", "f4")])}, "'a' has dtype [('x', '<f4')]"),
    ],
)
def test_what_cannot_be_saved_is_an_error_that_says_where(state, text, path):
    with pytest.raises(TypeError, match=re.escape(text)):
        tg.save(state, path)


def test_list_that_contains_itself_is_an_error(path):
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match=re.escape("expected at most 100 levels of lists and dicts")):
        tg.save(endless, path)


def test_header_too_long_for_others_is_an_error(path, monkeypatch):
    monkeypatch.setattr("tinygrad_edu.io.safetensors._LONGEST_HEADER", 1000)
    with pytest.raises(ValueError, match=re.escape("save: expected a header of at most 1,000 bytes, but got")):
        tg.save(list(range(1000)), path)


def test_metadata_are_noted_and_read(path):
    tg.save({"w": np.ones(1), "deep": {}}, path, metadata={"note": "ä\n"})
    assert tg.io.metadata(path) == {"note": "ä\n"}
    with pytest.raises(TypeError, match=re.escape("save: expected strings as metadata, but got 'epoch': 3.")):
        tg.save({}, path, metadata={"epoch": 3})
    with pytest.raises(ValueError, match=re.escape("but got 'sha256'. Rename it.")):
        tg.save({}, path, metadata={"sha256": "0"})


@pytest.mark.parametrize(
    "tree",
    [
        "{",
        "[[[",
        '{"array": "none"}',
        '{"set": []}',
        '{"dict": [1]}',
        '{"dict": [[[], 1]]}',
        '{"a": 1, "b": 2}',
        "[" * 9**5,
    ],
)
def test_structure_that_does_not_fit_is_an_error(tree, path):
    files.write(str(path), safetensors.packed({}, {"tree": tree}))
    with pytest.raises(ValueError, match="has a structure that cannot be read"):
        tg.load(path)


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.3), nn.Linear(4, 2))


def test_model_of_a_file_computes_the_same(path):
    tg.manual_seed(0)
    one, two = network(), network()
    one(tg.randn(8, 3))  # running statistics of its own
    two.load_state_dict(through(one.state_dict(), path))
    x = tg.randn(5, 3)
    np.testing.assert_array_equal(one.eval()(x).data, two.eval()(x).data)


def test_model_that_the_file_does_not_fit_stays_as_it_was(path):
    tg.save(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 3)).state_dict(), path)
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    before = model.state_dict()
    with pytest.raises(ValueError, match=re.escape("'1.weight' has shape (3, 4), the model's is (2, 4)")):
        model.load_state_dict(tg.load(path))
    assert_same(model.state_dict(), before)


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "NAdam", "ASGD", "Rprop", "Lion", "LBFGS"])
def test_optimizer_of_a_file_goes_on_bit_for_bit(kind, path):
    def run(optimizer, w, steps):
        def closure():
            optimizer.zero_grad()
            loss = (w**4).sum() + (w[0] - w[1]) ** 2
            loss.backward()
            return loss

        for _ in range(steps):
            optimizer.step(closure)

    one, two = (tg.Tensor([1.0, -2.0], requires_grad=True) for _ in range(2))
    first, second = (getattr(optim, kind)([w], lr=0.01) for w in (one, two))
    run(first, one, 3)
    state = through({"w": one, "optimizer": first.state_dict()}, path)
    two.data = state["w"]
    second.load_state_dict(state["optimizer"])
    run(first, one, 3)
    run(second, two, 3)
    np.testing.assert_array_equal(one.data, two.data, strict=True)


SCHEDULES = {
    "StepLR": lambda o: optim.lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: optim.lr_scheduler.MultiStepLR(o, [1, 4, 4]),
    "OneCycleLR": lambda o: optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=20),
    "CyclicLR": lambda o: optim.lr_scheduler.CyclicLR(o, 0.1, 0.5, cycle_momentum=False),
    "LambdaLR": lambda o: optim.lr_scheduler.LambdaLR(o, lambda t: 0.9**t),
    "CosineAnnealingWarmRestarts": lambda o: optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
    "SequentialLR": lambda o: optim.lr_scheduler.SequentialLR(
        o, [optim.lr_scheduler.LinearLR(o), optim.lr_scheduler.ExponentialLR(o, 0.9)], [4]
    ),
}


@pytest.mark.parametrize("kind", SCHEDULES)
def test_schedule_of_a_file_goes_on(kind, path):
    def pair():
        optimizer = optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.2)
        return optimizer, SCHEDULES[kind](optimizer)

    def rates(schedule):
        found = []
        for _ in range(6):
            schedule.optimizer.step()
            schedule.step()
            found += schedule.get_last_lr()
        return found

    (optimizer, one), (other, two) = pair(), pair()
    rates(one)
    state = through({"optimizer": optimizer.state_dict(), "schedule": one.state_dict()}, path)
    other.load_state_dict(state["optimizer"])
    two.load_state_dict(state["schedule"])
    assert rates(one) == rates(two)


def test_random_state_of_a_file_draws_the_same(path):
    state = through(tg.get_rng_state(), path)
    drawn = tg.randn(5)
    tg.set_rng_state(state)
    np.testing.assert_array_equal(tg.randn(5).data, drawn.data)


@pytest.mark.parametrize("state", [3, {}, {"bit_generator": "PCG64"}, None])
def test_state_that_is_none_of_the_generator_is_an_error(state):
    before = tg.random.get_state()
    with pytest.raises(
        TypeError, match=re.escape("set_state: expected the state of PCG64, a dict of bit_generator, state")
    ):
        tg.random.set_state(state)
    assert tg.random.get_state() == before
