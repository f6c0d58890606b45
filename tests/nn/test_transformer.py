import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


def filled(model):
    """The model in float64, its parameters drawn anew: norms and biases too."""
    for p in model.double().parameters():
        p.data = RNG.normal(0, 0.5, p.shape)
    return model


def encoder_layer(**options):
    return filled(nn.TransformerEncoderLayer(4, 2, 6, **{"dropout": 0.0, "batch_first": True, **options}))


def decoder_layer(**options):
    return filled(nn.TransformerDecoderLayer(4, 2, 6, **{"dropout": 0.0, "batch_first": True, **options}))


CAUSAL = np.triu(np.full((3, 3), -np.inf), 1)


def test_an_encoder_layer_is_attention_and_a_network_each_beside_a_connection():
    layer, x = encoder_layer(activation="gelu"), tg.Tensor(normal(2, 3, 4))
    a = layer.norm1(x + layer.self_attn(x, x, x)[0])
    wanted = layer.norm2(a + layer.linear2(F.gelu(layer.linear1(a))))
    np.testing.assert_allclose(layer(x).data, wanted.data, rtol=1e-9)


def test_the_norm_may_come_first():
    layer, x = encoder_layer(norm_first=True, activation=F.silu), tg.Tensor(normal(2, 3, 4))
    z = layer.norm1(x)
    a = x + layer.self_attn(z, z, z)[0]
    wanted = a + layer.linear2(F.silu(layer.linear1(layer.norm2(a))))
    np.testing.assert_allclose(layer(x).data, wanted.data, rtol=1e-9)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_decoder_layer_attends_to_itself_and_to_a_memory(norm_first):
    layer, x, m = decoder_layer(norm_first=norm_first), tg.Tensor(normal(2, 3, 4)), tg.Tensor(normal(2, 5, 4))
    padding = np.array([[False] * 5, [False] * 3 + [True] * 2])
    parts = [
        lambda x: layer.self_attn(x, x, x, attn_mask=CAUSAL)[0],
        lambda x: layer.multihead_attn(x, m, m, key_padding_mask=padding)[0],
        lambda x: layer.linear2(F.relu(layer.linear1(x))),
    ]
    wanted = x
    for part, norm in zip(parts, (layer.norm1, layer.norm2, layer.norm3), strict=True):
        wanted = wanted + part(norm(wanted)) if norm_first else norm(wanted + part(wanted))
    y = layer(x, m, tgt_mask=CAUSAL, tgt_is_causal=True, memory_key_padding_mask=padding)
    np.testing.assert_allclose(y.data, wanted.data, rtol=1e-9)


@pytest.mark.parametrize("norm_first", [False, True])
def test_gradients_of_the_layers_to_second_order(norm_first):
    x, m = normal(1, 3, 4), normal(1, 2, 4)
    encoder = encoder_layer(norm_first=norm_first, activation="gelu")
    decoder = decoder_layer(norm_first=norm_first, activation="gelu")
    check_gradients(lambda x: encoder(x, src_mask=CAUSAL), x, order=2)
    check_gradients(lambda x, m: decoder(x, m, tgt_mask=CAUSAL), x, m, order=2)


def test_batch_first_or_second_or_missing():
    x, m = normal(2, 3, 4), normal(2, 5, 4)
    for layer, inputs in ((encoder_layer(), (x,)), (decoder_layer(), (x, m))):
        y = layer(*inputs)
        np.testing.assert_allclose(layer(*(a[1] for a in inputs)).data, y.data[1], rtol=1e-9)
        for part in layer.children():
            if isinstance(part, nn.MultiheadAttention):
                part.batch_first = False
        np.testing.assert_allclose(layer(*(a.swapaxes(0, 1) for a in inputs)).data[:, 1], y.data[1], rtol=1e-9)


def test_without_a_mask_places_are_alike_and_with_the_causal_one_later_places_are_unseen():
    layer, x, order = encoder_layer(), normal(1, 3, 4), [2, 0, 1]
    np.testing.assert_allclose(layer(x[:, order]).data, layer(x).data[:, order], rtol=1e-9)
    other = x.copy()
    other[:, 2] += 1
    a, b = (layer(z, src_mask=CAUSAL, is_causal=True).data for z in (x, other))
    np.testing.assert_array_equal(a[:, :2], b[:, :2])
    assert not np.allclose(a[:, 2], b[:, 2])


def test_padding_changes_nothing_for_the_other_places():
    model = nn.TransformerEncoder(encoder_layer(), 2)
    x = normal(2, 3, 4)
    padding = np.array([[False, False, True], [False, False, False]])
    y = model(x, src_key_padding_mask=padding)
    np.testing.assert_allclose(y.data[0, :2], model(x[:1, :2]).data[0], rtol=1e-9)
    np.testing.assert_allclose(y.data[1], model(x[1:]).data[0], rtol=1e-9)


def test_a_stack_is_copies_of_its_layer_one_after_another():
    layer, norm, x, m = encoder_layer(), nn.LayerNorm(4).double(), normal(2, 3, 4), normal(2, 5, 4)
    stack = nn.TransformerEncoder(layer, 3, norm)
    np.testing.assert_allclose(stack(x, mask=CAUSAL).data, norm(layer(layer(layer(x, CAUSAL), CAUSAL), CAUSAL)).data)
    assert len({id(p) for p in stack.parameters()} | {id(p) for p in layer.parameters()}) == 4 * 12 + 2
    assert stack.layers[0].activation is F.relu
    layer = decoder_layer(activation=nn.GELU())
    stack = nn.TransformerDecoder(layer, 2)
    np.testing.assert_allclose(stack(x, m, tgt_mask=CAUSAL).data, layer(layer(x, m, CAUSAL), m, CAUSAL).data)
    assert isinstance(stack.layers[1].activation, nn.GELU)


def test_a_transformer_decodes_what_it_encoded():
    model = nn.Transformer(4, 2, 1, 2, 6, batch_first=True).eval()
    src, tgt = tg.randn(2, 5, 4), tg.randn(2, 3, 4)
    mask = model.generate_square_subsequent_mask(3)
    y = model(src, tgt, tgt_mask=mask, tgt_is_causal=True)
    np.testing.assert_array_equal(y.data, model.decoder(tgt, model.encoder(src), tgt_mask=mask).data)
    np.testing.assert_array_equal(mask.data, CAUSAL)
    assert mask.dtype == np.float32
    assert all(np.abs(p.data).max() <= np.sqrt(6 / sum(p.shape)) for p in model.parameters() if p.ndim > 1)


def test_dropout_in_training_only():
    layer, x = encoder_layer(dropout=0.5), normal(1, 3, 4)
    assert not np.array_equal(layer(x).data, layer(x).data)
    layer.eval()
    np.testing.assert_array_equal(layer(x).data, layer(x).data)


def test_without_biases_there_are_none():
    names = list(nn.TransformerDecoderLayer(4, 2, 6, bias=False).state_dict())
    assert [name for name in names if "bias" in name] == []


def test_states_have_the_names_of_pytorch():
    shapes = {name: array.shape for name, array in nn.TransformerEncoderLayer(4, 2, 6).state_dict().items()}
    assert list(shapes.items()) == [
        ("self_attn.in_proj_weight", (12, 4)),
        ("self_attn.in_proj_bias", (12,)),
        ("self_attn.out_proj.weight", (4, 4)),
        ("self_attn.out_proj.bias", (4,)),
        ("linear1.weight", (6, 4)),
        ("linear1.bias", (6,)),
        ("linear2.weight", (4, 6)),
        ("linear2.bias", (4,)),
        ("norm1.weight", (4,)),
        ("norm1.bias", (4,)),
        ("norm2.weight", (4,)),
        ("norm2.bias", (4,)),
    ]
    names = list(nn.Transformer(4, 2, 1, 1, 6).state_dict())
    assert names[12:16] == [
        "encoder.norm.weight",
        "encoder.norm.bias",
        *[f"decoder.layers.0.self_attn.in_proj_{x}" for x in ("weight", "bias")],
    ]


REPR = """TransformerDecoderLayer(
  (self_attn): MultiheadAttention(
    (out_proj): NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)
  )
  (multihead_attn): MultiheadAttention(
    (out_proj): NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)
  )
  (linear1): Linear(in_features=4, out_features=6, bias=True)
  (dropout): Dropout(p=0.1, inplace=False)
  (linear2): Linear(in_features=6, out_features=4, bias=True)
  (norm1): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
  (norm2): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
  (norm3): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
  (dropout1): Dropout(p=0.1, inplace=False)
  (dropout2): Dropout(p=0.1, inplace=False)
  (dropout3): Dropout(p=0.1, inplace=False)
  (activation): Tanh()
)"""


def test_repr_is_that_of_pytorch():
    assert repr(nn.TransformerDecoderLayer(4, 2, 6, activation=nn.Tanh())) == REPR


def test_copies_and_states_compute_the_same():
    model = filled(nn.Transformer(4, 2, 1, 1, 6, dropout=0.0))
    src, tgt = normal(5, 2, 4), normal(3, 2, 4)
    other = filled(nn.Transformer(4, 2, 1, 1, 6, dropout=0.0))
    other.load_state_dict(model.state_dict())
    for same in (other, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(same(src, tgt).data, model(src, tgt).data)


def test_a_transformer_learns_to_copy():
    tg.manual_seed(0)
    layer, x = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True), tg.randn(4, 5, 8)
    head = nn.Linear(8, 8)
    optimizer = tg.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.01)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.mse_loss(head(layer(x)), x)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.TransformerEncoderLayer(4, 3), "embed_dim to be a multiple of num_heads, but got 4 and 3"),
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"), "activation='relu' or 'gelu', .* but got 'tanh'"),
        (lambda: nn.TransformerEncoder(encoder_layer(), -1), "TransformerEncoder: expected num_layers of at least 0"),
        (lambda: encoder_layer()(normal(2, 3, 5)), r"expected a query \(n, t, d\) or \(t, d\) with d = 4"),
        (lambda: encoder_layer()(normal(2, 3, 4), is_causal=True), "expected attn_mask with is_causal"),
        (
            lambda: nn.Transformer(4, 2, 1, 1, 6)(normal(5, 2, 4), normal(3, 1, 4)),
            r"Transformer: expected src and tgt .* shapes \(5, 2, 4\) and \(3, 1, 4\)",
        ),
        (lambda: nn.Transformer(4, 2, 1, 1, 6)(normal(5, 2, 3), normal(3, 2, 3)), "with d_model=4 as their last axis"),
    ],
)
def test_what_does_not_fit_is_said(call, words):
    with pytest.raises(ValueError, match=words):
        call()
