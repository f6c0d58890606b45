"""The perceptron of the course, in tensors."""

import pytest

import tinygrad_edu as tg
from tests.golden import case


def train(points, labels, most=2000):
    """Weights, and whether the rule ``w += y x`` has found some that make no error."""
    w = tg.zeros(points.shape[1])
    for _ in range(most):
        wrong = [(x, y) for x, y in zip(points, labels, strict=True) if y * (w @ x) <= 0]
        if not wrong:
            return w, True
        x, y = wrong[0]
        w = w + y * x
    return w, False


def test_gates_are_learned_but_xor_is_not():
    given = case("perceptron.separable")
    points = tg.Tensor([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    given.check({name: train(points, labels)[1] for name, labels in given.inputs.items()})


@pytest.mark.parametrize("name", ["perceptron.update.1", "perceptron.update.2", "perceptron.update.3"])
def test_one_update_of_the_rule(name):
    given = case(name)
    w, x, y = tg.Tensor(given.inputs["w"]), tg.Tensor(given.inputs["x"]), given.inputs["y"]
    after = w + y * x
    margins = y * (w @ x), y * (after @ x)
    given.check({"w_new": after, "margin_before": margins[0], "margin_after": margins[1], "gain": x @ x})
    assert margins[1] - margins[0] == x @ x


def test_the_final_weights_classify_the_points():
    given = case("perceptron.final")
    scores = tg.Tensor(given.inputs["points"]) @ tg.Tensor(given.inputs["w"])
    given.check({"scores": scores, "all_correct": bool((scores * tg.Tensor(given.inputs["labels"]) > 0).all())})


def test_which_points_are_misclassified():
    given = case("perceptron.table")
    y = given.inputs["y"]
    given.check({when: [name for name in y if y[name] * p[name] < 0] for when, p in given.inputs["P"].items()})


def test_the_photocells_of_the_mark_1():
    given = case("perceptron.mark1")
    given.check(tg.zeros((given.inputs["height"], given.inputs["width"])).size)


def test_a_picture_is_flipped_from_left_to_right():
    given = case("augment.hflip")
    given.check(tg.fliplr(tg.Tensor(given.inputs["image"])))
