import copy
import math
import re

import numpy as np
import pytest

from tinygrad_edu import Tensor, optim
from tinygrad_edu.optim import lbfgs
from tinygrad_edu.optim.line_search import Point, cubic_minimum, strong_wolfe


def closure_of(optimizer, loss_of):
    def closure():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        return loss

    return closure


def rosenbrock(**settings):
    """An optimizer in Rosenbrock's valley, from the usual start, and its closure."""
    p = Tensor(np.array([-1.2, 1.0]), requires_grad=True)
    optimizer = optim.LBFGS([p], **settings)
    return p, optimizer, closure_of(optimizer, lambda: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2)


def quadratic(size, seed=0, **settings):
    """An optimizer of ``w A w / 2 - b w`` over two parameters, its closure, and the minimum."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((size, size))
    a, b = root @ root.T + np.eye(size), rng.standard_normal(size)
    parts = [Tensor(np.zeros(2), requires_grad=True), Tensor(np.zeros((1, size - 2)), requires_grad=True)]
    optimizer = optim.LBFGS(parts, **settings)

    def loss():
        u, v = parts[0], parts[1][0]
        return (u @ a[:2, :2] @ u + v @ a[2:, 2:] @ v) / 2 + u @ a[:2, 2:] @ v - (u * b[:2]).sum() - (v * b[2:]).sum()

    return parts, optimizer, closure_of(optimizer, loss), np.linalg.solve(a, b)


def error(kind, text):
    return pytest.raises(kind, match=re.escape(text))


def test_valley_is_followed_to_its_minimum():
    p, optimizer, closure = rosenbrock(max_iter=100, tolerance_change=1e-14, line_search_fn="strong_wolfe")
    assert optimizer.step(closure).item() == pytest.approx(24.2)
    np.testing.assert_allclose(p.data, 1, atol=1e-6)
    assert optimizer.state[p]["func_evals"] < 60


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_quadratic_over_several_parameters_is_minimized(search):
    parts, optimizer, closure, minimum = quadratic(
        7, line_search_fn=search, max_iter=60, lr=0.5, tolerance_change=1e-14
    )
    for _ in range(3):
        optimizer.step(closure)
    np.testing.assert_allclose(np.concatenate([p.data.ravel() for p in parts]), minimum, atol=1e-6)


def test_first_move_is_no_longer_than_the_rate():
    p, optimizer, closure = rosenbrock(max_iter=1, lr=0.3)
    optimizer.step(closure)
    g = np.array([-215.6, -88.0])
    np.testing.assert_allclose(p.data, [-1.2, 1.0] - 0.3 * g / np.abs(g).sum(), rtol=1e-12)


@pytest.mark.parametrize("history_size", [3, 100])
def test_two_loops_apply_the_matrix_of_bfgs(history_size):
    parts, optimizer, closure, _ = quadratic(8, line_search_fn="strong_wolfe", max_iter=6, history_size=history_size)
    optimizer.step(closure)
    state = optimizer.state[parts[0]]
    assert len(state["old_dirs"]) == min(5, history_size)
    h = state["H_diag"] * np.eye(8)
    for y, s in zip(state["old_dirs"], state["old_stps"], strict=True):
        r = 1 / (y @ s)
        h = (np.eye(8) - r * np.outer(s, y)) @ h @ (np.eye(8) - r * np.outer(y, s)) + r * np.outer(s, s)
    np.testing.assert_allclose(h @ state["old_dirs"][-1], state["old_stps"][-1], atol=1e-12)
    g = np.random.default_rng(1).standard_normal(8)
    np.testing.assert_allclose(lbfgs._newton(state, g), -h @ g, rtol=1e-10)


FUNCTIONS = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "far minimum": (lambda t: -t / (t**2 + 2), lambda t: (t**2 - 2) / (t**2 + 2) ** 2),
    "exponential": (lambda t: math.exp(t / 10) - t, lambda t: math.exp(t / 10) / 10 - 1),
}


@pytest.mark.parametrize("first", [1e-3, 1.0, 30.0])
@pytest.mark.parametrize(("f", "slope"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_line_search_ends_low_and_flat(f, slope, first):
    calls = []

    def evaluate(t):
        calls.append(t)
        return Point(t, f(t), np.zeros(1), slope(t))

    start = Point(0.0, f(0), np.zeros(1), slope(0))
    found, evaluated = strong_wolfe(evaluate, start, first, 1.0, 25, 1e-9)
    assert evaluated == len(calls) <= 26
    assert found.loss <= start.loss + 1e-4 * found.t * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


def test_line_search_does_not_take_a_flat_point_that_is_no_lower():
    start = Point(0.0, 0.0, np.zeros(1), -1.0)  # -t (1 - t)^2 is as high at 1 as at 0, and flat there
    found, _ = strong_wolfe(
        lambda t: Point(t, -t * (1 - t) ** 2, np.zeros(1), (1 - t) * (3 * t - 1)), start, 1.0, 1.0, 25, 1e-9
    )
    assert found.loss < -0.01


def test_cubic_minimum_is_where_the_cubic_is_least():
    def at(t):
        return Point(t, t**3 - 6 * t**2 + 9 * t, np.zeros(1), 3 * t**2 - 12 * t + 9)  # least at 3

    for ends in [(2.0, 5.0), (5.0, 2.0), (1.5, 2.5)]:
        assert cubic_minimum(at(ends[0]), at(ends[1]), 0.0, 10.0) == pytest.approx(3)
    assert cubic_minimum(at(2.0), at(5.0), 4.0, 10.0) == 4
    line = [Point(t, -t, np.zeros(1), -1.0) for t in (0.0, 1.0)]
    assert cubic_minimum(*line, 2.0, 4.0) == 3  # none: the middle


def test_line_search_gives_up_after_as_many_points_as_allowed():
    calls = []

    def evaluate(t):
        calls.append(t)
        return Point(t, -t, np.zeros(1), -1.0)  # falls for ever

    found, evaluated = strong_wolfe(evaluate, Point(0.0, 0.0, np.zeros(1), -1.0), 1.0, 1.0, 5, 1e-9)
    assert evaluated == len(calls) == 6
    assert found.t == max(calls)


def test_evaluations_are_limited():
    p, optimizer, closure = rosenbrock(max_iter=100, max_eval=9, line_search_fn="strong_wolfe")
    optimizer.step(closure)
    assert optimizer.state[p]["func_evals"] <= 11
    assert optimizer.defaults["max_eval"] == 9
    assert optim.LBFGS([p], max_iter=20).defaults["max_eval"] == 25


def test_at_the_minimum_nothing_moves():
    p, optimizer, closure = rosenbrock()
    p.data = np.ones(2)
    assert optimizer.step(closure).item() == 0
    np.testing.assert_array_equal(p.data, 1)
    assert optimizer.state[p]["n_iter"] == 0


def test_parameter_without_gradient_stays():
    p, frozen = (Tensor(np.ones(2), requires_grad=True) for _ in range(2))
    optimizer = optim.LBFGS([p, frozen], lr=0.1)
    optimizer.step(closure_of(optimizer, lambda: (p * p).sum()))
    np.testing.assert_array_equal(frozen.data, 1)
    assert (p.data < 0.5).all()


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_resumed_run_continues_bit_for_bit(search):
    settings = {"line_search_fn": search, "max_iter": 4, "history_size": 3, "lr": 0.1 if search is None else 1}
    p, one, closure = rosenbrock(**settings)
    one.step(closure)
    one.step(closure)
    saved = one.state_dict()
    kept = copy.deepcopy(saved)
    q, two, again = rosenbrock(**settings)
    q.data = p.data.copy()
    two.load_state_dict(saved)
    for _ in range(2):
        one.step(closure)
        two.step(again)
        np.testing.assert_array_equal(p.data, q.data)
    assert all(np.array_equal(saved["state"][0][k], kept["state"][0][k]) for k in ("d", "old_dirs", "ro", "t"))


def test_backward_after_a_step_that_altered_what_it_needs_is_an_error():
    p = Tensor(np.ones(2), requires_grad=True)
    optimizer = optim.LBFGS([p])
    loss = (p * p).sum()
    optimizer.step(closure_of(optimizer, lambda: (p * p).sum()))
    with pytest.raises(RuntimeError, match="was changed in place"):
        loss.backward()


def test_bad_input_is_an_error():
    p, optimizer, _ = rosenbrock()
    with error(TypeError, "LBFGS.step: expected a closure, but got none. Define one that calls optimizer.zero_grad()"):
        optimizer.step()
    with error(ValueError, "LBFGS: expected one group, but got another. Put all parameters into one list."):
        optim.LBFGS([{"params": [p]}, {"params": [Tensor(1.0)]}])
    with error(ValueError, "LBFGS: expected line_search_fn None or 'strong_wolfe', but got 'wolfe'."):
        optim.LBFGS([p], line_search_fn="wolfe")
    with error(ValueError, "LBFGS: expected lr >= 0"):
        optim.LBFGS([p], lr=-1)
    saved = optimizer.state_dict()
    saved["state"] = {0: {**optimizer.begin(p.data, optimizer.param_groups[0]), "d": np.zeros(3)}}
    with error(ValueError, "'d' in the state of parameter 0 has shape (3,), not (2,)"):
        optimizer.load_state_dict(saved)
