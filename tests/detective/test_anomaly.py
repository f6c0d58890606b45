"""`detect_anomaly`: the first number that is not finite is told with all that is known of it."""

import gc
import weakref

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor, nn
from tinygrad_edu.context import NORMAL, get_mode
from tinygrad_edu.detective import finite


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


def message(function) -> str:
    with pytest.raises(FloatingPointError) as caught, tg.detect_anomaly():
        function()
    return str(caught.value)


# ---- forward ----


def test_op_index_operand_source_and_cure_are_told() -> None:
    p = leaf(0.5, 0.0)
    text = message(lambda: tg.log(p * 1.0).sum())
    assert text.startswith("log: expected finite numbers, but got -inf at index (1,), from x = 0 at ")
    assert f"{__file__}:" in text
    assert ": tg.log(p * 1.0). The logarithm of 0" in text
    assert "log_softmax" in text


FIRST = {
    "exp": (lambda x: tg.exp(x * 1000.0), "logsumexp"),
    "divide": (lambda x: x / (x - x), "divides by 0"),
    "sqrt": (lambda x: tg.sqrt(-x), "clip(x, 0, None)"),
    "power": (lambda x: (-x) ** 0.5, "whole powers only"),
    "matmul": (lambda x: (x * 1e200).reshape(1, 2) @ (x * 1e200).reshape(2, 1), "learning rate"),
    "square": (lambda x: tg.square(x * 1e200), "learning rate"),
    "arccos": (lambda x: tg.arccos(x + 1.0), "clip(x, -1, 1)"),
}


@pytest.mark.parametrize("name", FIRST)
def test_the_first_op_is_named_and_helped(name: str) -> None:
    function, cure = FIRST[name]
    x = leaf(1.0, 2.0)
    text = message(lambda: function(x).sum() * 2.0)
    assert text.startswith(f"{name}: expected finite numbers")
    assert cure in text


def test_every_op_with_a_cure_exists() -> None:
    assert [name for name in {*finite.VALUE_CURES, *finite.GRADIENT_CURES} if not hasattr(tg, name)] == []


def test_nan_in_the_data_is_told_from_nan_that_an_op_makes() -> None:
    x = leaf(1.0, float("nan"))
    text = message(lambda: x * 2.0)
    assert "its input a already holds nan at index (1,)" in text
    assert "Clean the data" in text


def test_an_infinity_that_is_put_in_on_purpose_may_move_on() -> None:
    x = leaf(1.0, 2.0)
    with tg.detect_anomaly():
        scores = tg.where(np.array([True, False]), x, -np.inf)
        loss = (tg.softmax(scores) * x).sum()
        loss.backward()
    assert np.isfinite(x.grad).all()


def test_infinity_less_infinity_is_told() -> None:
    x = leaf(1.0)
    text = message(lambda: (x + np.inf) - np.inf)
    assert text.startswith("subtract: expected finite numbers, but got nan")
    assert "Infinity less infinity" in text


def test_integers_and_conditions_are_left_alone() -> None:
    x = leaf(1.0, 2.0)
    with tg.detect_anomaly():
        assert tg.argmax(x).item() == 1
        assert (x > 1.0).sum().item() == 1


# ---- backward ----


def test_the_first_gradient_that_is_not_finite_is_told_with_the_line_of_its_op() -> None:
    x = leaf(1.0, 0.0)
    text = message(lambda: tg.sqrt(x).sum().backward())
    assert text.startswith("backward: expected finite gradients, but sqrt at ")
    assert "tg.sqrt(x) passes inf at index (1,) back to its input x, at x = 0. The slope of the root" in text
    assert x.grad is None


def test_what_was_computed_outside_is_found_by_backward_inside() -> None:
    x = leaf(1.0, 0.0)
    with np.errstate(divide="ignore"):
        loss = tg.log(x).sum()
    text = message(loss.backward)
    assert text.startswith("log: expected finite numbers, but got -inf at index (1,), from x = 0. ")


def test_gradients_by_grad_are_looked_at_too() -> None:
    x = leaf(0.0)
    y = tg.sqrt(x).sum()
    assert "backward: expected finite gradients" in message(lambda: tg.grad(y, x))
    assert "backward: expected finite gradients" in message(lambda: tg.grad(y, x, create_graph=True))


def test_what_a_selection_leaves_out_is_no_anomaly() -> None:
    x = leaf(0.0, 4.0)
    with tg.detect_anomaly():
        tg.where(x > 0, tg.sqrt(x), 0.0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]


def test_a_network_that_trains_is_left_alone() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x = np.linspace(-1, 1, 15).reshape(5, 3).astype(np.float32)
    with tg.detect_anomaly():
        loss = tg.cross_entropy(net(Tensor(x)), np.array([0, 1, 0, 1, 0]))
        loss.backward()
    assert all(np.isfinite(p.grad).all() for p in net.parameters())


# ---- changes in place ----


def test_a_write_without_a_trace_is_found_with_the_line_of_the_op_that_needs_the_old_numbers() -> None:
    w = leaf(1.0, 2.0)
    with tg.detect_anomaly():
        loss = (w * w).sum()
        w.data[0] = 5.0
        with pytest.raises(RuntimeError, match=r"changed in place .* multiply ran at .*: w \* w\."):
            loss.backward()


# ---- the block ----


def test_it_costs_nothing_when_off() -> None:
    with tg.detect_anomaly():
        assert get_mode() is not NORMAL
    assert get_mode() == NORMAL
    assert np.geterr()["divide"] == "warn"


def test_it_decorates() -> None:
    @tg.detect_anomaly()
    def step(x: Tensor) -> Tensor:
        return tg.sqrt(x).sum()

    with pytest.raises(FloatingPointError, match="passes inf"):
        tg.detect_anomaly()(lambda x: step(x).backward())(leaf(0.0))
    assert get_mode() == NORMAL


def test_it_nests_and_keeps_outer_observers() -> None:
    x = leaf(1.0)
    with tg.observe() as events, tg.detect_anomaly(), tg.detect_anomaly():
        x * 2.0
    assert [e.op.__name__ for e in events] == ["multiply"]


def test_it_keeps_no_tensor_alive() -> None:
    x = leaf(1.0)
    gc.disable()
    with tg.detect_anomaly():
        y = x * 2.0
        alive = weakref.ref(y)
        del y
        assert alive() is None
