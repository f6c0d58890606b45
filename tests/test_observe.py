"""Watching ops: what is told, and that nothing is told when nobody watches."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.context import get_mode


@pytest.fixture
def x():
    return tg.Tensor([1.0, 2.0], requires_grad=True)


def test_every_op_is_told_with_inputs_parameters_and_output(x):
    with tg.observe() as events:
        y = (x * 3).sum(axis=0)
    first, second = events
    assert first.op is tg.multiply
    assert first.inputs[0] is x
    assert first.inputs[1] == 3
    assert second.op is tg.sum
    assert second.params["axis"] == 0
    assert second.output is y


def test_the_source_is_the_exact_expression_of_the_users_line(x):
    with tg.observe() as events:
        y = tg.exp(x * 2) + 1
    assert [e.source.text for e in events] == ["x * 2", "tg.exp(x * 2)", "tg.exp(x * 2) + 1"]
    assert events[0].source.statement == "y = tg.exp(x * 2) + 1"
    assert events[0].source.file == __file__
    assert events[0].source.function.startswith("test_the_source")
    assert y.shape == (2,)


def test_ends_of_a_gradient_are_told_as_ghost_edges(x):
    with tg.observe() as events:
        x > 1  # noqa: B015
        x.detach()
        x.sum().item()
        np.sign(x)
    assert [(e.op.__name__, e.is_ghost) for e in events] == [
        ("greater", True),
        ("detach", True),
        ("sum", False),
        ("item", True),
        ("sign", True),
    ]


def test_a_callback_is_called_as_ops_run(x):
    seen = []
    with tg.observe(lambda event: seen.append(event.op.__name__)):
        x + 1
        assert seen == ["add"]


def test_watchers_nest(x):
    with tg.observe() as outer:
        x + 1
        with tg.observe() as inner:
            x * 2
    assert [e.op.__name__ for e in outer] == ["add", "multiply"]
    assert [e.op.__name__ for e in inner] == ["multiply"]


def test_nothing_is_left_when_nobody_watches(x):
    with tg.observe():
        assert not get_mode().unobserved
    assert get_mode().unobserved
    assert get_mode().recorder is None


def test_ops_on_arrays_are_not_told():
    with tg.observe() as events:
        tg.exp(np.ones(2))
    assert events == []


def test_a_recorded_gradient_is_told_too(x):
    y = (x * x).sum()
    with tg.observe() as events:
        tg.grad(y, x, create_graph=True)
    assert "multiply" in [e.op.__name__ for e in events]


def test_ops_under_no_grad_are_told(x):
    with tg.observe() as events, tg.no_grad():
        x * 2
    assert events[0].is_ghost
