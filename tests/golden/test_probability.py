"""Probabilities and losses of the course."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tests.golden.leaves import constant, leaf


def test_the_posterior_of_two_classes_is_a_sigmoid():
    given = case("bayes.two_class")
    p = {name: constant(value) for name, value in given.inputs.items()}
    a = tg.log(p["px_c1"] * p["p_c1"] / (p["px_c2"] * p["p_c2"]))
    given.check({"a": a, "posterior": tg.sigmoid(a)})


def test_the_posterior_of_several_classes_is_a_softmax():
    given = case("bayes.softmax")
    given.check(tg.softmax(tg.log(constant(given.inputs["px_c"]) * constant(given.inputs["p_c"]))))


def test_sigmoid_is_symmetric():
    given = case("sigmoid.symmetry")
    a = constant(given.inputs["a"])
    given.check(tg.sigmoid(-a))
    given.check(1 - tg.sigmoid(a))


def test_derivative_of_the_sigmoid():
    given = case("sigmoid.derivative")
    z = leaf(given.inputs["z"])
    tg.sigmoid(z).sum().backward()
    given.check(z.grad)


def test_tanh_is_nearly_linear_near_zero():
    given = case("reg.tanh_linear")
    for limit in given.expected:
        z = tg.linspace(-float(limit), float(limit), 1001, dtype=np.float64)
        given.check(tg.absolute(tg.tanh(z) - z).max(), limit)


def test_squared_loss_and_its_gradient():
    given = case("mse.cost")
    y = leaf(given.inputs["y"])
    loss = tg.mse_loss(y, constant(given.inputs["t"]))
    loss.backward()
    given.check({"J": loss, "grad_y": y.grad})


def test_the_most_likely_share_of_apples():
    given = case("mle.apples")
    apples, oranges = given.inputs["apples"], given.inputs["oranges"]
    w = leaf(given.expected["w"])

    def likelihood(w):
        return 10 * w**apples * (1 - w) ** oranges

    slope = tg.grad(tg.log(likelihood(w)), w)
    given.check({"P_at_w": likelihood(w), "dlogP_at_w": slope})
    climbing = leaf(0.2)  # and from elsewhere one climbs there
    for _ in range(200):
        uphill = tg.grad(tg.log(likelihood(climbing)), climbing)
        with tg.no_grad():
            climbing += 0.02 * uphill
    given.check({"w": climbing})


def test_bernoulli():
    given = case("bernoulli")
    y = constant(given.inputs["y"])
    for t in (0, 1):
        given.check(y**t * (1 - y) ** (1 - t), f"P{t}")


def test_binary_cross_entropy():
    given = case("bce")
    y, t = constant(given.inputs["y"]), constant(given.inputs["t"])
    given.check(
        {"L": tg.binary_cross_entropy(y, t, reduction="none"), "J": tg.binary_cross_entropy(y, t)},
    )


def test_softmax_step_by_step():
    given = case("softmax.5_2_-1_3")
    z = constant(given.inputs["z"])
    given.check({"t": tg.exp(z), "sum": tg.exp(z).sum(), "a": tg.softmax(z)})


def test_hardmax():
    given = case("softmax.hardmax")
    given.check(tg.hardmax(constant(given.inputs["z"])))


@pytest.mark.parametrize("name", ["softmax.shift_invariance", "softmax.C2"])
def test_softmax_of_large_scores_and_of_two(name):
    given = case(name)
    given.check(tg.softmax(constant(given.inputs["z"])))


def test_softmax_of_two_scores_is_the_sigmoid_of_their_difference():
    given = case("softmax.C2.logistic")
    z = constant(given.inputs["z"])
    given.check(tg.softmax(z, axis=1)[:, 0])
    given.check(tg.sigmoid(z[:, 0] - z[:, 1]))
    two = case("softmax.C2").inputs["z"]
    case("softmax.C2").check(tg.stack([tg.sigmoid(constant(two[0])), tg.sigmoid(-constant(two[0]))]))


def test_cross_entropy_of_a_distribution():
    given = case("softmax.loss")
    y, y_hat = constant(given.inputs["y"]), constant(given.inputs["y_hat"])
    given.check({"L": -(y * tg.log(y_hat)).sum()})
    given.check({"L": tg.nll_loss(tg.log(y_hat), tg.argmax(y))})
    given.check({"true": tg.argmax(y), "predicted": tg.argmax(y_hat)})


def test_gradient_of_cross_entropy_on_scores():
    given = case("softmax.dz")
    for target in (given.inputs["y"], 1):  # probabilities, or the label
        z = leaf(given.inputs["z"])
        tg.cross_entropy(z, constant(target) if isinstance(target, list) else target).backward()
        given.check(z.grad)


def test_mean_cross_entropy_of_several_samples():
    given = case("softmax.cost")
    z = leaf(given.inputs["Z"])  # columns are samples
    cost = tg.cross_entropy(z.T, constant(given.inputs["Y"]).T)
    cost.backward()
    given.check({"J": cost, "dZ": z.grad})


def test_on_the_border_of_two_classes_both_are_equally_likely():
    given = case("softmax.boundary_linear")
    w, b, x = (constant(given.inputs[name]) for name in ("W", "b", "x"))
    i, j = given.inputs["i"], given.inputs["j"]
    scores = w @ x + b
    given.check(scores[i] - scores[j])
    p = tg.softmax(scores)
    assert abs(float(p[i] - p[j])) < 1e-12
