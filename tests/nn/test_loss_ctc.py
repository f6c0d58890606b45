import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_ctc import of_every_alignment
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.ops import ctc as module
from tinygrad_edu.testing import check_gradients

T, N, C = 5, 3, 4
RNG = np.random.default_rng(0)
SCORES = RNG.normal(0, 2, (T, N, C))
LOGS = tg.log_softmax(SCORES)
LABELS = np.array([[1, 2, 3], [2, 2, 1], [3, 1, 1]])
STEPS, LENGTHS = np.array([5, 4, 3]), np.array([3, 2, 0])
EACH = of_every_alignment(LOGS, LABELS, STEPS, LENGTHS, 0)


@pytest.mark.parametrize(
    ("reduction", "wanted"), [("none", EACH), ("sum", EACH.sum()), ("mean", (EACH / [3, 2, 1]).mean())]
)
def test_the_loss_adds_up_every_alignment(reduction, wanted):
    loss = nn.CTCLoss(reduction=reduction)
    np.testing.assert_allclose(loss(tg.Tensor(LOGS), LABELS, STEPS, LENGTHS).data, wanted, rtol=1e-12)
    check_gradients(lambda x: loss(tg.log_softmax(x), LABELS, STEPS, LENGTHS), SCORES, order=2)


def test_labels_may_stand_in_rows_or_one_after_the_other():
    joined = np.concatenate([row[:n] for row, n in zip(LABELS, LENGTHS, strict=True)])
    for lengths in (LENGTHS, LENGTHS.tolist(), tuple(LENGTHS), tg.Tensor(LENGTHS)):
        np.testing.assert_allclose(
            F.ctc_loss(LOGS, joined, STEPS.tolist(), lengths, reduction="none"), EACH, rtol=1e-12
        )
    rubbish = np.array([[1, 2, 3], [2, 2, -7], [99, 0, 0]])  # behind the length
    np.testing.assert_allclose(F.ctc_loss(LOGS, rubbish, STEPS, LENGTHS, reduction="none"), EACH, rtol=1e-12)


def test_one_sample_needs_no_batch():
    for i in range(N):
        alone = F.ctc_loss(LOGS[:, i], LABELS[i], int(STEPS[i]), int(LENGTHS[i]), reduction="none")
        assert np.shape(alone) == ()
        assert alone == pytest.approx(EACH[i], rel=1e-12)
    x = tg.Tensor(LOGS[:, 0], requires_grad=True)
    F.ctc_loss(x, tg.Tensor(LABELS[0]), tg.Tensor(5), tg.Tensor(3)).backward()
    assert x.grad.shape == (T, C)


@given(order=st.permutations(range(N)))
def test_the_order_of_the_batch_does_not_matter(order):
    k = list(order)
    losses = F.ctc_loss(LOGS[:, k], LABELS[k], STEPS[k], LENGTHS[k], reduction="none")
    np.testing.assert_allclose(losses, EACH[k], rtol=1e-12)


@given(shift=st.floats(-5, 5))
def test_a_factor_on_all_probabilities_of_a_step_is_a_term_of_the_loss(shift):
    moved = LOGS + shift * (np.arange(T) == 1)[:, None, None]
    np.testing.assert_allclose(F.ctc_loss(moved, LABELS, STEPS, LENGTHS, reduction="none"), EACH - shift, rtol=1e-9)


def test_the_number_of_the_blank_is_only_a_name():
    classes = [3, 0, 1, 2]  # class k is called classes[k]
    moved = np.empty_like(LOGS)
    moved[..., classes] = LOGS
    losses = F.ctc_loss(moved, np.take(classes, LABELS), STEPS, LENGTHS, blank=3, reduction="none")
    np.testing.assert_allclose(losses, EACH, rtol=1e-12)


def test_gradients_of_a_step_add_up_to_minus_one_and_are_0_behind_the_end():
    x = tg.Tensor(LOGS, requires_grad=True)
    F.ctc_loss(x, LABELS, STEPS, LENGTHS, reduction="sum").backward()
    running = np.arange(T)[:, None] < STEPS
    np.testing.assert_allclose(x.grad.sum(-1), np.where(running, -1, 0), atol=1e-12)
    assert not x.grad[~running].any()


def test_labels_that_do_not_fit_have_an_infinite_loss_or_none():
    steps = np.array([5, 2, 3])  # two of the same label need three steps
    x = tg.Tensor(LOGS, requires_grad=True)
    losses = F.ctc_loss(x, LABELS, steps, LENGTHS, reduction="none")
    assert losses[1].item() == math.inf
    losses.sum().backward()
    assert np.isnan(x.grad[:2, 1]).any(-1).all()
    assert np.isfinite(x.grad[:, [0, 2]]).all()
    x = tg.Tensor(LOGS, requires_grad=True)
    losses = F.ctc_loss(x, LABELS, steps, LENGTHS, reduction="none", zero_infinity=True)
    assert losses[1].item() == 0
    losses.sum().backward()
    assert not x.grad[:, 1].any()
    check_gradients(lambda x: F.ctc_loss(x, LABELS, steps, LENGTHS, zero_infinity=True), LOGS, order=2)


def test_a_class_that_cannot_be_is_never_aligned():
    logs = LOGS.copy()
    logs[:, 0, 0] = -math.inf  # no blank
    x = tg.Tensor(logs, requires_grad=True)
    loss = F.ctc_loss(x, LABELS, STEPS, LENGTHS, reduction="none")
    np.testing.assert_allclose(loss.data, of_every_alignment(logs, LABELS, STEPS, LENGTHS, 0), rtol=1e-12)
    loss.sum().backward()
    assert np.isfinite(x.grad).all()
    assert not x.grad[:, 0, 0].any()


def test_no_steps_at_all_spell_nothing():
    losses = F.ctc_loss(LOGS, LABELS, [0, 0, 1], [0, 1, 1], reduction="none")
    assert losses[:2].tolist() == [0, math.inf]
    assert losses[2] == pytest.approx(-LOGS[0, 2, 3])


def test_a_long_sequence_stays_exact_in_float32():
    x = RNG.normal(0, 3, (400, 2, 20))
    labels = RNG.integers(1, 20, (2, 50))
    losses = [
        F.ctc_loss(tg.log_softmax(x.astype(dtype)), labels, [400, 300], [50, 40], reduction="none")
        for dtype in ("float32", "float64")
    ]
    assert losses[0].dtype == np.float32
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def test_the_way_along_the_path_is_the_same_on_tensors_and_arrays():
    there, back = module._paths(LOGS, LABELS, STEPS, LENGTHS, 0)
    for paths in (there, back):
        emitted = module._emitted(LOGS, paths)
        arrays = module._walked(emitted, paths.starts, paths.skips, paths.running)
        tensors = module._walked(tg.Tensor(emitted), paths.starts, paths.skips, paths.running)
        possible = arrays > module.IMPOSSIBLE / 10
        np.testing.assert_array_equal(tensors.data > module.IMPOSSIBLE / 10, possible)
        np.testing.assert_allclose(tensors.data[possible], arrays[possible], rtol=1e-12)


def test_copies_and_pickles_give_the_same_loss():
    loss = nn.CTCLoss(1, "sum", True)
    labels = np.array([[0, 2, 3], [2, 2, 0], [3, 0, 0]])
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert repr(other) == "CTCLoss(reduction='sum')"
        assert other(LOGS, labels, STEPS, LENGTHS) == loss(LOGS, labels, STEPS, LENGTHS)


def test_an_empty_batch_has_the_mean_nan_and_the_sum_0():
    nothing = LOGS[:, :0], LABELS[:0], STEPS[:0], LENGTHS[:0]
    assert math.isnan(F.ctc_loss(*nothing))
    assert F.ctc_loss(*nothing, reduction="sum") == 0


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            {"log_probs": LOGS[0, 0]},
            ValueError,
            r"expected log-probabilities \(t, n, c\) or .*got shape \(4,\)",
        ),
        ({"log_probs": LOGS[:0]}, ValueError, "of at least one step"),
        ({"blank": 4}, ValueError, r"expected a blank in 0..3 \(4 classes\), but got 4"),
        ({"targets": LABELS[:2]}, ValueError, r"expected targets \(n, s\) for n=3 samples.*got shape \(2, 3\)"),
        ({"targets": LABELS * 1.0}, TypeError, "expected integer labels, but got float64"),
        ({"targets": LABELS + 1}, ValueError, "expected labels in 0..3 .4 classes. other than the blank 0, but got 4"),
        ({"targets": LABELS - 1}, ValueError, "other than the blank 0, but got 0. The blank stands between"),
        ({"targets": [1, 2, 3]}, ValueError, "as many labels in one row as target_lengths says, 5, but got 3"),
        ({"input_lengths": [6, 4, 3]}, ValueError, "expected input_lengths in 0..5, but got 6 at index 0"),
        ({"input_lengths": [5, 4]}, ValueError, r"expected one of input_lengths for each of 3 samples.*shape \(2,\)"),
        ({"input_lengths": [5.0, 4.0, 3.0]}, TypeError, "expected input_lengths in integers, but got float64"),
        ({"target_lengths": [3, 2, -1]}, ValueError, "expected target_lengths in 0..3, but got -1 at index 2"),
        ({"reduction": "avg"}, ValueError, "expected reduction='mean', 'sum' or 'none', but got 'avg'"),
    ],
)
def test_what_does_not_fit_is_an_error(change, kind, message):
    given = {"log_probs": LOGS, "targets": LABELS, "input_lengths": STEPS, "target_lengths": LENGTHS, **change}
    with pytest.raises(kind, match=f"ctc_loss: .*{message}"):
        F.ctc_loss(**given)
