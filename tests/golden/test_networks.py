"""Small networks of the course: units, layers, their chain rule."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tests.golden.leaves import constant, leaf


def step(z):
    """The 0/1 output of a perceptron."""
    return tg.where(z > 0, 1, 0)


def unit(w, x):
    """``w0 + w1 x1 + w2 x2`` for each row of x."""
    return w[0] + tg.as_tensor(np.array(x)) @ w[1:]


@pytest.mark.parametrize("name", ["gate.or", "gate.and", "gate.not_and"])
def test_a_gate_is_one_unit(name):
    given = case(name)
    z = unit(tg.Tensor(given.inputs["w"]), given.inputs["X"])
    found = {"z": z, "sign": tg.sign(z), "y": step(z)}
    given.check({key: value for key, value in found.items() if key in given.expected})


def test_xor_takes_two_layers():
    given = case("gate.xor")
    x = given.inputs["X"]
    first = {name: unit(tg.Tensor(given.inputs[name]), x) for name in ("or", "not_and")}
    hidden = tg.stack([step(z) for z in first.values()], axis=1)
    z = tg.Tensor(given.inputs["and"])[0] + hidden @ tg.Tensor(given.inputs["and"])[1:]
    given.check({"or_z": first["or"], "not_and_z": first["not_and"], "xor_z": z, "xor": step(z)})
    given.check({"or": hidden[:, 0], "not_and": hidden[:, 1]})


def test_signs_between_the_layers_do_not_give_xor():
    given = case("gate.xor.signs_between_layers")
    given.check(unit(tg.Tensor(given.inputs["and"]), given.inputs["signs"]))


def test_relu_units_approximate_a_curve():
    given = case("relu.approx.Z")
    units = constant(given.inputs["units_a_x_plus_b"])

    def z(x):
        return tg.relu(x[:, None] * units[:, 0] + units[:, 1]) @ constant(given.inputs["output_weights"])

    given.check(z(constant(given.inputs["x"])))
    case("relu.approx.breakpoints").check(-units[:, 1] / units[:, 0])

    low, high, width = case("relu.approx.target").inputs["grid"]
    x = constant(np.arange(low, high + width / 2, width))
    error = z(x) - (x**3 + x**2 - x - 1)
    case("relu.approx.target").check({"rms": tg.sqrt((error**2).mean()), "max": tg.absolute(error).max()})


def test_chain_rule_of_a_single_layer():
    given = case("chain.single_layer")
    w1, w2, b = (leaf(given.inputs[name]) for name in ("w1", "w2", "b"))
    x1, x2, t = (constant(given.inputs[name]) for name in ("x1", "x2", "t"))
    z = w1 * x1 + w2 * x2 + b
    y = tg.sigmoid(z)
    loss = tg.binary_cross_entropy(y, t)
    loss.backward()
    given.check({"z": z, "y": y, "L": loss, "dw1": w1.grad, "dw2": w2.grad, "db": b.grad})
    given.check({"dL_dy": tg.grad(loss, y), "dz": tg.grad(loss, z), "dy_dz": tg.grad(y, z)})


def test_the_gradient_of_a_mean_is_the_mean_of_the_gradients():
    given = case("chain.two_samples")
    w, b = leaf(given.inputs["w"]), leaf(given.inputs["b"])
    x, t = constant(given.inputs["X_rows"]), constant(given.inputs["t"])
    cost = tg.binary_cross_entropy(tg.sigmoid(x @ w + b), t)
    cost.backward()
    given.check({"J": cost, "dw": w.grad, "db": b.grad})
    with tg.no_grad():
        for p in (w, b):
            p -= 0.1 * p.grad
    given.check({"w": w.data, "b": b.data}, "after_alpha_0.1")


def test_backpropagation_through_two_layers():
    given = case("mlp.two_layer")
    x, t = constant(given.inputs["X"]), constant(given.inputs["T"])
    w = {name: leaf(given.inputs[name]) for name in ("W1", "b1", "W2", "b2")}
    z1 = w["W1"] @ x + w["b1"]
    a1 = tg.relu(z1)
    z2 = w["W2"] @ a1 + w["b2"]
    y = tg.sigmoid(z2)
    cost = tg.binary_cross_entropy(y, t)
    cost.backward()
    given.check({"Z1": z1, "A1": a1, "Z2": z2, "Y": y, "J": cost})
    given.check({f"d{name}": p.grad for name, p in w.items()})
    w = {name: leaf(given.inputs[name]) for name in w}
    tg.binary_cross_entropy_with_logits(w["W2"] @ tg.relu(w["W1"] @ x + w["b1"]) + w["b2"], t).backward()
    given.check({f"d{name}": p.grad for name, p in w.items()})


def test_shapes_of_a_product():
    given = case("shape.matmul")
    a, b = tg.ones(given.inputs["A"]), tg.ones(given.inputs["B"])
    given.check((a @ b).shape)
    with pytest.raises(ValueError, match=r"matmul: the last axis of a must match .* \(2, 1\) and b \(2, 1\): 1 != 2"):
        b @ b


def test_shapes_of_two_layers_with_many_examples():
    given = case("shape.two_layer")
    n0, n1, n2, m = (given.inputs[name] for name in ("n_x", "n_1", "n_2", "m"))
    x, w1, b1, w2, b2 = tg.zeros((n0, m)), tg.zeros((n1, n0)), tg.zeros((n1, 1)), tg.zeros((n2, n1)), tg.zeros((n2, 1))
    z1 = w1 @ x + b1
    z2 = w2 @ tg.relu(z1) + b2
    found = {"X": x, "W1": w1, "b1": b1, "Z1": z1, "W2": w2, "b2": b2, "Z2": z2}
    given.check({name: t.shape for name, t in found.items()})


def test_two_linear_layers_are_one():
    given = case("linear.collapse")
    w1, b1, w2, b2, x = (constant(given.inputs[name]) for name in ("W1", "b1", "W2", "b2", "X"))
    w, b = w2 @ w1, w2 @ b1 + b2
    given.check({"W": w, "b": b, "out": w2 @ (w1 @ x + b1) + b2})
    given.check({"out": w @ x + b})


def test_activations_and_gradients_explode_or_vanish_with_the_depth():
    given = case("init.explode_vanish")
    scales, gradients = [], []
    for c in given.inputs["c"]:
        x = leaf([1.0, 1.0])
        a = x
        for _ in range(given.inputs["L"]):
            a = c * tg.eye(2, dtype=np.float64) @ a
        (g,) = tg.grad(a, [x], grad_output=np.ones(2))
        scales.append(float(a[0]))
        gradients.append(float(g[0]))
    given.check(scales)
    given.check(gradients)


def test_the_gradient_of_a_scaled_value_is_scaled():
    given = case("scale.chain")
    a = leaf(given.inputs["x"])
    (a * given.inputs["alpha"]).backward(given.inputs["g"])
    given.check(a.grad)


def test_the_length_of_a_vector_separates_what_its_components_do_not():
    given = case("momentum3d")
    p = constant(given.inputs["p"])
    given.check(tg.sqrt((p * p).sum()))
