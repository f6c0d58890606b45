"""`explain`: the paths of a gradient, which sum to it."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.viz.demos import numbers, scalar
from tinygrad_edu import Tensor, viz
from tinygrad_edu.viz.explain import _flow, _paths, _users


def amounts(text: str) -> list[float]:
    """The numbers at the beginnings of the lines of paths."""
    found = re.findall(r"^ +([^ ]+) +(?:=|[^ =]+ [^ ]+ ←)", text, re.MULTILINE)
    return [float(each.replace("−", "-")) for each in found]


def test_paths_of_a_scalar_sum_to_its_gradient() -> None:
    x = scalar(2.0)
    h = x * 3.0
    y = h * h + x * h
    y.backward()
    found = amounts(viz.explain(y, x))
    assert len(found) == 4
    assert sum(found) == float(x.grad) == 48.0


def test_factors_stand_in_the_order_of_the_arrows() -> None:
    x = scalar(2.0)
    y = (x * 3.0) * 5.0
    assert "30" not in viz.explain(y, x)
    assert "15 = 3 · 5   x → × → y" in viz.explain(y, x)


def test_a_single_path_is_said_to_be_one() -> None:
    x = scalar(2.0)
    assert "15, along the only path." in viz.explain(x * 15.0, x, names={"x": x})


@given(st.lists(st.sampled_from(["add", "multiply", "tanh", "matmul", "self"]), min_size=1, max_size=6))
def test_the_flows_of_all_paths_sum_to_the_gradient(ops: list[str]) -> None:
    w = Tensor(np.float64(numbers(3, 3)), requires_grad=True)
    values = [w]
    for op in ops:
        a, b = values[-1], values[len(values) // 2]
        values.append(tg.tanh(a) if op == "tanh" else a * a if op == "self" else getattr(tg, op)(a, b))
    loss = values[-1].mean()
    users, counts = _users(tg.sweep.history(loss))
    paths = list(_paths(w, loss, users, counts))
    assert len(paths) == counts[w]
    total = sum(_flow(path, np.ones(()))[-1] for path in paths)
    np.testing.assert_allclose(total, tg.grad(loss, w).data, rtol=1e-9, atol=1e-12)


def test_paths_are_counted_without_walking_them() -> None:
    x = scalar(1.0)
    y = x
    for _ in range(60):
        y = (y + y) * 0.5
    text = viz.explain(y, x)
    assert "about 1.2·10¹⁸ paths" in text
    assert "more paths add 1" in text
    assert len(text.splitlines()) == 2 + 6 + 1


def test_what_is_left_out_is_the_rest_of_the_gradient() -> None:
    x = scalar(1.0)
    text = viz.explain(x * 1.0 + x * 2.0 + x * 4.0, x, paths=2)
    assert "is 7, the sum over 3 paths" in text
    assert text.endswith("   … 1 more path adds 4")


def test_a_long_path_shows_its_ends() -> None:
    x = scalar(1.0)
    y = x
    for _ in range(10_000):
        y = y + 1.0
    assert "… 9,991 more …" in viz.explain(y, x)


def test_arrays_show_how_the_gradient_shrinks_on_its_way() -> None:
    x = Tensor(numbers(4, 3), requires_grad=True)
    h = tg.sigmoid(x * 100.0 + 1000.0)
    loss = h.sum()
    text = viz.explain(loss, x)
    assert "size (root mean square)" in text
    assert "loss 1 ← h 1 ← + 0 ← × 0 ← x 0" in text


def test_an_output_of_several_numbers_takes_the_gradient_that_arrives() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert "of size 3," in viz.explain(x * 3.0, x, [1.0, 1.0])
    one = Tensor([1.0], requires_grad=True)
    assert "6 = 3 · 2" in viz.explain(one * 3.0, one, [2.0])


def test_a_value_on_the_way_is_explained_too() -> None:
    x = scalar(2.0)
    h = x * 3.0
    assert "is 12, the sum over 2 paths" in viz.explain(h * h, h)


def test_labels_are_no_way() -> None:
    x = Tensor(numbers(2, 3), requires_grad=True)
    picked = tg.take(x, np.array([0]), axis=0).sum()
    assert "the only path" in viz.explain(picked, x)


def test_asking_does_not_touch_grad() -> None:
    x = scalar(2.0)
    viz.explain(x * x, x)
    assert x.grad is None


def test_clear_errors() -> None:
    x, other = scalar(2.0), scalar(3.0)
    with pytest.raises(TypeError, match="explain: expected wrt to be a Tensor, but got float"):
        viz.explain(x * x, 2.0)
    with pytest.raises(TypeError, match="explain: expected x to be a Tensor"):
        viz.explain(2.0, x)
    with pytest.raises(RuntimeError, match=r"no path leads from it, shape \(\), to x"):
        viz.explain(x * x, other)
    with pytest.raises(RuntimeError, match="explain: expected a tensor with a history"):
        viz.explain(Tensor(1.0), x)
    with pytest.raises(ValueError, match="explain: expected a scalar"):
        viz.explain(Tensor([1.0, 2.0], requires_grad=True) * x, x)
    with pytest.raises(ValueError, match="paths of at least 1"):
        viz.explain(x * x, x, paths=0)
