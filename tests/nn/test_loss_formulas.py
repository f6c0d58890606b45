"""Each loss against its formula, written once more as a loop over plain numbers; invariances; errors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import arrays

N, C = 5, 4
RNG = np.random.default_rng(0)
X, Y, Z = RNG.normal(0, 1.5, size=(3, N, C))
P, Q = RNG.uniform(0.1, 0.9, (2, N, C))
SIGNS = np.where(RNG.normal(size=(N, C)) > 0, 1, -1)
LABELS = [0, 3, 1, 1, 2]
WEIGHT = np.array([0.5, 2.0, 1.0, 3.0])


def elementwise(f, *arrays):
    """A function of numbers as one of arrays of one shape."""
    found = [f(*map(float, numbers)) for numbers in zip(*(a.ravel() for a in arrays), strict=True)]
    return np.reshape(found, arrays[0].shape)


def huber(e, delta):
    return e * e / 2 if abs(e) < delta else delta * (abs(e) - delta / 2)


def stirling(t):
    return t * math.log(t) - t + math.log(2 * math.pi * t) / 2 if t > 1 else 0.0


def gaussian(x, t, v):
    return (math.log(v) + (x - t) ** 2 / v) / 2


ELEMENTWISE = [
    (nn.HuberLoss(delta=0.7), lambda x, t: huber(x - t, 0.7), (X, Y)),
    (nn.SmoothL1Loss(beta=0.7), lambda x, t: huber(x - t, 0.7) / 0.7, (X, Y)),
    (nn.SmoothL1Loss(beta=0), lambda x, t: abs(x - t), (X, Y)),
    (nn.SoftMarginLoss(), lambda x, t: math.log(1 + math.exp(-t * x)), (X, SIGNS)),
    (nn.HingeEmbeddingLoss(0.5), lambda x, t: x if t == 1 else max(0, 0.5 - x), (X, SIGNS)),
    (nn.MarginRankingLoss(0.5), lambda a, b, t: max(0, 0.5 - t * (a - b)), (X, Y, SIGNS)),
    (nn.KLDivLoss(), lambda x, t: t * (math.log(t) - x), (np.log(P), Q)),
    (nn.KLDivLoss(log_target=True), lambda x, t: math.exp(t) * (t - x), (np.log(P), np.log(Q))),
    (nn.PoissonNLLLoss(), lambda x, t: math.exp(x) - t * x, (X, 4 * Q)),
    (nn.PoissonNLLLoss(False, eps=0.1), lambda x, t: x - t * math.log(x + 0.1), (P, 4 * Q)),
    (nn.PoissonNLLLoss(full=True), lambda x, t: math.exp(x) - t * x + stirling(t), (X, 4 * Q)),
    (nn.GaussianNLLLoss(), gaussian, (X, Y, P)),
    (nn.GaussianNLLLoss(full=True), lambda x, t, v: gaussian(x, t, v) + math.log(2 * math.pi) / 2, (X, Y, P)),
]


@pytest.mark.parametrize(("loss", "f", "inputs"), ELEMENTWISE)
def test_a_loss_between_elements_is_its_formula(loss, f, inputs):
    loss.reduction = "none"
    np.testing.assert_allclose(loss(*map(tg.Tensor, inputs)).data, elementwise(f, *inputs), rtol=1e-10, atol=1e-12)
    check_gradients(loss, *inputs, order=2)


def test_a_weight_for_each_element_makes_the_mean_a_weighted_one_but_that_of_huber():
    w = np.linspace(0.5, 2, N * C).reshape(N, C)
    for f, g in ((F.mse_loss, lambda e: e * e), (F.l1_loss, abs)):
        total = math.fsum((w * g(X - Y)).ravel())
        assert f(X, Y, weight=w) == pytest.approx(total / math.fsum(w.ravel()), rel=1e-12)
        assert f(X, Y, reduction="sum", weight=w) == pytest.approx(total, rel=1e-12)
        np.testing.assert_allclose(f(X, Y, reduction="none", weight=w), w * g(X - Y), rtol=1e-12)
        check_gradients(lambda *x, f=f: f(*x[:2], weight=x[2]), X, Y, w, order=2)
    each = F.huber_loss(X, Y, "none", 0.7) * w
    assert F.huber_loss(X, Y, delta=0.7, weight=w) == pytest.approx(each.mean(), rel=1e-12)
    for f in (F.mse_loss, F.l1_loss, F.huber_loss):
        with pytest.raises(ValueError, match=f"{f.__name__}: expected input and weight of one shape, but got"):
            f(X, Y, weight=w[0])


# ---- kinks, limits and what holds for every input ----


def test_at_the_end_of_its_square_the_huber_loss_has_the_slope_of_both_sides():
    for function in (F.huber_loss, F.smooth_l1_loss):
        x = tg.Tensor([1.0, -1.0, 0.0], requires_grad=True)
        function(x, tg.zeros(3), reduction="sum").backward()
        assert x.grad.tolist() == [1, -1, 0]


def test_a_cost_that_is_just_0_has_the_slope_of_the_side_above_as_in_pytorch():
    a, b = tg.Tensor([1.0], requires_grad=True), tg.Tensor([0.0], requires_grad=True)
    F.margin_ranking_loss(a, b, tg.Tensor([1.0]), margin=1.0).backward()
    assert (a.grad.item(), b.grad.item()) == (-1, 1)
    x = tg.Tensor([1.0], requires_grad=True)
    F.hinge_embedding_loss(x, [-1.0]).backward()
    assert x.grad.item() == -1
    x = tg.Tensor([[1.0, 0.0]], requires_grad=True)
    F.multi_margin_loss(x, [0]).backward()  # the hinge of classes is a relu, there too
    assert not x.grad.any()


def test_the_soft_margin_loss_of_large_scores_is_finite_and_right():
    x = tg.Tensor([1000.0, -1000.0], requires_grad=True)
    loss = F.soft_margin_loss(x, [-1.0, -1.0], reduction="none")
    loss.sum().backward()
    assert loss.tolist() == [1000, 0]
    assert x.grad.tolist() == [1, 0]


distributions = arrays((3, C), 0.05, 1.0).map(lambda p: p / p.sum(-1, keepdims=True))


@given(p=distributions, q=distributions)
def test_a_divergence_is_never_negative_and_0_between_equals(p, q):
    assert F.kl_div(np.log(q), p, reduction="batchmean") >= -1e-15
    assert F.kl_div(np.log(p), p, reduction="batchmean") == pytest.approx(0, abs=1e-15)
    logs = F.kl_div(np.log(q), np.log(p), reduction="batchmean", log_target=True)
    assert F.kl_div(np.log(q), p, reduction="batchmean") == pytest.approx(logs, abs=1e-14)


def test_what_the_target_holds_for_impossible_adds_nothing_to_a_divergence():
    x, t = tg.Tensor([[-0.5, -9.0]], requires_grad=True), tg.Tensor([[1.0, 0.0]], requires_grad=True)
    loss = F.kl_div(x, t, reduction="sum")
    loss.backward()
    assert loss.item() == 0.5
    assert x.grad.tolist() == [[-1, 0]]
    assert t.grad.tolist() == [[1.5, 9]]


@given(x=arrays((3, C)), shift=st.floats(-50, 50))
def test_the_same_number_added_to_all_scores_changes_no_loss_of_classes(x, shift):
    labels = np.array([0, 3, 1])
    for f in (F.cross_entropy, F.multi_margin_loss):
        assert f(x + shift, labels) == pytest.approx(f(x, labels), rel=1e-9, abs=1e-9)
    sets = np.array([[0, 1, -1, 0], [-1, 0, 0, 0], [2, -1, 1, 1]])
    assert F.multilabel_margin_loss(x + shift, sets) == pytest.approx(F.multilabel_margin_loss(x, sets), rel=1e-9)


@given(angle=st.floats(0, 6), move=st.floats(-3, 3))
def test_a_turn_and_a_shift_of_all_vectors_change_no_distance(angle, move):
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    triplet = X[:, :2], Y[:, :2], Z[:, :2]
    moved = [x @ turn + move for x in triplet]
    wanted = F.triplet_margin_loss(*triplet, eps=0.0, swap=True)
    assert F.triplet_margin_loss(*moved, eps=0.0, swap=True) == pytest.approx(wanted, rel=1e-9)
    wanted = F.cosine_embedding_loss(*triplet[:2], SIGNS[:, 0])
    assert F.cosine_embedding_loss(triplet[0] @ turn * 3, triplet[1] @ turn, SIGNS[:, 0]) == pytest.approx(wanted)


def test_the_smooth_l1_loss_is_the_huber_loss_divided_by_beta():
    for beta in (0.3, 1.0, 2.0):
        wanted = F.huber_loss(X, Y, "none", beta) / beta
        np.testing.assert_allclose(F.smooth_l1_loss(X, Y, reduction="none", beta=beta), wanted, rtol=1e-12)


def test_the_gaussian_loss_is_least_where_the_variance_is_the_squared_error():
    var = tg.Tensor((X - Y) ** 2, requires_grad=True)
    F.gaussian_nll_loss(X, Y, var, eps=1e-12).backward()
    np.testing.assert_allclose(var.grad, 0, atol=1e-9)


def test_a_variance_below_eps_counts_as_eps_and_still_has_a_slope():
    var = tg.Tensor(np.array([0.0]), requires_grad=True)
    loss = F.gaussian_nll_loss(np.array([1.0]), np.array([3.0]), var, eps=0.5)
    loss.backward()
    assert loss.item() == pytest.approx((math.log(0.5) + 4 / 0.5) / 2)
    assert var.grad.item() == pytest.approx((1 - 4 / 0.5) / (2 * 0.5))


@pytest.mark.parametrize("shape", [(N,), (N, 1), (1, C), ()])
def test_one_variance_for_several_elements(shape):
    var = RNG.uniform(0.5, 2, shape)
    full = np.broadcast_to(var[:, None] if shape == (N,) else var, (N, C))
    np.testing.assert_allclose(F.gaussian_nll_loss(X, Y, var), F.gaussian_nll_loss(X, Y, full), rtol=1e-12)
    check_gradients(F.gaussian_nll_loss, X, Y, var, order=2)
    assert F.gaussian_nll_loss(X, Y, 0.5) == F.gaussian_nll_loss(X, Y, np.full((N, C), 0.5))


# ---- losses of several classes ----


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_the_hinge_of_several_classes(p, weight):
    losses = []
    for row, label in zip(X.tolist(), LABELS, strict=True):
        costs = [max(0, 0.8 - row[label] + x) ** p for k, x in enumerate(row) if k != label]
        losses.append((1 if weight is None else float(weight[label])) * sum(costs) / C)
    loss = nn.MultiMarginLoss(p, 0.8, weight, reduction="none")
    np.testing.assert_allclose(loss(tg.Tensor(X), tg.Tensor(LABELS)).data, losses, rtol=1e-12)
    assert loss(tg.Tensor(X[0]), tg.Tensor(0)).item() == pytest.approx(losses[0])
    check_gradients(lambda x: loss(x, LABELS), X, order=2)


def test_the_hinge_of_several_right_classes():
    sets = [[1, -1, 0, 0], [0, 2, -1, 1], [3, 2, 1, 0], [-1, 1, 1, 1], [2, 2, -1, -1]]
    losses = []
    for row, found in zip(X.tolist(), sets, strict=True):
        right = found[: found.index(-1)] if -1 in found else found
        losses.append(sum(max(0, 1 - row[j] + row[i]) for j in right for i in range(C) if i not in right) / C)
    np.testing.assert_allclose(F.multilabel_margin_loss(X, np.array(sets), reduction="none"), losses, rtol=1e-12)
    check_gradients(lambda x: F.multilabel_margin_loss(x, np.array(sets)), X, order=2)


def test_a_question_of_yes_or_no_for_each_class():
    losses = [
        sum(w * (math.log(1 + math.exp(x)) - x * t) for w, x, t in zip(WEIGHT, row, wanted, strict=True)) / C
        for row, wanted in zip(X.tolist(), Q.tolist(), strict=True)
    ]
    loss = nn.MultiLabelSoftMarginLoss(WEIGHT, reduction="none")
    np.testing.assert_allclose(loss(tg.Tensor(X), tg.Tensor(Q)).data, losses, rtol=1e-12)
    np.testing.assert_allclose(F.multilabel_soft_margin_loss(X, Q, WEIGHT), np.mean(losses), rtol=1e-12)
    check_gradients(loss, X, Q, order=2)


@pytest.mark.parametrize("kind", [nn.MultiMarginLoss, nn.MultiLabelSoftMarginLoss])
def test_class_weights_are_buffers_that_are_saved_and_converted(kind):
    loss = kind(weight=WEIGHT)
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []
    assert loss.float().weight.dtype == np.float32
    other = kind(weight=np.zeros(C))
    other.load_state_dict(loss.state_dict())
    np.testing.assert_array_equal(other.weight.data, WEIGHT)
    assert kind().state_dict() == {}


# ---- losses of vectors ----


@pytest.mark.parametrize("p", [1, 2, 3.0, math.inf])
@pytest.mark.parametrize("swap", [False, True])
def test_a_triplet(p, swap):
    def distance(a, b):
        sizes = [abs(x - y + 1e-6) for x, y in zip(a, b, strict=True)]
        return max(sizes) if p == math.inf else sum(size**p for size in sizes) ** (1 / p)

    losses = []
    for anchor, positive, negative in zip(X.tolist(), Y.tolist(), Z.tolist(), strict=True):
        far = distance(anchor, negative)
        far = min(far, distance(positive, negative)) if swap else far
        losses.append(max(0.0, 0.8 + distance(anchor, positive) - far))
    loss = nn.TripletMarginLoss(0.8, p, swap=swap, reduction="none")
    np.testing.assert_allclose(loss(*map(tg.Tensor, (X, Y, Z))).data, losses, rtol=1e-9, atol=1e-12)
    check_gradients(loss, X, Y, Z, order=2)


def test_a_triplet_with_a_distance_of_ones_own():
    def city_block(a, b):
        return abs(a - b).sum(-1)

    loss = nn.TripletMarginWithDistanceLoss(distance_function=city_block, margin=0.8, swap=True)
    wanted = F.triplet_margin_loss(X, Y, Z, 0.8, p=1, eps=0, swap=True)
    assert loss(*map(tg.Tensor, (X, Y, Z))).item() == pytest.approx(wanted, rel=1e-12)
    plain = nn.TripletMarginWithDistanceLoss()(*map(tg.Tensor, (X, Y, Z)))
    assert plain.item() == pytest.approx(F.triplet_margin_loss(X, Y, Z), rel=1e-12)
    assert repr(nn.TripletMarginWithDistanceLoss()).splitlines()[1] == "  (distance_function): PairwiseDistance()"


def test_a_distance_may_be_a_module_that_learns():
    class Scaled(nn.Module):
        def __init__(self):
            self.scale = nn.Parameter(np.ones(C))

        def forward(self, a, b):
            return abs((a - b) * self.scale).sum(-1)

    loss = nn.TripletMarginWithDistanceLoss(distance_function=Scaled())
    assert list(loss.state_dict()) == ["distance_function.scale"]
    loss(*map(tg.Tensor, (X, Y, Z))).backward()
    assert loss.distance_function.scale.grad.any()


@pytest.mark.parametrize("margin", [0.0, 0.3, -0.3])
def test_the_cosine_of_pairs(margin):
    losses = []
    for a, b, sign in zip(X.tolist(), Y.tolist(), SIGNS[:, 0].tolist(), strict=True):
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        cosine = dot / (math.hypot(*a) * math.hypot(*b))
        losses.append(1 - cosine if sign == 1 else max(0.0, cosine - margin))
    loss = nn.CosineEmbeddingLoss(margin, reduction="none")
    np.testing.assert_allclose(loss(*map(tg.Tensor, (X, Y, SIGNS[:, 0]))).data, losses, rtol=1e-9, atol=1e-9)
    check_gradients(lambda a, b: loss(a, b, SIGNS[:, 0]), X, Y, order=2)


def test_the_cosine_with_a_vector_of_zeros_is_0_and_its_slope_finite():
    a = tg.zeros(3, dtype="float64", requires_grad=True)
    loss = F.cosine_embedding_loss(a, tg.ones(3), 1)
    loss.backward()
    assert loss.item() == 1
    assert np.isfinite(a.grad).all()


# ---- errors ----


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.HuberLoss(delta=0), "HuberLoss: expected delta above 0, but got 0"),
        (lambda: F.huber_loss(X, Y, delta=-1.0), "huber_loss: expected a delta above 0, but got -1.0"),
        (lambda: nn.SmoothL1Loss(beta=-1.0), "SmoothL1Loss: expected beta of at least 0, but got -1.0"),
        (lambda: F.smooth_l1_loss(X, Y, beta=math.nan), "smooth_l1_loss: expected beta of at least 0, but got nan"),
        (lambda: F.soft_margin_loss(X, Q), "soft_margin_loss: expected targets of 1 .yes. and -1 .no., but got 0"),
        (lambda: F.hinge_embedding_loss(X, 0 * SIGNS), "hinge_embedding_loss: expected targets of 1 .* got 0"),
        (lambda: F.margin_ranking_loss(X, Y, Q), "margin_ranking_loss: expected targets of 1"),
        (lambda: F.cosine_embedding_loss(X, Y, Q[:, 0]), "cosine_embedding_loss: expected targets of 1"),
        (lambda: F.cosine_embedding_loss(X, Y, SIGNS), r"expected inputs \(n, d\) and targets \(n,\), .* \(5, 4\)"),
        (lambda: F.poisson_nll_loss(X, Y, eps=0), "poisson_nll_loss: expected eps above 0, but got 0"),
        (lambda: nn.PoissonNLLLoss(eps=-1), "PoissonNLLLoss: expected eps above 0, but got -1"),
        (lambda: nn.GaussianNLLLoss(eps=0), "GaussianNLLLoss: expected eps above 0, but got 0"),
        (lambda: F.gaussian_nll_loss(X, Y, -P), "gaussian_nll_loss: expected variances of at least 0, but got -0"),
        (lambda: F.gaussian_nll_loss(X, Y, P[:2]), r"expected variances of the input's shape .* got shape \(2, 4\)"),
        (lambda: F.gaussian_nll_loss(X, Y, P[0]), r"expected variances of the input's shape .* got shape \(4,\)"),
        (lambda: F.multi_margin_loss(X, LABELS, p=3), "multi_margin_loss: expected p of 1 or 2, but got 3"),
        (lambda: nn.MultiMarginLoss(0), "MultiMarginLoss: expected p of 1 or 2, but got 0"),
        (
            lambda: F.multi_margin_loss(X, [0, 4, 1, 1, 2]),
            "expected labels in 0..3 .* but got 4 at index 1",
        ),
        (
            lambda: F.multi_margin_loss(X, [0, 1]),
            r"expected one label for each sample, .* got shape \(2,",
        ),
        (lambda: F.multi_margin_loss(X, LABELS, weight=[1.0]), "multi_margin_loss: expected one weight for each of 4"),
        (lambda: F.multi_margin_loss(X[None], [LABELS]), r"expected scores of shape \(n, c\) or \(c,\), but got shape"),
        (lambda: F.multilabel_margin_loss(X, np.full((N, C), 4)), "multilabel_margin_loss: expected labels in 0..3"),
        (lambda: F.multilabel_margin_loss(X, np.full((N, C), -2)), "multilabel_margin_loss: expected labels in 0..3"),
        (lambda: F.multilabel_soft_margin_loss(X, 2 * P + 1), "multilabel_soft_margin_loss: expected targets in 0..1"),
        (lambda: F.multilabel_soft_margin_loss(X, Q, [1.0, 2.0]), "expected a weight that broadcasts"),
        (lambda: F.triplet_margin_loss(X, Y, Z, 0), "triplet_margin_loss: expected a margin above 0, but got 0"),
        (lambda: nn.TripletMarginLoss(-1.0), "TripletMarginLoss: expected a margin above 0, but got -1.0"),
        (lambda: nn.KLDivLoss(reduction="batch"), "KLDivLoss: expected reduction='mean', 'sum', 'batchmean' or 'none'"),
    ],
)
def test_what_makes_no_sense_is_an_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_labels_that_are_no_integers_are_an_error():
    for f, labels in ((F.multi_margin_loss, np.zeros(N)), (F.multilabel_margin_loss, np.zeros((N, C)))):
        with pytest.raises(TypeError, match=f"{f.__name__}: expected integer labels, but got float64"):
            f(X, labels)
