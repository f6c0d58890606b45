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

RNG = np.random.default_rng(0)
SEEDS = st.integers(0, 2**32 - 1)


def normal(*shape):
    return RNG.normal(size=shape)


def attended(q, k, v, allowed=None, scale=None):
    """One query after another, by the math module: (t, e), (s, e), (s, f) -> (t, f) and the weights (t, s)."""
    scale = 1 / math.sqrt(q.shape[1]) if scale is None else scale
    weights = np.zeros((len(q), len(k)))
    for i, j in np.ndindex(weights.shape):
        if allowed is None or allowed[i, j]:
            weights[i, j] = math.exp(scale * sum(q[i] * k[j]))
    sums = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)
    return np.array([sum(w * v[j] for j, w in enumerate(row)) for row in weights]), weights


# ---- scaled_dot_product_attention ----


def test_attention_is_a_mean_of_the_values_by_how_keys_fit():
    q, k, v = normal(4, 3), normal(5, 3), normal(5, 2)
    np.testing.assert_allclose(F.scaled_dot_product_attention(q, k, v), attended(q, k, v)[0], rtol=1e-12)
    wanted = attended(q, k, v, scale=0.3)[0]
    np.testing.assert_allclose(F.scaled_dot_product_attention(q, k, v, scale=0.3), wanted, rtol=1e-12)


@given(SEEDS, st.integers(1, 4), st.integers(2, 5))
def test_a_key_that_is_masked_might_as_well_not_be_there(seed, t, s):
    rng = np.random.default_rng(seed)
    q, k, v = rng.normal(size=(2, t, 3)), rng.normal(size=(2, s, 3)), rng.normal(size=(2, s, 3))
    there = rng.random(s) < 0.6
    there[rng.integers(s)] = True
    wanted = F.scaled_dot_product_attention(q, k[:, there], v[:, there])
    for mask in (np.broadcast_to(there, (t, s)), np.where(there, 0.0, -np.inf)[None]):
        np.testing.assert_allclose(F.scaled_dot_product_attention(q, k, v, mask), wanted, rtol=1e-9, atol=1e-12)


@given(SEEDS, st.integers(1, 5), st.integers(1, 5))
def test_causal_attention_is_attention_to_each_prefix(seed, t, s):
    rng = np.random.default_rng(seed)
    q, k, v = rng.normal(size=(t, 3)), rng.normal(size=(s, 3)), rng.normal(size=(s, 2))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    for i in range(t):
        prefix = F.scaled_dot_product_attention(q[i : i + 1], k[: i + 1], v[: i + 1])
        np.testing.assert_allclose(y[i], prefix[0], rtol=1e-9, atol=1e-12)


@given(SEEDS, st.integers(1, 5))
def test_the_order_of_keys_means_nothing_and_that_of_queries_moves_along(seed, n):
    rng = np.random.default_rng(seed)
    x, order = rng.normal(size=(n, 4)), rng.permutation(n)
    y = F.scaled_dot_product_attention(x, x, x)
    np.testing.assert_allclose(F.scaled_dot_product_attention(x, x[order], x[order]), y, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(F.scaled_dot_product_attention(*[x[order]] * 3), y[order], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_query_that_may_attend_to_nothing_gets_0_and_no_gradient(dtype):
    q, k, v = (tg.Tensor(normal(3, 2), dtype=dtype, requires_grad=True) for _ in range(3))
    mask = np.array([[True, True, False], [False, False, False], [True, False, False]])
    y = F.scaled_dot_product_attention(q, k, v, mask)
    assert (y.dtype, y[1].tolist()) == (np.dtype(dtype), [0.0, 0.0])
    np.testing.assert_allclose(y.data, attended(q.data, k.data, v.data, mask)[0], rtol=1e-5)
    first = tg.grad((y * y).sum(), [q, k, v], create_graph=True)
    second = tg.grad(sum((g * g).sum() for g in first), [q, k, v])
    assert all(np.isfinite(g.data).all() for g in (*first, *second))
    assert first[0][1].tolist() == [0.0, 0.0]
    assert first[2][2].tolist() == [0.0, 0.0]  # nobody looks at the last value


def test_large_scores_do_not_overflow():
    q = tg.Tensor([[1000.0, 0.0]], requires_grad=True)
    y = F.scaled_dot_product_attention(q, tg.Tensor([[1000.0, 0.0], [-1000.0, 0.0]]), tg.Tensor([[1.0], [2.0]]))
    y.sum().backward()
    assert y.tolist() == [[1.0]]
    assert np.isfinite(q.grad).all()


def test_gradients_of_attention_with_masks_to_second_order():
    q, k, v, bias = normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 2), normal(3, 4)
    mask = np.tri(3, 4) > 0
    check_gradients(F.scaled_dot_product_attention, q, k, v, bias, order=2)
    check_gradients(lambda *qkv: F.scaled_dot_product_attention(*qkv, mask), q, k, v, order=2)
    check_gradients(lambda *qkv: F.scaled_dot_product_attention(*qkv, is_causal=True), q, k, v, order=2)


def test_grouped_queries_share_keys_and_values():
    q, k, v = normal(2, 6, 4, 3), normal(2, 3, 5, 3), normal(2, 3, 5, 2)
    y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    for n, h in np.ndindex(2, 6):
        np.testing.assert_allclose(y[n, h], attended(q[n, h], k[n, h // 2], v[n, h // 2])[0], rtol=1e-12)


def test_dropout_drops_weights_and_keeps_their_expected_value():
    tg.manual_seed(0)
    q, k, v = np.zeros((20000, 1, 2), "float32"), normal(4, 2), np.eye(4)
    y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.25)
    np.testing.assert_allclose(np.unique(y.round(6)), [0, round(0.25 / 0.75, 6)])
    np.testing.assert_allclose(y.mean(axis=0), np.full((1, 4), 0.25), atol=0.01)


@pytest.mark.parametrize("shape", [(0, 3, 2), (2, 0, 2), (2, 3, 0)])
def test_attention_of_nothing(shape):
    x = tg.Tensor(np.ones(shape), requires_grad=True)
    y = F.scaled_dot_product_attention(x, x, x)
    y.sum().backward()
    assert y.shape == x.grad.shape == shape


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda q, k: F.scaled_dot_product_attention(q, k[..., :2], k),
            ValueError,
            r"a query .* key \(5, 2\)",
        ),
        (lambda q, k: F.scaled_dot_product_attention(q, k, k[:3]), ValueError, r"expected a query .* value \(3, 3\)"),
        (lambda q, k: F.scaled_dot_product_attention(q[0], k, k), ValueError, r"but got query \(3,\)"),
        (lambda q, k: F.scaled_dot_product_attention(q, k, k, k), ValueError, r"broadcasts to the scores \(4, 5\)"),
        (lambda q, k: F.scaled_dot_product_attention(q, k, k, np.ones((4, 5), int)), TypeError, r"attn_mask of bools"),
        (
            lambda q, k: F.scaled_dot_product_attention(q, k, k, np.ones((4, 5), bool), is_causal=True),
            ValueError,
            "expected attn_mask or is_causal, but got both",
        ),
        (lambda q, k: F.scaled_dot_product_attention(q, k, k, dropout_p=2.0), ValueError, r"dropout_p in 0..1"),
        (
            lambda q, k: F.scaled_dot_product_attention(q[None], k, k, enable_gqa=True),
            ValueError,
            r"expected the heads of the query, its axis -3, to be a multiple of those of the key",
        ),
        (lambda q, k: F.scaled_dot_product_attention([1.0], k, k), TypeError, "expected a Tensor or an array"),
    ],
)
def test_what_does_not_fit_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call(normal(4, 3), normal(5, 3))


# ---- MultiheadAttention ----


def made(*args, **options):
    """A layer in float64 whose biases are not 0."""
    layer = nn.MultiheadAttention(*args, **options).double()
    for p in layer.parameters():
        p.data = normal(*p.shape)
    return layer


def by_hand(layer, query, key, value, allowed=None):
    """One sample, (t, d): a loop over the heads, each with its rows of the projections."""
    d, e = layer.embed_dim, layer.head_dim
    state = layer.state_dict()
    w = state.get("in_proj_weight")
    ws = [state[f"{x}_proj_weight"] for x in "qkv"] if w is None else [w[i * d : (i + 1) * d] for i in range(3)]
    b = state.get("in_proj_bias", np.zeros(3 * d)).reshape(3, d)
    q, k, v = (x @ ws[i].T + b[i] for i, x in enumerate((query, key, value)))
    if "bias_k" in state:
        k, v = np.vstack([k, state["bias_k"][0]]), np.vstack([v, state["bias_v"][0]])
    if layer.add_zero_attn:
        k, v = np.vstack([k, np.zeros(d)]), np.vstack([v, np.zeros(d)])
    if allowed is not None:
        allowed = np.hstack([allowed, np.ones((len(q), len(k) - len(key)), bool)])
    heads = [attended(*(x[:, i * e : (i + 1) * e] for x in (q, k, v)), allowed) for i in range(layer.num_heads)]
    y = np.hstack([y for y, _ in heads]) @ state["out_proj.weight"].T + state.get("out_proj.bias", 0)
    return y, np.array([w for _, w in heads])


OPTIONS = [
    {},
    {"bias": False},
    {"kdim": 5, "vdim": 7},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"bias": False, "kdim": 5, "add_bias_kv": True, "add_zero_attn": True},
]


def inputs(layer, *batch):
    return normal(*batch, 4, layer.embed_dim), normal(*batch, 5, layer.kdim), normal(*batch, 5, layer.vdim)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_head_attends_on_its_own(options):
    layer = made(6, 3, batch_first=True, **options)
    xs = inputs(layer, 2)
    there = np.array([[True] * 5, [True, False, True, True, False]])
    forbidden = np.triu(np.ones((4, 5), bool), 2)
    y, w = layer(*map(tg.Tensor, xs), attn_mask=forbidden, key_padding_mask=~there, average_attn_weights=False)
    fast, none = layer(*map(tg.Tensor, xs), attn_mask=forbidden, key_padding_mask=~there, need_weights=False)
    for n in range(2):
        wanted, weights = by_hand(layer, *(x[n] for x in xs), allowed=~forbidden & there[n])
        np.testing.assert_allclose(y.data[n], wanted, rtol=1e-9)
        np.testing.assert_allclose(fast.data[n], wanted, rtol=1e-9)
        np.testing.assert_allclose(w.data[n], weights, rtol=1e-9)
    assert none is None
    mean = layer(*xs, attn_mask=forbidden, key_padding_mask=~there)[1]
    np.testing.assert_allclose(mean.data, w.data.mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_batch_first_or_second_or_missing(options):
    layer = made(6, 2, **options)
    xs = inputs(layer, 3)
    y, w = layer(*(x.swapaxes(0, 1) for x in xs))
    for n in range(3):
        alone, weights = layer(*(x[n] for x in xs))
        np.testing.assert_allclose(alone.data, y.data[:, n], rtol=1e-9)
        np.testing.assert_allclose(weights.data, w.data[n], rtol=1e-9)
    layer.batch_first = True
    np.testing.assert_allclose(layer(*xs)[0].data.swapaxes(0, 1), y.data, rtol=1e-9)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("options", [{}, {"kdim": 3, "vdim": 5, "add_bias_kv": True, "add_zero_attn": True}], ids=str)
def test_gradients_of_multihead_attention_to_second_order(options, need_weights):
    layer = made(4, 2, **options)
    q, k, v = normal(2, 1, 4), normal(3, 1, layer.kdim), normal(3, 1, layer.vdim)
    padding = np.array([[False, True, False]])
    call = lambda *x: layer(*x, need_weights=need_weights, key_padding_mask=padding)[0]  # noqa: E731
    check_gradients(call, q, k, v, order=2)
    fast = tg.grad((layer(q, k, v, need_weights=False)[0] ** 2).sum(), list(layer.parameters()))
    slow = tg.grad((layer(q, k, v)[0] ** 2).sum(), list(layer.parameters()))
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-9, atol=1e-12)


def test_masks_of_bools_and_of_floats_say_the_same():
    layer = made(4, 2, batch_first=True)
    x, forbidden, padding = normal(3, 5, 4), RNG.random((6, 5, 5)) < 0.3, RNG.random((3, 5)) < 0.3
    forbidden[:, :, 0], padding[:, 0] = False, False
    y = layer(x, x, x, attn_mask=forbidden, key_padding_mask=padding)[0]
    floats = [np.where(mask, -np.inf, 0.0) for mask in (forbidden, padding)]
    np.testing.assert_array_equal(layer(x, x, x, attn_mask=floats[0], key_padding_mask=floats[1])[0].data, y.data)
    single = layer(x[1:2], x[1:2], x[1:2], attn_mask=forbidden[2:4], key_padding_mask=padding[1:2])[0]
    np.testing.assert_allclose(single.data, y.data[1:2], rtol=1e-9)


def test_a_sample_that_is_all_padding_gets_the_bias_of_the_last_projection():
    layer = made(4, 2, batch_first=True)
    x = normal(2, 3, 4)
    for need_weights in (True, False):
        padding = np.array([[False] * 3, [True] * 3])
        y, w = layer(x, x, x, key_padding_mask=padding, need_weights=need_weights)
        np.testing.assert_allclose(y.data[1], np.tile(layer.out_proj.bias.data, (3, 1)))
        assert w is None or w.data[1].tolist() == [[0.0] * 3] * 3


def test_static_keys_and_values_take_the_place_of_the_projected_ones():
    layer = made(4, 2)
    x, k, v = normal(3, 1, 4), normal(2, 5, 2), normal(2, 5, 2)
    state = layer.state_dict()
    names = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    w, b, out_w, out_b = (state[name] for name in names)
    arguments = (x, x, x, 4, 2, w, b, None, None, False, 0.0, out_w, out_b)
    y, _ = F.multi_head_attention_forward(*arguments, static_k=k, static_v=v)
    q = x[:, 0] @ w[:4].T + b[:4]
    heads = [attended(q[:, 2 * i : 2 * i + 2], k[i], v[i])[0] for i in range(2)]
    np.testing.assert_allclose(y[:, 0], np.hstack(heads) @ out_w.T + out_b, rtol=1e-9)


def test_weights_are_dropped_in_training_only():
    tg.manual_seed(0)
    layer = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True)
    x = tg.randn(4, 6, 8)
    w = layer(x, x, x, average_attn_weights=False)[1]
    assert 0.3 < (w.data == 0).mean() < 0.7
    a, b = (layer(x, x, x, need_weights=False)[0].data for _ in range(2))
    assert not np.array_equal(a, b)
    layer.eval()
    a, b = (layer(x, x, x, need_weights=needed)[0].data for needed in (True, False))
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer(x, x, x)[1].data.sum(axis=-1), 1, rtol=1e-5)


def test_parameters_have_the_names_shapes_and_start_of_pytorch():
    layer = nn.MultiheadAttention(6, 3, add_bias_kv=True)
    shapes = {name: array.shape for name, array in layer.state_dict().items()}
    assert list(shapes.items()) == [
        ("in_proj_weight", (18, 6)),
        ("in_proj_bias", (18,)),
        ("bias_k", (1, 1, 6)),
        ("bias_v", (1, 1, 6)),
        ("out_proj.weight", (6, 6)),
        ("out_proj.bias", (6,)),
    ]
    assert not layer.in_proj_bias.data.any()
    assert not layer.out_proj.bias.data.any()
    assert np.abs(layer.in_proj_weight.data).max() <= math.sqrt(6 / (18 + 6))
    names = list(nn.MultiheadAttention(6, 3, kdim=5, bias=False).state_dict())
    assert names == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"]


def test_repr_is_that_of_pytorch():
    text = "NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)"
    assert repr(nn.MultiheadAttention(4, 2)) == f"MultiheadAttention(\n  (out_proj): {text}\n)"


def test_copies_and_states_compute_the_same():
    layer, x = made(4, 2), normal(3, 2, 4)
    other = made(4, 2)
    other.load_state_dict(layer.state_dict())
    for same in (other, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(same(x, x, x)[0].data, layer(x, x, x)[0].data)


def test_dtypes_stay():
    layer, x = nn.MultiheadAttention(4, 2), tg.randn(3, 2, 4)
    for needed in (True, False):
        y, _ = layer(x, x, x, attn_mask=np.zeros((3, 3)), need_weights=needed)
        assert y.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.MultiheadAttention(6, 4), ValueError, "embed_dim to be a multiple of num_heads, but got 6 and 4"),
        (lambda: nn.MultiheadAttention(6, 0), ValueError, "num_heads of at least 1, but got 0"),
        (lambda: nn.MultiheadAttention(6, 2, dropout=1.5), ValueError, r"a probability dropout in 0..1, but got 1.5"),
        (lambda: attend(normal(3, 2, 5)), ValueError, r"query \(t, n, d\) or \(t, d\) with d = 6 .* \(3, 2, 5\)"),
        (lambda: attend(normal(3, 2, 6), normal(4, 1, 6)), ValueError, r"samples as the query, .* key \(4, 1, 6\)"),
        (lambda: attend(normal(3, 2, 6), normal(4, 6)), ValueError, r"samples as the query, .* key \(4, 6\)"),
        (lambda: attend(normal(3, 2, 6), normal(4, 2, 5)), ValueError, r"linear: expected .* in_features=6"),
        (
            lambda: attend(normal(3, 2, 6), attn_mask=np.zeros((2, 3))),
            ValueError,
            r"attn_mask of shape \(3, 3\), \(queries, keys\), or \(4, 3, 3\), .* shape \(2, 3\)",
        ),
        (
            lambda: attend(normal(3, 2, 6), key_padding_mask=np.zeros((3, 2), bool)),
            ValueError,
            r"key_padding_mask of shape \(2, 3\), \(samples, keys\), but got shape \(3, 2\)",
        ),
        (
            lambda: attend(normal(3, 2, 6), attn_mask=np.zeros((3, 3), int)),
            TypeError,
            "attn_mask of bools",
        ),
        (lambda: attend(normal(3, 2, 6), is_causal=True), ValueError, "expected attn_mask with is_causal"),
    ],
)
def test_what_does_not_fit_heads_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def attend(x, key=None, **options):
    key = x if key is None else key
    return nn.MultiheadAttention(6, 2)(x, key, key, **options)


def test_many_scores_on_several_cores_are_those_of_each_sample(monkeypatch):
    monkeypatch.setattr("tinygrad_edu.ops.attention._MANY", 1)
    monkeypatch.setattr("tinygrad_edu.ops.attention.cores", lambda: 3)
    inputs = [normal(5, 2, *shape) for shape in ((4, 3), (6, 3), (6, 2))]
    bias, g = normal(2, 4, 6), normal(5, 2, 4, 2)
    tensors = [tg.Tensor(x, requires_grad=True) for x in (*inputs, bias)]
    y = F.scaled_dot_product_attention(*tensors)
    y.backward(g)
    total = np.zeros_like(bias)
    for n in range(5):
        alone = [tg.Tensor(x, requires_grad=True) for x in (*(x[n] for x in inputs), bias)]
        part = F.scaled_dot_product_attention(*alone)
        part.backward(g[n])
        np.testing.assert_allclose(part.data, y.data[n], rtol=1e-12)
        for one, whole in zip(alone[:3], tensors[:3], strict=True):
            np.testing.assert_allclose(one.grad, whole.grad[n], rtol=1e-9, atol=1e-12)
        total += alone[3].grad
    np.testing.assert_allclose(tensors[3].grad, total, rtol=1e-9, atol=1e-12)
