"""What every loss owes: reductions, the order of the batch, empty batches, retired arguments, copies, states."""

import copy
import functools
import inspect
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

N, C = 5, 4
RNG = np.random.default_rng(0)
X, Y, Z = RNG.normal(size=(3, N, C))
P, Q = RNG.uniform(0.1, 0.9, (2, N, C))
SIGNS = np.where(RNG.normal(size=(N, C)) > 0, 1, -1)
LABELS = np.array([0, 3, 1, 1, 2])
SETS = np.array([[1, -1, 0, 0], [0, 2, -1, 1], [3, 2, 1, 0], [-1, 1, 1, 1], [2, 0, 1, -1]])

# A loss and what it is called with: inputs that have gradients, and targets that have none.
CASES = [
    (nn.MSELoss, (X, Y), ()),
    (nn.L1Loss, (X, Y), ()),
    (nn.SmoothL1Loss, (X, Y), ()),
    (nn.HuberLoss, (X, Y), ()),
    (nn.BCELoss, (P, Q), ()),
    (nn.BCEWithLogitsLoss, (X, Q), ()),
    (nn.SoftMarginLoss, (X,), (SIGNS,)),
    (nn.NLLLoss, (X,), (LABELS,)),
    (nn.CrossEntropyLoss, (X,), (LABELS,)),
    (nn.KLDivLoss, (np.log(P), Q), ()),
    (nn.PoissonNLLLoss, (X, Q), ()),
    (nn.GaussianNLLLoss, (X, Y, P), ()),
    (nn.MarginRankingLoss, (X, Y), (SIGNS,)),
    (nn.HingeEmbeddingLoss, (X,), (SIGNS,)),
    (nn.MultiMarginLoss, (X,), (LABELS,)),
    (nn.MultiLabelMarginLoss, (X,), (SETS,)),
    (nn.MultiLabelSoftMarginLoss, (X, Q), ()),
    (nn.TripletMarginLoss, (X, Y, Z), ()),
    (nn.TripletMarginWithDistanceLoss, (X, Y, Z), ()),
    (nn.CosineEmbeddingLoss, (X, Y), (SIGNS[:, 0],)),
]
YOUNGER = (nn.HuberLoss, nn.GaussianNLLLoss, nn.TripletMarginWithDistanceLoss)
RETIRED = [case for case in CASES if case[0] not in YOUNGER]


def name_of(x):
    return x.__name__ if isinstance(x, type) else ""


every_loss = pytest.mark.parametrize(("kind", "inputs", "targets"), CASES, ids=name_of)


def value(loss, inputs, targets):
    return loss(*map(tg.Tensor, (*inputs, *targets))).data


@every_loss
def test_the_sum_and_the_mean_are_those_of_the_single_losses(kind, inputs, targets):
    losses = value(kind(reduction="none"), inputs, targets)
    assert losses.shape in ((N, C), (N,))
    np.testing.assert_allclose(value(kind(reduction="sum"), inputs, targets), math.fsum(losses.ravel()), rtol=1e-12)
    np.testing.assert_allclose(value(kind(), inputs, targets), math.fsum(losses.ravel()) / losses.size, rtol=1e-12)


@every_loss
@given(order=st.permutations(range(N)))
def test_the_order_of_the_batch_does_not_matter(kind, inputs, targets, order):
    shuffled = [x[list(order)] for x in inputs], [t[list(order)] for t in targets]
    np.testing.assert_allclose(value(kind(), *shuffled), value(kind(), inputs, targets), rtol=1e-12)
    losses = value(kind(reduction="none"), inputs, targets)
    np.testing.assert_allclose(value(kind(reduction="none"), *shuffled), losses[list(order)], rtol=1e-12)


@every_loss
def test_each_sample_has_a_loss_of_its_own(kind, inputs, targets):
    losses = value(kind(reduction="none"), inputs, targets)
    for i in range(N):
        alone = [x[i : i + 1] for x in inputs], [t[i : i + 1] for t in targets]
        np.testing.assert_allclose(value(kind(reduction="none"), *alone), losses[i : i + 1], rtol=1e-12)
        unbatched = [x[i] for x in inputs], [t[i] for t in targets]
        np.testing.assert_allclose(value(kind(reduction="none"), *unbatched), losses[i], rtol=1e-12)


@every_loss
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gradients_are_right_to_second_order(kind, inputs, targets, reduction):
    loss = kind(reduction=reduction)
    check_gradients(loss, *inputs, *targets, order=2)


@every_loss
@pytest.mark.parametrize("wrong", [None, "text", {}, object()], ids=lambda x: type(x).__name__)
def test_what_is_no_array_of_numbers_is_an_error_wherever_it_comes(kind, inputs, targets, wrong):
    """A forward without a return, for instance, gives None."""
    given = [*inputs, *targets]
    for i in range(len(given)):
        with pytest.raises((TypeError, ValueError), match=r"(?s)^\w+: expected .* but got"):
            kind()(*given[:i], wrong, *given[i + 1 :])


@every_loss
@pytest.mark.parametrize("setting", ["margin", "delta", "beta", "eps", "ignore_index", "label_smoothing", "p"])
def test_a_setting_that_is_no_number_is_an_error(kind, inputs, targets, setting):
    if setting in inspect.signature(kind).parameters:
        with pytest.raises((TypeError, ValueError), match=rf"^\w+: expected .*{setting}.* but got 'text'"):
            kind(**{setting: "text"})(*inputs, *targets)


@every_loss
def test_float32_stays_float32(kind, inputs, targets):
    leaves = [tg.Tensor(x, requires_grad=True, dtype="float32") for x in inputs]
    loss = kind()(*leaves, *targets)
    loss.backward()
    assert loss.dtype == np.float32
    assert all(x.grad.dtype == np.float32 for x in leaves)
    np.testing.assert_allclose(loss.data, value(kind(), inputs, targets), rtol=1e-5, atol=1e-6)


@every_loss
def test_the_mean_of_an_empty_batch_is_nan_and_its_sum_0(kind, inputs, targets):
    leaves = [tg.Tensor(x[:0], requires_grad=True) for x in inputs]
    nothing = [t[:0] for t in targets]
    mean, total = kind()(*leaves, *nothing), kind(reduction="sum")(*leaves, *nothing)
    assert math.isnan(mean.item())
    assert total.item() == 0
    mean.backward()
    total.backward()
    assert kind(reduction="none")(*leaves, *nothing).size == 0
    assert all(x.grad.shape == (0, C) for x in leaves)


@every_loss
def test_copies_and_pickles_give_the_same_loss(kind, inputs, targets):
    loss = kind(reduction="sum")
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert repr(other) == repr(loss)
        assert "".join(repr(loss).split()).startswith(f"{kind.__name__}(reduction='sum'")
        np.testing.assert_array_equal(value(other, inputs, targets), value(loss, inputs, targets))


@every_loss
def test_training_or_not_makes_no_difference(kind, inputs, targets):
    np.testing.assert_array_equal(value(kind().eval(), inputs, targets), value(kind().train(), inputs, targets))


@every_loss
def test_a_reduction_that_does_not_exist_is_an_error_at_once(kind, inputs, targets):
    with pytest.raises(ValueError, match=rf"{kind.__name__}: expected reduction=.*'none', but got 'avg'"):
        kind(reduction="avg")


FUNCTIONS = {
    nn.BCELoss: F.binary_cross_entropy,
    nn.BCEWithLogitsLoss: F.binary_cross_entropy_with_logits,
    nn.CosineEmbeddingLoss: F.cosine_embedding_loss,
    nn.CrossEntropyLoss: F.cross_entropy,
    nn.GaussianNLLLoss: F.gaussian_nll_loss,
    nn.HingeEmbeddingLoss: F.hinge_embedding_loss,
    nn.HuberLoss: F.huber_loss,
    nn.KLDivLoss: F.kl_div,
    nn.L1Loss: F.l1_loss,
    nn.MSELoss: F.mse_loss,
    nn.MarginRankingLoss: F.margin_ranking_loss,
    nn.MultiLabelMarginLoss: F.multilabel_margin_loss,
    nn.MultiLabelSoftMarginLoss: F.multilabel_soft_margin_loss,
    nn.MultiMarginLoss: F.multi_margin_loss,
    nn.NLLLoss: F.nll_loss,
    nn.PoissonNLLLoss: F.poisson_nll_loss,
    nn.SmoothL1Loss: F.smooth_l1_loss,
    nn.SoftMarginLoss: F.soft_margin_loss,
    nn.TripletMarginLoss: F.triplet_margin_loss,
    nn.TripletMarginWithDistanceLoss: F.triplet_margin_with_distance_loss,
}


@every_loss
def test_the_function_names_a_reduction_that_does_not_exist(kind, inputs, targets):
    name = FUNCTIONS[kind].__name__
    with pytest.raises(ValueError, match=rf"{name}: expected reduction=.*'none', but got 'avg'"):
        FUNCTIONS[kind](*inputs, *targets, reduction="avg")


@pytest.mark.parametrize(("kind", "inputs", "targets"), RETIRED, ids=name_of)
@pytest.mark.parametrize("argument", ["size_average", "reduce"])
def test_a_retired_argument_is_an_error_that_names_reduction(kind, inputs, targets, argument):
    function = functools.partial(FUNCTIONS[kind], *inputs, *targets)
    for name, call in ((kind.__name__, kind), (function.func.__name__, function)):
        with pytest.raises(TypeError, match=rf"{name}: expected no {argument}.*but got True.*Write reduction='mean'"):
            call(**{argument: True})
        call(**{argument: None})


WITHOUT_LABELS = [case for case in CASES if case[0] not in (nn.NLLLoss, nn.CrossEntropyLoss, nn.MultiMarginLoss)]


@pytest.mark.parametrize(("kind", "inputs", "targets"), WITHOUT_LABELS, ids=name_of)
def test_shapes_that_differ_are_an_error_not_a_broadcast(kind, inputs, targets):
    first, *rest = (*inputs, *targets)
    with pytest.raises(ValueError, match="but got") as error:
        kind()(tg.Tensor(first[:1]), *rest)
    assert str(error.value).startswith(FUNCTIONS[kind].__name__)
    assert "(1, 4)" in str(error.value)
