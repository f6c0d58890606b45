import math

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
SCORES = RNG.normal(0, 2, (5, 4))
LABELS = np.array([0, 3, 1, 1, 2])
P, T = RNG.uniform(0.05, 0.95, (2, 5, 4))
WEIGHT = np.array([0.5, 2.0, 1.0, 3.0])


def reduce(losses, reduction, total=None):
    if reduction == "none":
        return losses
    total = sum(map(sum, losses)) if np.ndim(losses) == 2 else sum(losses)
    return total if reduction == "sum" else total / np.size(losses)


def elementwise(f, input, target):
    return [[f(float(x), float(t)) for x, t in zip(*rows, strict=True)] for rows in zip(input, target, strict=True)]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def cross_entropy_of(p, t):
    return -t * math.log(p) - (1 - t) * math.log(1 - p)


ELEMENTWISE = [
    (nn.MSELoss, SCORES, lambda x, t: (x - t) ** 2),
    (nn.L1Loss, SCORES, lambda x, t: abs(x - t)),
    (nn.BCELoss, P, cross_entropy_of),
    (nn.BCEWithLogitsLoss, SCORES, lambda x, t: cross_entropy_of(sigmoid(x), t)),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("kind", "input", "f"), ELEMENTWISE)
def test_a_loss_between_elements_is_its_formula(kind, input, f, reduction):
    loss = kind(reduction=reduction)
    wanted = reduce(elementwise(f, input, T), reduction)
    np.testing.assert_allclose(loss(tg.Tensor(input), tg.Tensor(T)).data, wanted, rtol=1e-10)
    check_gradients(loss, input, T, order=2)


def log_softmax(row):
    return [float(x) - math.log(sum(math.exp(other) for other in row)) for x in row]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "options", [{}, {"weight": WEIGHT}, {"ignore_index": 1}, {"weight": WEIGHT, "ignore_index": 3}]
)
def test_a_loss_of_labels_is_minus_the_log_probability_of_the_right_class(options, reduction):
    weight, ignored = options.get("weight", np.ones(4)), options.get("ignore_index")
    factors = [0 if t == ignored else float(weight[t]) for t in LABELS]
    rows = [log_softmax(row) for row in SCORES]
    losses = [-w * row[t] for w, row, t in zip(factors, rows, LABELS, strict=True)]
    wanted = losses if reduction == "none" else sum(losses) / (1 if reduction == "sum" else sum(factors))
    labels = tg.Tensor(LABELS)
    entropy, likelihood = (
        nn.CrossEntropyLoss(reduction=reduction, **options),
        nn.NLLLoss(reduction=reduction, **options),
    )
    np.testing.assert_allclose(entropy(tg.Tensor(SCORES), labels).data, wanted, rtol=1e-10)
    np.testing.assert_allclose(likelihood(nn.LogSoftmax(1)(tg.Tensor(SCORES)), labels).data, wanted, rtol=1e-10)
    check_gradients(lambda x: entropy(x, labels), SCORES, order=2)
    check_gradients(lambda x: likelihood(x, labels), SCORES, order=2)


def test_label_smoothing_is_the_cross_entropy_with_softened_probabilities():
    soft = np.full((5, 4), 0.2 / 4)
    soft[np.arange(5), LABELS] += 0.8
    wanted = (
        -sum(t * y for t, row in zip(soft, SCORES, strict=True) for t, y in zip(t, log_softmax(row), strict=True)) / 5
    )
    loss = nn.CrossEntropyLoss(label_smoothing=0.2)
    assert loss(tg.Tensor(SCORES), tg.Tensor(LABELS)).item() == pytest.approx(wanted, rel=1e-10)
    assert nn.CrossEntropyLoss()(tg.Tensor(SCORES), tg.Tensor(soft)).item() == pytest.approx(wanted, rel=1e-10)
    check_gradients(lambda x: loss(x, LABELS), SCORES, order=2)


def test_pos_weight_scales_the_losses_of_yes():
    loss = nn.BCEWithLogitsLoss(pos_weight=3.0 * np.ones(4), reduction="none")
    x = tg.Tensor(SCORES)
    plain = nn.BCEWithLogitsLoss(reduction="none")
    for target, factor in ((np.ones((5, 4)), 3), (np.zeros((5, 4)), 1)):
        np.testing.assert_allclose(loss(x, tg.Tensor(target)).data, factor * plain(x, tg.Tensor(target)).data)


def test_weights_of_elements_scale_their_losses():
    for kind, input in ((nn.BCELoss, P), (nn.BCEWithLogitsLoss, SCORES)):
        x, t = tg.Tensor(input), tg.Tensor(T)
        each = kind(reduction="none")(x, t).data
        np.testing.assert_allclose(kind(WEIGHT, reduction="none")(x, t).data, each * WEIGHT)
        assert kind(WEIGHT)(x, t).item() == pytest.approx((each * WEIGHT).mean())


def test_weights_are_buffers_that_are_saved_and_converted():
    loss = nn.CrossEntropyLoss(WEIGHT)
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []
    assert loss.float().weight.dtype == np.float32
    assert nn.CrossEntropyLoss().state_dict() == {}
    assert list(nn.BCEWithLogitsLoss(WEIGHT, pos_weight=WEIGHT).state_dict()) == ["weight", "pos_weight"]


def test_losses_of_extreme_scores_are_finite_and_right():
    x = tg.Tensor(np.array([1000.0, -1000.0]), requires_grad=True)
    loss = nn.BCEWithLogitsLoss(reduction="none")(x, tg.Tensor(np.array([0.0, 1.0])))
    assert loss.tolist() == [1000, 1000]
    scores = tg.Tensor(np.array([[1000.0, -1000.0]]), requires_grad=True)
    loss = nn.CrossEntropyLoss()(scores, [1])
    loss.backward()
    assert loss.item() == 2000
    assert scores.grad.tolist() == [[1, -1]]


def test_repr_shows_the_reduction_unless_it_is_the_mean():
    assert repr(nn.MSELoss()) == "MSELoss()"
    assert repr(nn.CrossEntropyLoss(reduction="sum")) == "CrossEntropyLoss(reduction='sum')"


LOSSES = [nn.MSELoss, nn.L1Loss, nn.BCELoss, nn.BCEWithLogitsLoss, nn.NLLLoss, nn.CrossEntropyLoss]


@pytest.mark.parametrize("kind", LOSSES)
def test_a_reduction_that_does_not_exist_is_an_error_at_once(kind):
    with pytest.raises(
        ValueError, match=rf"{kind.__name__}: expected reduction='mean', 'sum' or 'none', but got 'avg'"
    ):
        kind(reduction="avg")


def test_the_mean_over_ignored_labels_only_is_nan_and_its_sum_0():
    for kind in (nn.NLLLoss, nn.CrossEntropyLoss):
        for weight in (None, WEIGHT):
            x = tg.Tensor(SCORES, requires_grad=True)
            assert math.isnan(kind(weight)(x, np.full(5, -100)).item())
            total = kind(weight, reduction="sum")(x, np.full(5, -100))
            total.backward()
            assert total.item() == 0
            assert not x.grad.any()


@pytest.mark.parametrize("kind", LOSSES[:4])
def test_input_and_target_of_different_shapes_are_an_error_not_a_broadcast(kind):
    with pytest.raises(ValueError, match=r"of one shape, but got input \(5, 1\) and target \(5,\)"):
        kind()(tg.ones((5, 1)) * 0.5, tg.ones(5))


@pytest.mark.parametrize("kind", LOSSES[4:])
def test_labels_that_are_no_classes_are_an_error(kind):
    x = tg.Tensor(SCORES)
    with pytest.raises(ValueError, match=r"labels in 0..3 \(4 classes\), but got 4 at index 1"):
        kind()(x, tg.Tensor([0, 4, 1, 1, 2]))
    with pytest.raises(TypeError, match="expected integer labels, but got float"):
        kind()(x, tg.Tensor([0.0, 1.0, 1.0, 1.0, 2.0]))
    with pytest.raises(ValueError, match=r"expected one label for each sample, shape \(5,\), but got shape \(4,\)"):
        kind()(x, tg.Tensor([0, 1, 1, 2]))


def test_nan_and_probabilities_out_of_range_are_errors():
    half = tg.Tensor([0.5, 0.5])
    with pytest.raises(ValueError, match=r"expected targets in 0..1, but got nan at index 1"):
        nn.BCELoss()(half, tg.Tensor([1.0, float("nan")]))
    with pytest.raises(ValueError, match=r"expected probabilities in 0..1, but got 1.5 at index 0"):
        nn.BCELoss()(tg.Tensor([1.5, 0.5]), half)
    with pytest.raises(ValueError, match=r"expected class probabilities in 0..1, but got nan"):
        nn.CrossEntropyLoss()(tg.zeros((1, 2)), tg.Tensor([[float("nan"), 1.0]]))
    with pytest.raises(ValueError, match="CrossEntropyLoss: expected label_smoothing in 0..1, but got 2"):
        nn.CrossEntropyLoss(label_smoothing=2)


# ---- the course ----


def tensor(values, **options):
    return tg.Tensor(np.array(values, float), **options)


def test_binary_cross_entropy_of_the_course():
    golden = case("bce")
    y, t = tensor(golden.inputs["y"]), tensor(golden.inputs["t"])
    golden.check({"L": nn.BCELoss(reduction="none")(y, t), "J": nn.BCELoss()(y, t)})


def test_cross_entropy_of_softmax_outputs_of_the_course():
    golden = case("softmax.loss")
    y, y_hat = np.array(golden.inputs["y"]), tensor(golden.inputs["y_hat"])
    golden.check(nn.NLLLoss()(tg.log(y_hat), np.array(int(y.argmax()))), "L")
    golden.check(int(y_hat.data.argmax()), "predicted")
    golden.check(int(y.argmax()), "true")


def test_gradient_of_the_cross_entropy_is_prediction_minus_truth():
    golden = case("softmax.dz")
    for target in (tensor(golden.inputs["y"]), np.array(1)):
        z = tensor(golden.inputs["z"], requires_grad=True)
        nn.CrossEntropyLoss()(z, target).backward()
        golden.check(z.grad)


def test_the_cost_is_the_mean_of_the_losses():
    golden = case("softmax.cost")
    z = tensor(np.transpose(golden.inputs["Z"]), requires_grad=True)
    loss = nn.CrossEntropyLoss()(z, tensor(np.transpose(golden.inputs["Y"])))
    loss.backward()
    golden.check({"J": loss, "dZ": z.grad.T})


def test_chain_rule_of_one_neuron_of_the_course():
    golden = case("chain.single_layer")
    given = golden.inputs
    layer = nn.Linear(2, 1, dtype="float64")
    layer.load_state_dict({"weight": [[given["w1"], given["w2"]]], "bias": [given["b"]]})
    z = layer(tensor([given["x1"], given["x2"]]))
    y = nn.Sigmoid()(z)
    loss = nn.BCELoss()(y, tensor([given["t"]]))
    loss.backward()
    dy, dz = (tg.grad(loss, [x])[0] for x in (y, z))
    (dw1, dw2), db = layer.weight.grad[0], layer.bias.grad[0]
    golden.check({"z": z.data[0], "y": y.data[0], "L": loss.data, "dL_dy": dy.data[0], "dz": dz.data[0]})
    golden.check({"dw1": dw1, "dw2": dw2, "db": db, "dy_dz": y.data[0] * (1 - y.data[0])})
