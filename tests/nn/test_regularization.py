import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.nn.regularization import elastic_net_penalty, l1_penalty, l2_penalty, weights
from tinygrad_edu.testing import check_gradients


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1, bias=False))


def test_weights_are_the_parameters_of_two_or_more_axes():
    net = network()
    assert weights(net) == [net[0].weight, net[3].weight]


def test_penalties_of_a_module_are_those_of_its_weights():
    net = network()
    total = sum(float((w.data.astype(float) ** 2).sum()) for w in weights(net))
    size = sum(float(abs(w.data.astype(float)).sum()) for w in weights(net))
    assert l2_penalty(net, 0.6, m=10).item() == pytest.approx(0.03 * total, rel=1e-6)
    assert l1_penalty(net, 0.6, m=10).item() == pytest.approx(0.03 * size, rel=1e-6)
    assert elastic_net_penalty(net, 0.2, 0.4, m=10).item() == pytest.approx(0.01 * size + 0.02 * total, rel=1e-6)
    assert l2_penalty(iter(weights(net)), 0.6, m=10).item() == l2_penalty(net, 0.6, m=10).item()


def test_biases_and_scales_get_no_gradient_from_a_penalty():
    net = network()
    l2_penalty(net, 1.0, m=1).backward()
    assert [path for path, p in net.named_parameters() if p.grad is not None] == ["0.weight", "3.weight"]


def test_gradients_of_the_penalties_to_second_order():
    w = np.array([[1.0, -2.0], [0.5, 3.0]])
    for f in (l1_penalty, l2_penalty):
        check_gradients(lambda a, b, f=f: f([a, b], 0.7, m=4), w, w[:1], order=2)
    check_gradients(lambda a: elastic_net_penalty([a], 0.7, 0.2, m=4), w, order=2)


def test_a_penalty_keeps_float32():
    assert l2_penalty(network(), 0.1, m=3).dtype == np.float32


def test_what_makes_no_sense_is_an_error():
    for wrong, message in (
        (lambda: l2_penalty(network(), -0.1, m=3), "l2_penalty: expected lambda_ of at least 0, but got -0.1"),
        (lambda: l1_penalty(network(), 0.1, m=0), "l1_penalty: expected a number of samples m above 0, but got 0"),
        (lambda: l2_penalty(nn.BatchNorm1d(3), 0.1, m=3), "l2_penalty: expected at least one weight, but got none"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()


# ---- the course ----


def course_weights(golden):
    ws = golden.inputs["W"]
    return [tg.Tensor(np.array(w), requires_grad=True) for w in (ws if np.ndim(ws[0][0]) else [ws])]


@pytest.mark.parametrize(("name", "penalty"), [("reg.l2", l2_penalty), ("reg.l1", l1_penalty)])
def test_penalties_of_the_course(name, penalty):
    golden = case(name)
    ws = course_weights(golden)
    value = penalty(ws, golden.inputs["lambda"], m=golden.inputs["m"])
    value.backward()
    golden.check(value, "penalty")
    for w, wanted in zip(ws, golden.expected["grad"], strict=True):
        np.testing.assert_allclose(w.grad, wanted, atol=golden.atol)


def test_l2_shrinks_the_weights_by_a_factor():
    golden = case("reg.weight_decay")
    given = golden.inputs
    (w,) = course_weights(golden)
    loss = (w * np.array(given["dW0"])).sum()  # its gradient is dW0
    (loss + l2_penalty([w], given["lambda"], m=given["m"])).backward()
    with tg.no_grad():
        w -= given["alpha"] * w.grad
    golden.check(w.data, "W_new")
    golden.check(1 - given["alpha"] * given["lambda"] / given["m"], "factor")
