"""Slopes and gradient descent of the course, with gradients by backpropagation."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tests.golden.leaves import constant, leaf


def square(x):
    return x**2


def cubic(x):
    return 4 * x**3 - 2 * x**2 - 7 * x + 1


def quartic(x):
    return (x - 2) ** 2 * (x + 3) ** 2 - 2 * (x - 2) ** 2


def slope_of_quartic(x):
    """The derivative, in the very form of the course: its bits belong to it."""
    return 2 * (x - 2) * (x * (2 * x + 7) + 1)


def bowl(p):
    return p[0] ** 2 / 20 + p[1] ** 2


def descend(f, start, rate, steps):
    """Every point that gradient descent passes, the first one included."""
    x = leaf(start)
    path = [x.tolist()]
    for _ in range(steps):
        (g,) = tg.grad(f(x), [x])
        with tg.no_grad():
            x -= rate * g
        path.append(x.tolist())
    return path


def run(name, f):
    given = case(name)
    return descend(f, given.inputs["x0"], given.inputs["alpha"], given.inputs["steps"])


def test_the_tangent_at_a_point():
    given = case("tangent")
    x0, x = leaf(given.inputs["x0"]), given.inputs["x"]
    y0 = cubic(x0)
    tangent = tg.grad(y0, x0) * (x - x0) + y0
    given.check({"tangent": tangent, "remainder": cubic(constant(x)) - tangent})


def test_gradient_of_a_bowl():
    given = case("quadratic2.gradient")
    points = [leaf(p) for p in given.inputs["points"]]
    given.check([tg.grad(bowl(p), p).tolist() for p in points])


def test_first_step_on_the_bowl():
    given = case("quadratic2.first_step")
    start, after = descend(bowl, given.inputs["start"], given.inputs["alpha"], 1)
    given.check({"gd": np.subtract(after, start)})


def test_the_direction_of_fastest_decrease():
    given = case("descent.direction")
    gradient = tg.grad(bowl)(constant(given.inputs["point"]))
    steepest = -gradient / tg.sqrt((gradient**2).sum())
    given.check({"grad": gradient, "steepest_descent": steepest, "slope_there": gradient @ steepest})
    for direction in ((1, 0), (0, 1)):
        slope = tg.jvp(bowl, constant(given.inputs["point"]), constant(direction))[1]
        given.check(slope, f"D_({direction[0]},{direction[1]})")


@pytest.mark.parametrize("name", ["gd.square.alpha1.5", "gd.square.alpha0.4", "gd.square.alpha0.001"])
def test_descent_on_a_square(name):
    case(name).check(run(name, square))


def test_descent_stops_in_a_local_minimum():
    case("gd.quartic.alpha0.02").check(run("gd.quartic.alpha0.02", quartic))


def test_the_chaotic_path_bit_for_bit_with_the_derivative_of_the_course():
    given = case("gd.quartic.alpha0.045.bits")
    x = constant(given.inputs["x0"])
    path = [x.tolist()]
    for _ in range(given.inputs["steps"]):
        x = x - given.inputs["alpha"] * slope_of_quartic(x)
        path.append(x.tolist())
    given.check(path)


@pytest.mark.parametrize("name", ["gd.quartic.alpha0.045.first20", "gd.quartic.alpha0.045.full"])
def test_the_chaotic_path_by_backpropagation(name):
    case(name).check(run(name, quartic))


def test_a_rate_above_the_limit_of_the_curvature_does_not_converge():
    given = case("gd.quartic.alpha0.045.no_convergence")
    minimum = case("quartic.critical_points").expected["x"][0]
    curvature = tg.hessian(quartic, constant(minimum))
    path = np.array(run("gd.quartic.alpha0.045.full", quartic))
    given.check({"alpha_f2": given.inputs["alpha"] * curvature, "max_dist_last10": np.abs(path[-10:] - minimum).max()})


def test_critical_points_of_the_quartic():
    given = case("quartic.critical_points")
    points = [leaf(x) for x in given.expected["x"]]
    given.check({"f": [quartic(x).item() for x in points], "f2": [tg.hessian(quartic, x).item() for x in points]})
    for x in points:
        assert abs(tg.grad(quartic(x), x).item()) < 1e-9


def test_the_line_of_least_squares():
    given = case("regression.loss")
    x, y = constant(given.inputs["x"]), constant(given.inputs["y"])

    def loss(a, b):
        return ((y - (a * x + b)) ** 2).mean()

    a, b = leaf(given.expected["a"]), leaf(given.expected["b"])
    given.check({"L": loss(a, b)})
    assert all(abs(g.item()) < 1e-12 for g in tg.grad(loss(a, b), [a, b]))
    path = descend(lambda p: loss(p[0], p[1]), [0.0, 0.0], 0.1, 2000)
    given.check({"a": path[-1][0], "b": path[-1][1]})


@pytest.mark.parametrize("name", ["tf.cost.intended", "tf.cost.as_printed"])
def test_minimizing_a_parabola(name):
    given = case(name)
    c0, c1, c2 = given.inputs["coefficients"]

    def cost(w):
        return c0 * w**2 + c1 * w + c2

    path = descend(cost, given.inputs["w0"], given.inputs["alpha"], given.inputs["steps"])
    given.check({"w_after_1": path[1], "w_after_1000": path[-1]})
    lowest = leaf(given.expected["argmin"])
    given.check({"min_cost": cost(lowest)})
    assert tg.grad(cost(lowest), lowest).item() == 0


@pytest.mark.parametrize("c1", ["-10", "-20"])
def test_the_same_in_float32(c1):
    given = case("tf.float32")
    w = tg.Tensor(0.0, requires_grad=True)
    for _ in range(given.inputs["steps"]):
        w.zero_grad()
        (w**2 + float(c1) * w + 25).backward()
        with tg.no_grad():
            w -= given.inputs["alpha"] * w.grad
    assert w.dtype == np.float32
    assert abs(w.item() - given.expected[c1]) < 2e-5  # rounding stops it short, a little earlier or later


def test_a_saddle_has_curvature_of_both_signs():
    given = case("saddle")

    def saddle(p):
        return p[0] ** 2 - p[1] ** 2

    origin = constant(given.inputs["point"])
    hessian = tg.hessian(saddle, origin)
    given.check({"grad": tg.grad(saddle)(origin), "eigenvalues": np.linalg.eigvalsh(hessian.data)})
