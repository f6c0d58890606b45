import copy
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
from tinygrad_edu.testing.strategies import arrays

TABLE = np.random.default_rng(0).normal(size=(5, 3))


@pytest.mark.parametrize("ids", [2, [], [4, 0, 4], [[0, 1], [1, 2]]])
def test_each_number_is_replaced_by_its_row(ids):
    layer = nn.Embedding(5, 3, _weight=TABLE, dtype="float64")
    y = layer(np.array(ids, int))
    wanted = [TABLE[i].tolist() for i in np.ravel(ids).astype(int)]
    assert y.data.reshape(-1, 3).tolist() == wanted
    assert y.shape == (*np.shape(ids), 3)


def test_it_is_the_product_with_one_hot_rows():
    ids = np.array([[0, 4], [2, 2]])
    np.testing.assert_array_equal(F.embedding(ids, TABLE), F.one_hot(ids, 5) @ TABLE)


@given(ids=arrays((40,), 0, 4, dtype=int), padding_idx=st.sampled_from([None, 0, -1]))
def test_the_gradient_of_a_row_is_the_sum_over_its_uses_and_0_for_padding(ids, padding_idx):
    weight = tg.Tensor(TABLE, requires_grad=True)
    g = np.random.default_rng(1).normal(size=(40, 3))
    F.embedding(ids, weight, padding_idx).backward(g)
    wanted = np.zeros((5, 3))
    for i, row in zip(ids, g, strict=True):
        wanted[i] += 0 if padding_idx is not None and i == padding_idx % 5 else row
    np.testing.assert_allclose(weight.grad, wanted, rtol=1e-12, atol=1e-12)


def test_two_uses_of_one_table_share_a_gradient():
    weight = tg.Tensor(TABLE, requires_grad=True)
    y = F.embedding([1, 1], weight).sum() + (F.embedding([1, 3], weight, padding_idx=3) * 2).sum()
    y.backward()
    np.testing.assert_array_equal(weight.grad[:, 0], [0, 4, 0, 0, 0])


def test_gradients_to_second_order():
    check_gradients(lambda w: F.embedding([[0, 1], [1, 4]], w) ** 3, TABLE, order=2)
    check_gradients(lambda w: F.embedding([2, 1, 1], w, padding_idx=0) ** 3, TABLE, order=2)


def test_scaled_by_frequency_each_row_gets_the_mean_over_its_uses():
    weight = tg.Tensor(TABLE, requires_grad=True)
    ids, g = np.array([1, 2, 1, 1]), np.arange(12.0).reshape(4, 3)
    y = F.embedding(ids, weight, scale_grad_by_freq=True)
    np.testing.assert_array_equal(y.data, TABLE[ids])
    y.backward(g)
    np.testing.assert_allclose(weight.grad[1], g[[0, 2, 3]].mean(0))
    np.testing.assert_allclose(weight.grad[2], g[1])


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0])
def test_rows_that_are_read_and_too_long_are_shortened_in_place(norm_type):
    layer = nn.Embedding(5, 3, max_norm=1.0, norm_type=norm_type, _weight=TABLE, dtype="float64")
    y = layer([1, 2, 1])
    for i in range(5):
        length = math.fsum(abs(v) ** norm_type for v in TABLE[i]) ** (1 / norm_type)
        factor = min(1, 1 / (length + 1e-7)) if i in (1, 2) else 1
        np.testing.assert_allclose(layer.weight.data[i], TABLE[i] * factor, rtol=1e-7)
    np.testing.assert_array_equal(y.data[0], layer.weight.data[1])


def test_shortening_is_noticed_by_a_graph_that_needs_the_old_numbers():
    layer = nn.Embedding(5, 3, max_norm=0.1)
    loss = (layer.weight**2).sum()
    layer([0])
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_padding_starts_at_0_and_stays_there_in_training():
    layer = nn.Embedding(5, 3, padding_idx=-2)
    assert layer.padding_idx == 3
    optimizer = tg.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        (layer([0, 3, 3]) + 1).sum().backward()
        optimizer.step()
    assert not layer.weight.data[3].any()
    assert layer.weight.data[0].all()


def test_pretrained_vectors_are_copied_frozen_and_kept_where_there_is_padding():
    layer = nn.Embedding.from_pretrained(TABLE, padding_idx=0)
    np.testing.assert_array_equal(layer.weight.data, TABLE)
    assert layer.weight.dtype == np.float64
    assert not layer([1]).requires_grad
    assert nn.Embedding.from_pretrained(TABLE, freeze=False).weight.requires_grad
    assert not nn.Embedding(5, 3, _freeze=True).weight.requires_grad
    bag = nn.EmbeddingBag.from_pretrained(TABLE, mode="sum")
    assert bag.mode == "sum"
    assert not np.shares_memory(bag.weight.data, TABLE)


def bag_by_hand(ids, starts, mode, weights=None, padding_idx=None):
    """One row for each bag, in plain loops."""
    found = []
    ends = [*starts[1:], len(ids)]
    for start, end in zip(starts, ends, strict=True):
        rows = [
            TABLE[ids[k]] * (1 if weights is None else weights[k]) for k in range(start, end) if ids[k] != padding_idx
        ]
        columns = [[row[c] for row in rows] for c in range(3)]
        if not rows:
            found.append([0.0] * 3)
        else:
            reduce = {"sum": math.fsum, "max": max, "mean": lambda xs: math.fsum(xs) / len(xs)}[mode]
            found.append([reduce(c) for c in columns])
    return np.array(found).reshape(-1, 3)


IDS, STARTS = np.array([0, 1, 1, 4, 2, 2, 3]), [0, 3, 3, 5]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding_idx", [None, 2, 1])
def test_a_bag_is_the_sum_mean_or_maximum_of_its_rows(mode, padding_idx):
    def f(weight):
        return F.embedding_bag(IDS, weight, STARTS, mode=mode, padding_idx=padding_idx)

    np.testing.assert_allclose(f(TABLE), bag_by_hand(IDS, STARTS, mode, padding_idx=padding_idx), rtol=1e-12)
    check_gradients(lambda w: f(w) ** 2, TABLE, order=2)
    ends = F.embedding_bag(IDS, TABLE, [*STARTS, 7], mode=mode, padding_idx=padding_idx, include_last_offset=True)
    np.testing.assert_array_equal(ends, f(TABLE))


def test_weights_of_the_samples_multiply_the_rows_and_are_learned():
    weights = np.random.default_rng(1).normal(size=7)
    y = F.embedding_bag(IDS, TABLE, STARTS, mode="sum", per_sample_weights=weights)
    np.testing.assert_allclose(y, bag_by_hand(IDS, STARTS, "sum", weights), rtol=1e-12)

    def f(table, weights):
        return F.embedding_bag(IDS, table, STARTS, mode="sum", per_sample_weights=weights)

    check_gradients(f, TABLE, weights, order=2)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_rows_of_numbers_are_bags_of_one_length(mode):
    layer = nn.EmbeddingBag(5, 3, mode=mode, _weight=TABLE, dtype="float64")
    ids = np.array([[0, 1], [3, 3]])
    np.testing.assert_allclose(layer(ids).data, bag_by_hand(ids.ravel(), [0, 2], mode), rtol=1e-12)
    np.testing.assert_array_equal(layer(ids).data, layer(ids.ravel(), np.array([0, 2])).data)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_empty_bags_are_0_and_get_no_gradient(mode):
    weight = tg.Tensor(TABLE, requires_grad=True)
    y = F.embedding_bag(np.zeros(0, int), weight, [0, 0], mode=mode)
    assert y.tolist() == [[0.0] * 3] * 2
    y.sum().backward()
    assert not weight.grad.any()
    assert F.embedding_bag(np.zeros((2, 0), int), weight, mode=mode).tolist() == [[0.0] * 3] * 2
    assert F.embedding_bag(np.zeros(0, int), weight, np.zeros(0, int), mode=mode).shape == (0, 3)


def test_of_equal_numbers_the_first_is_the_maximum():
    weight = tg.Tensor(np.ones((3, 2)), requires_grad=True)
    F.embedding_bag([2, 0, 1], weight, [0], mode="max").sum().backward()
    assert weight.grad.tolist() == [[0, 0], [0, 0], [1, 1]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Embedding(5, 3, padding_idx=1, max_norm=2.0),
        lambda: nn.EmbeddingBag(5, 3, mode="max", padding_idx=1),
    ],
)
def test_state_copies_and_dtype(make):
    layer, ids = make(), np.array([[0, 1], [4, 4]])
    assert list(layer.state_dict()) == ["weight"]
    assert layer(ids).dtype == np.float32
    assert layer.eval()(ids).tolist() == layer.train()(ids).tolist()
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), make()):
        twin.load_state_dict(layer.state_dict())
        assert twin(ids).tolist() == layer(ids).tolist()
        assert repr(twin) == repr(layer)
    assert layer.double()(ids).dtype == np.float64


def test_reprs_are_pytorchs():
    assert repr(nn.Embedding(5, 3)) == "Embedding(5, 3)"
    layer = nn.Embedding(5, 3, -1, 1.0, 3.0, True)
    assert repr(layer) == "Embedding(5, 3, padding_idx=4, max_norm=1.0, norm_type=3.0, scale_grad_by_freq=True)"
    assert repr(nn.EmbeddingBag(5, 3, padding_idx=1)) == "EmbeddingBag(5, 3, mode='mean', padding_idx=1)"


BAG = [[0, 1], TABLE]


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: nn.Embedding(5, 3)([[0, 1], [2, 5]]), IndexError,
         r"embedding: expected indices in 0..4 \(5 embeddings\), but got 5 at index \(1, 1\)"),
        (lambda: nn.Embedding(5, 3)(np.array([0, -1])), IndexError, "but got -1 at index 1"),
        (lambda: nn.Embedding(5, 3)(7), IndexError, "but got 7"),
        (lambda: nn.Embedding(0, 3)([0]), IndexError, "expected no indices, as there are no embeddings"),
        (lambda: nn.Embedding(5, 3)([0.5]), TypeError, "embedding: expected integers as indices, but got float64"),
        (lambda: nn.Embedding(5, 3, padding_idx=5), ValueError, r"Embedding: expected padding_idx in -5..4"),
        (lambda: F.embedding([0], TABLE, padding_idx=-6), ValueError, "embedding: expected padding_idx in -5..4"),
        (lambda: nn.Embedding(5, 3, sparse=True), NotImplementedError, "Embedding: expected sparse=False"),
        (lambda: nn.Embedding(5, 3, _weight=TABLE.T), ValueError, r"expected a _weight of shape \(5, 3\)"),
        (lambda: nn.Embedding.from_pretrained(TABLE[0]), ValueError, r"Embedding.from_pretrained: expected"),
        (lambda: nn.Embedding(-1, 3), ValueError, "expected num_embeddings of at least 0, but got -1"),
        (lambda: F.embedding([0], TABLE[0]), ValueError, r"expected a weight of shape \(num_embeddings"),
        (lambda: F.embedding_bag([0, 9], TABLE, [0]), IndexError, "embedding_bag: expected indices .* 9 at index 1"),
        (lambda: F.embedding_bag(*BAG), ValueError, r"or \(l,\) with offsets, but got shape \(2,\) without offsets"),
        (lambda: F.embedding_bag([[0]], TABLE, [0]), ValueError, r"but got shape \(1, 1\) with offsets"),
        (lambda: F.embedding_bag(*BAG, [1]), ValueError, r"begin at 0 and do not fall, up to 2, .* but got \[1\]"),
        (lambda: F.embedding_bag(*BAG, [0, 2, 1]), ValueError, "do not fall"),
        (lambda: F.embedding_bag(*BAG, [0, 3]), ValueError, "up to 2"),
        (lambda: F.embedding_bag(*BAG, [0.0]), ValueError, "expected offsets as whole numbers"),
        (lambda: F.embedding_bag(*BAG, [0], mode="min"), ValueError, "expected one of sum, mean, max as mode"),
        (lambda: F.embedding_bag(*BAG, [0], mode="max", scale_grad_by_freq=True), ValueError, "scale_grad_by_freq"),
        (lambda: F.embedding_bag(*BAG, [0], per_sample_weights=np.ones(2)), NotImplementedError, "mode 'sum' only"),
        (lambda: F.embedding_bag(*BAG, [0], mode="sum", per_sample_weights=np.ones(3)), ValueError, r"shape .* \(3,\)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
