"""What is no sensible call of an op gives an error that says what was expected, what came, and what to do."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor

x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
scores = Tensor(np.zeros((2, 3)), requires_grad=True)
AxisError = np.exceptions.AxisError

CASES = [
    (lambda: tg.sum(x, axis=2), AxisError, r"sum: expected an axis in -2\.\.1, but got axis 2"),
    (lambda: tg.max(x, axis=(0, 0)), ValueError, "max: expected each axis once"),
    (lambda: tg.median(x, axis=5), AxisError, "median: expected an axis"),
    (lambda: tg.median(x, axis=0.5), TypeError, r"median: expected whole numbers as axis, but got 0\.5"),
    (lambda: tg.sort(x, axis="0"), TypeError, "sort: expected a whole number as axis, but got '0'"),
    (lambda: tg.cummax(x, axis=(0, 1)), TypeError, "cummax: expected a whole number as axis"),
    (lambda: tg.unstack(x, axis=0.5), TypeError, "unstack: expected a whole number as axis"),
    (lambda: tg.linalg.norm(x, axis=0.5), TypeError, "norm: expected whole numbers as axis"),
    (lambda: tg.split(x, [0.5], axis=1), TypeError, r"split: expected a whole number or a list of them, but got \[0"),
    (lambda: tg.array_split(x, 1.5), TypeError, "array_split: expected a whole number or a list of them"),
    (lambda: tg.quantile(x, 0.5, axis=(0, 0)), ValueError, "quantile: expected each axis once"),
    (lambda: tg.softmax(x, axis=2), AxisError, "softmax: expected an axis"),
    (lambda: tg.cumsum(x, axis=-3), AxisError, "cumsum: expected an axis"),
    (lambda: tg.cummax(x, axis=2), AxisError, "cummax: expected an axis"),
    (lambda: tg.argmax(x, axis=2), AxisError, "argmax: expected an axis"),
    (lambda: tg.sum(x, out=np.zeros(())), TypeError, "sum: got an unexpected argument out.*Ops make new tensors"),
    (lambda: np.sum(x, out=np.zeros(())), TypeError, "Ops make new tensors|an array cannot keep the history"),
    (lambda: tg.sum(x, dtype=int), TypeError, "sum: expected a floating dtype.*astype"),
    (lambda: tg.var(x, ddof=1, correction=1), ValueError, "var: expected ddof or correction"),
    (lambda: tg.max(Tensor([])), ValueError, "max: expected at least one element .* initial"),
    (
        lambda: tg.cov(x, aweights=Tensor([1.0] * 3, requires_grad=True)),
        ValueError,
        "cov: expected aweights without a gra",
    ),
    (lambda: tg.quantile(Tensor([]), 0.5), ValueError, "quantile: expected at least one element"),
    (lambda: tg.quantile(x, 1.5), ValueError, r"quantile: expected quantiles in 0\.\.1"),
    (lambda: tg.quantile(x, 0.5, method="exact"), ValueError, "quantile: expected a method among linear.*'exact'"),
    (lambda: tg.sum(x, where=np.ones(4, bool)), ValueError, r"sum: expected a mask of bools as where.*shape \(4,\)"),
    (lambda: tg.nansum(x, where=np.ones(4, bool)), ValueError, r"nansum: expected a mask of bools as where"),
    (lambda: tg.mean(x, where=[1, 0, 1]), TypeError, r"mean: expected a mask of bools as where.*got int64"),
    (lambda: tg.nanmax(x, axis=2), AxisError, "nanmax: expected an axis"),
    (lambda: tg.select([x], [x]), TypeError, "select: expected conditions of bools, but got float64 as condlist"),
    (lambda: tg.average(x, weights=tg.zeros((2, 3))), ZeroDivisionError, "average: expected weights with a sum that"),
    (lambda: tg.interp(x, [0.0, 1.0], [0.0, 1.0], period=0), ValueError, "interp: expected a period that is not 0"),
    (lambda: tg.trapezoid(x, [0.0, 1.0]), ValueError, "trapezoid: expected one coordinate for each of the 3 samples"),
    (lambda: tg.diff(x, 1.5), ValueError, "diff: expected a whole n >= 0"),
    (lambda: tg.floor(), TypeError, r"floor: missing the argument x\. Call it as floor\(x\)"),
    (lambda: tg.isnan(x, where=True), TypeError, "isnan: got an unexpected argument where=True. Use tg.where"),
    (lambda: tg.sign(None), TypeError, "sign: expected a Tensor, an array or a number as x, but got None"),
    (lambda: tg.max(None), TypeError, "max: expected a Tensor, an array or a number as a, but got None"),
    (lambda: tg.exp({}), TypeError, "exp: expected a Tensor, an array or a number as x, but got {}"),
    (lambda: ~x, TypeError, "invert: expected numbers of a dtype that it knows, but got x of float64"),
    (lambda: tg.take(x, [0.5]), TypeError, "take: expected integer indices, but got float64"),
    (lambda: tg.take(x, [0], axis=2), AxisError, "take: expected an axis in"),
    (lambda: tg.take_along_axis(x, [[0]], axis=2), AxisError, "take_along_axis: expected an axis in"),
    (lambda: tg.sort(x, kind="bubble"), ValueError, "sort: expected kind 'quicksort'.*but got 'bubble'"),
    (lambda: tg.argsort(x, kind="bubble"), ValueError, "argsort: expected kind"),
    (lambda: tg.maximum(x, Tensor([1.0, 2.0])), ValueError, "maximum: expected shapes that broadcast"),
    (lambda: tg.clip(x, Tensor([1.0, 2.0])), ValueError, r"clip: expected shapes that broadcast .* low \(2,\)"),
    (lambda: tg.clip(x, 0, min=0), TypeError, "clip: .* both names"),
    (lambda: tg.select([x > 0], []), ValueError, "select: expected as many choices as conditions"),
    (lambda: tg.gelu(x, "erf"), ValueError, "gelu: expected approximate='none' or 'tanh'"),
    (lambda: tg.nan_to_num(x, copy=False), ValueError, "nan_to_num: expected copy=True"),
    (lambda: tg.diff(x, -1), ValueError, "diff: expected a whole n >= 0"),
    (lambda: tg.gradient(Tensor([1.0])), ValueError, "gradient: expected at least 2 samples"),
    (lambda: tg.interp(x, [1.0, 2.0], [1.0]), ValueError, "interp: expected xp and fp of one shape"),
    (lambda: tg.average(x, weights=[1.0]), ValueError, "average: expected weights of shape"),
    (lambda: tg.recurrence(x, x[0]), ValueError, "recurrence: expected arrays of one shape"),
    (lambda: tg.standardize(tg.zeros((0, 3)), 0), ValueError, "standardize: expected at least one element"),
    (lambda: tg.one_hot([0.5]), TypeError, "one_hot: expected integer labels"),
    (lambda: tg.one_hot([3], 3), ValueError, r"one_hot: expected labels in 0\.\.2 \(3 classes\), but got 3 at index 0"),
    (lambda: tg.one_hot(np.zeros(0, int)), ValueError, "one_hot: expected a label"),
    (lambda: tg.dropout(x, np.ones((2, 3), bool), p=1.5), ValueError, r"dropout: expected a probability p in 0\.\.1"),
    (lambda: tg.linear(x, tg.zeros((4, 2))), ValueError, "linear: expected an input with in_features=2 as its last"),
    (lambda: tg.linear(x, tg.zeros(3)), ValueError, "linear: expected a weight of shape"),
    (lambda: tg.linear(x, tg.zeros((4, 3)), tg.zeros(3)), ValueError, r"linear: expected a bias of shape \(4,\)"),
    # ---- losses ----
    (lambda: tg.mse_loss(x, x[:, :1]), ValueError, "mse_loss: expected input and target of one shape"),
    (lambda: tg.l1_loss(x, x, "max"), ValueError, "l1_loss: expected reduction="),
    (lambda: tg.cross_entropy(scores, [1, 3]), ValueError, r"cross_entropy: expected labels in 0\.\.2 .* 3 at index 1"),
    (
        lambda: tg.cross_entropy(scores, [1, -1]),
        ValueError,
        r"cross_entropy: expected labels in 0\.\.2 .* -1 at index 1",
    ),
    (lambda: tg.cross_entropy(scores, [1.0, 2.0]), TypeError, "cross_entropy: expected integer labels"),
    (lambda: tg.cross_entropy(scores, [1.0, np.nan]), TypeError, "cross_entropy: expected integer labels"),
    (lambda: tg.cross_entropy(scores, [True, False]), TypeError, "cross_entropy: expected integer labels"),
    (
        lambda: tg.cross_entropy(scores, [1]),
        ValueError,
        "cross_entropy: expected one label for each sample",
    ),
    (lambda: tg.cross_entropy(scores, scores.data + 2), ValueError, "cross_entropy: expected class probabilities"),
    (lambda: tg.cross_entropy(scores, scores.data + np.nan), ValueError, "cross_entropy: .* got nan at index"),
    (lambda: tg.cross_entropy(scores, [0, 1], label_smoothing=2), ValueError, "expected label_smoothing in"),
    (lambda: tg.cross_entropy(Tensor(1.0), 0), ValueError, "cross_entropy: expected an axis of classes"),
    (lambda: tg.nll_loss(scores, [0, 5]), ValueError, "nll_loss: expected labels in"),
    (lambda: tg.binary_cross_entropy(x, x), ValueError, "binary_cross_entropy: expected targets in"),
    (lambda: tg.binary_cross_entropy(x, scores), ValueError, r"binary_cross_entropy: expected probabilities in 0\.\.1"),
    (lambda: tg.binary_cross_entropy(scores, scores + np.nan), ValueError, "targets in .* got nan"),
    (lambda: tg.binary_cross_entropy_with_logits(x, x), ValueError, "expected targets in"),
]


@pytest.mark.parametrize(("call", "kind", "text"), CASES, ids=[text[:40] for _, _, text in CASES])
def test_a_wrong_call_says_what_was_expected(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_losses_of_an_empty_batch_are_nothing_or_sum_to_0():
    none = np.zeros(0, int)
    assert tg.cross_entropy(scores[:0], none, reduction="sum").item() == 0
    assert tg.cross_entropy(scores[:0], none, reduction="none").shape == (0,)
    assert tg.mse_loss(x[:0], x[:0], "sum").item() == 0


def test_arguments_by_place_and_by_name():
    a = np.arange(6.0).reshape(2, 3)
    assert tg.sum(Tensor(a), 0).tolist() == tg.sum(a=Tensor(a), axis=0).tolist() == a.sum(0).tolist()
    assert tg.clip(Tensor(a), 1, 2).tolist() == tg.clip(Tensor(a), a_min=1, a_max=2).tolist()
    assert np.clip(Tensor(a), min=1).tolist() == np.clip(a, 1, None).tolist()
    assert np.max(Tensor(a), axis=1, keepdims=True).tolist() == [[2], [5]]
    assert np.var(Tensor(a), 0, ddof=1).tolist() == np.var(a, 0, ddof=1).tolist()
    assert np.median(Tensor(a), axis=0).tolist() == np.median(a, axis=0).tolist()
    assert np.i0(Tensor(a)).round(6).tolist() == np.i0(a).round(6).tolist()


def test_operators_of_whole_numbers_and_bits():
    a, b = Tensor([7, -7]), Tensor([True, False])
    assert (a % 4).tolist() == [3, 1]
    assert (a // 4).tolist() == [1, -2]
    assert [t.tolist() for t in divmod(a, 4)] == [[1, -2], [3, 1]]
    assert (9 % Tensor([4.0])).tolist() == [1]
    assert (b & True).tolist() == (b | False).tolist() == (~~b).tolist() == [True, False]
    assert (a << 1 >> 1).tolist() == [7, -7]
    assert round(Tensor([1.26]), 1).tolist() == Tensor([1.3]).tolist()
