"""What every layer owes: PyTorch's text, copies, states, modes, arrays, both precisions, samples on their own, errors.

Each layer stands here as PyTorch 2.13 prints it. The text makes the layer, and the layer must print the text.
"""

import copy
import inspect
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
N, LINE, IMAGE, VOLUME = 3, (4, 6), (4, 6, 5), (4, 4, 5, 4)

# The layer, and the shapes of its inputs without the axis of the batch.
ROWS = {
    "Conv1d(4, 4, kernel_size=(3,), stride=(1,), padding=(1,), groups=2)": [LINE],
    "Conv2d(4, 4, kernel_size=(3, 2), stride=(1, 1), padding=(1, 1), groups=2)": [IMAGE],
    "Conv3d(4, 2, kernel_size=(3, 2, 1), stride=(1, 1, 1), dilation=(1, 2, 1), bias=False)": [VOLUME],
    "ConvTranspose1d(4, 2, kernel_size=(3,), stride=(2,), output_padding=(1,))": [LINE],
    "ConvTranspose2d(4, 2, kernel_size=(3, 2), stride=(2, 2), padding=(1, 1), groups=2)": [IMAGE],
    "ConvTranspose3d(4, 2, kernel_size=(2, 2, 1), stride=(1, 2, 1))": [(4, 2, 3, 2)],
    "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)": [LINE],
    "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=True)": [IMAGE],
    "MaxPool3d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)": [VOLUME],
    "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(1,))": [LINE],
    "AvgPool2d(kernel_size=3, stride=2, padding=1)": [IMAGE],
    "AvgPool3d(kernel_size=2, stride=2, padding=0)": [VOLUME],
    "LPPool1d(norm_type=2, kernel_size=2, stride=None, ceil_mode=False)": [LINE],
    "LPPool2d(norm_type=2, kernel_size=2, stride=None, ceil_mode=True)": [IMAGE],
    "LPPool3d(norm_type=2, kernel_size=2, stride=None, ceil_mode=False)": [VOLUME],
    "AdaptiveAvgPool1d(output_size=4)": [LINE],
    "AdaptiveAvgPool2d(output_size=(3, None))": [IMAGE],
    "AdaptiveAvgPool3d(output_size=2)": [VOLUME],
    "AdaptiveMaxPool1d(output_size=4)": [LINE],
    "AdaptiveMaxPool2d(output_size=(3, None))": [IMAGE],
    "AdaptiveMaxPool3d(output_size=2)": [VOLUME],
    "ReflectionPad1d((1, 2))": [LINE],
    "ReflectionPad2d((1, 2, 1, 1))": [IMAGE],
    "ReflectionPad3d((1, 1, 1, 2, 1, 1))": [VOLUME],
    "ReplicationPad1d((1, 2))": [LINE],
    "ReplicationPad2d((1, 2, 1, 1))": [IMAGE],
    "ReplicationPad3d((1, 1, 1, 2, 1, 1))": [VOLUME],
    "ZeroPad1d((1, -1))": [LINE],
    "ZeroPad2d((1, 2, 1, 1))": [IMAGE],
    "ZeroPad3d((1, 1, 1, 2, 1, 1))": [VOLUME],
    "CircularPad1d((1, 2))": [LINE],
    "CircularPad2d((1, 2, 1, 1))": [IMAGE],
    "CircularPad3d((1, 1, 1, 2, 1, 1))": [VOLUME],
    "ConstantPad1d(padding=(1, 2), value=2.5)": [LINE],
    "ConstantPad2d(padding=(1, 2, 1, 1), value=2.5)": [IMAGE],
    "ConstantPad3d(padding=(1, 1, 1, 2, 1, 1), value=2.5)": [VOLUME],
    "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)": [LINE],
    "BatchNorm2d(4, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=True)": [IMAGE],
    "BatchNorm3d(4, eps=0.001, momentum=0.1, affine=True, bias=True, track_running_stats=True)": [VOLUME],
    "InstanceNorm1d(4, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)": [LINE],
    "InstanceNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)": [IMAGE],
    "InstanceNorm3d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)": [VOLUME],
    "LayerNorm((6,), eps=1e-05, elementwise_affine=True, bias=True)": [LINE],
    "RMSNorm((6,), eps=None, elementwise_affine=True)": [LINE],
    "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)": [IMAGE],
    "LocalResponseNorm(3, alpha=0.0001, beta=0.75, k=1.0)": [IMAGE],
    "Dropout(p=0.5, inplace=False)": [LINE],
    "Dropout1d(p=0.5, inplace=False)": [LINE],
    "Dropout2d(p=0.5, inplace=False)": [IMAGE],
    "Dropout3d(p=0.5, inplace=False)": [VOLUME],
    "AlphaDropout(p=0.5, inplace=False)": [LINE],
    "FeatureAlphaDropout(p=0.5, inplace=False)": [LINE],
    "Linear(in_features=6, out_features=2, bias=True)": [LINE],
    "Bilinear(in1_features=6, in2_features=5, out_features=2, bias=True)": [(6,), (5,)],
    "Identity()": [LINE],
    "Flatten(start_dim=1, end_dim=-1)": [IMAGE],
    "Unflatten(dim=1, unflattened_size=(2, 2))": [LINE],
    "PixelShuffle(upscale_factor=2)": [IMAGE],
    "PixelUnshuffle(downscale_factor=2)": [(3, 4, 2)],
    "ChannelShuffle(groups=2)": [IMAGE],
    "CosineSimilarity()": [(6,), (6,)],
    "PairwiseDistance()": [(6,), (6,)],
    "Unfold(kernel_size=2, dilation=1, padding=0, stride=1)": [IMAGE],
    "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)": [(8, 12)],
    "Upsample(scale_factor=2.0, mode='nearest')": [LINE],
    "Upsample(size=(5, 7), mode='bilinear')": [IMAGE],
    "Upsample(scale_factor=1.5, mode='trilinear')": [VOLUME],
    "Embedding(6, 5, padding_idx=1)": ["indices"],
    "EmbeddingBag(6, 5, mode='mean')": ["indices"],
    "RNN(6, 3, batch_first=True)": [LINE],
    "LSTM(6, 3, num_layers=2, batch_first=True, bidirectional=True)": [LINE],
    "GRU(6, 3, num_layers=2, batch_first=True)": [LINE],
    "RNNCell(6, 3)": [(6,)],
    "LSTMCell(6, 3)": [(6,)],
    "GRUCell(6, 3)": [(6,)],
    "ReLU()": [LINE],
    "ReLU6()": [LINE],
    "LeakyReLU(negative_slope=0.01)": [LINE],
    "PReLU(num_parameters=4)": [LINE],
    "RReLU(lower=0.125, upper=0.3333333333333333)": [LINE],
    "ELU(alpha=1.0)": [LINE],
    "CELU(alpha=1.5)": [LINE],
    "SELU()": [LINE],
    "GELU(approximate='tanh')": [LINE],
    "SiLU()": [LINE],
    "Mish()": [LINE],
    "Softplus(beta=1.0, threshold=20.0)": [LINE],
    "Sigmoid()": [LINE],
    "LogSigmoid()": [LINE],
    "Tanh()": [LINE],
    "Tanhshrink()": [LINE],
    "Softsign()": [LINE],
    "Hardtanh(min_val=-1.0, max_val=1.0)": [LINE],
    "Hardsigmoid()": [LINE],
    "Hardswish()": [LINE],
    "Hardshrink(0.5)": [LINE],
    "Softshrink(0.5)": [LINE],
    "Threshold(threshold=0.1, value=20.0)": [LINE],
    "GLU(dim=-1)": [LINE],
    "Softmin(dim=1)": [LINE],
    "Softmax(dim=1)": [LINE],
    "Softmax2d()": [IMAGE],
    "LogSoftmax(dim=1)": [LINE],
    "GaussianNoise(std=0.1)": [LINE],
    "Hardmax(dim=1)": [LINE],
}

# These have no text that makes them, or PyTorch's is too long.
MADE = {
    "MultiheadAttention": (lambda: nn.MultiheadAttention(6, 2, batch_first=True), [LINE, LINE, LINE]),
    "EncoderLayer": (lambda: nn.TransformerEncoderLayer(6, 2, 8, 0.1, batch_first=True), [LINE]),
    "DecoderLayer": (lambda: nn.TransformerDecoderLayer(6, 2, 8, 0.1, batch_first=True), [LINE, LINE]),
    "Encoder": (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, batch_first=True), 2), [LINE]),
    "Decoder": (lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 8, batch_first=True), 2), [LINE, LINE]),
    "Transformer": (lambda: nn.Transformer(6, 2, 1, 1, 8, batch_first=True), [LINE, LINE]),
    "Nearest": (lambda: nn.UpsamplingNearest2d(scale_factor=2), [IMAGE]),
    "Bilinear": (lambda: nn.UpsamplingBilinear2d(scale_factor=2), [IMAGE]),
}
CASES = [(lambda text=text: eval(text, vars(nn)), shapes) for text, shapes in ROWS.items()] + list(MADE.values())
every_layer = pytest.mark.parametrize(("make", "shapes"), CASES, ids=[*ROWS, *MADE])

RANDOM = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.RReLU,
          nn.GaussianNoise, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.TransformerEncoder,
          nn.TransformerDecoder, nn.Transformer)  # fmt: skip
RUNNING = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.InstanceNorm2d)


def drawn(shapes, n=N):
    """Inputs of a batch of `n`, the same for each call."""
    rng = np.random.default_rng(1)
    return [rng.integers(0, 6, (n, 4)) if shape == "indices" else rng.normal(size=(n, *shape)) for shape in shapes]


def arrays(output):
    """The arrays of an output, whatever tuples it comes in."""
    if isinstance(output, tuple):
        return [x for part in output for x in arrays(part)]
    return [output.data if isinstance(output, tg.Tensor) else output]


def values(layer, inputs):
    return arrays(layer(*map(tg.Tensor, inputs)))


def same(a, b):
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


def first(output):
    return output[0] if isinstance(output, tuple) else output


@pytest.mark.parametrize("text", ROWS)
def test_a_layer_prints_the_text_that_makes_it(text):
    assert repr(eval(text, vars(nn))) == text


def test_every_layer_is_here():
    """Containers, unpooling and losses have tables of their own."""
    others = {nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict}
    others |= {nn.MaxUnpool1d, nn.MaxUnpool2d, nn.MaxUnpool3d}
    public = {x for x in vars(nn).values() if inspect.isclass(x) and issubclass(x, nn.Module)}
    layers = {x for x in public - others if not x.__module__.startswith("tinygrad_edu.nn.loss")}
    assert layers == {type(make()) for make, _ in CASES}


@every_layer
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copy_is_the_same_and_shares_nothing(make, shapes, copied):
    layer, inputs = make().eval(), drawn(shapes)
    wanted, other = values(layer, inputs), copied(layer)
    assert repr(other) == repr(layer)
    assert not other.training
    same(values(other, inputs), wanted)
    for p in other.parameters():
        p.data += 1.0
    same(values(layer, inputs), wanted)


@every_layer
def test_a_state_dict_makes_a_fresh_layer_the_same(make, shapes):
    layer, fresh, inputs = make(), make(), drawn(shapes)
    layer(*inputs)  # running statistics are part of the state
    fresh.load_state_dict(layer.state_dict())
    same(values(fresh.eval(), inputs), values(layer.eval(), inputs))
    assert all(np.array_equal(v, fresh.state_dict()[k]) for k, v in layer.state_dict().items())


@every_layer
def test_training_differs_for_what_is_random_or_running_and_for_nothing_else(make, shapes):
    layer, inputs = make(), drawn(shapes)
    kind = type(layer)
    in_training = values(layer, inputs)
    layer.eval()
    outside = values(layer, inputs)
    same(values(layer, inputs), outside)
    equal = all(np.array_equal(a, b) for a, b in zip(in_training, outside, strict=True))
    assert equal == (kind not in (*RANDOM, *RUNNING))


@every_layer
def test_arrays_go_in_as_tensors_do_and_stay_as_they_are(make, shapes):
    layer, inputs = make().eval(), drawn(shapes)
    kept = copy.deepcopy(inputs)
    same(arrays(layer(*inputs)), values(layer, kept))
    same(inputs, kept)


@every_layer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_of_layer_and_input_is_that_of_output_and_gradients(make, shapes, dtype):
    layer = make().to(dtype)
    leaves = [tg.Tensor(x, requires_grad=True, dtype=dtype) if x.dtype.kind == "f" else x for x in drawn(shapes)]
    y = first(layer(*leaves))
    assert y.dtype == dtype
    if y.requires_grad:  # hardmax is constant
        y.sum().backward()
        assert all(x.grad.dtype == dtype for x in (*leaves, *layer.parameters()) if isinstance(x, tg.Tensor))


@every_layer
@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_inputs_and_parameters_are_right_to_second_order(make, shapes, training):
    layer = make().double().train(training)
    if type(layer) is not nn.Hardmax:
        check_gradients(layer, *drawn(shapes, n=2), order=2)


@every_layer
@given(order=st.permutations(range(N)))
def test_each_sample_of_a_batch_is_on_its_own(make, shapes, order):
    """In a batch of one, and in a batch of any order."""
    layer, inputs = make().double().eval(), drawn(shapes)
    if type(layer) in (nn.RNN, nn.LSTM, nn.GRU):  # the axes of their last states are others
        whole, shuffled = first(layer(*inputs)), first(layer(*[x[order] for x in inputs]))
    else:
        whole, shuffled = arrays(layer(*inputs))[0], arrays(layer(*[x[order] for x in inputs]))[0]
    alone = first(layer(*[x[order[:1]] for x in inputs]))
    np.testing.assert_allclose(arrays(shuffled)[0], arrays(whole)[0][order], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(arrays(alone)[0], arrays(whole)[0][order[:1]], rtol=1e-10, atol=1e-12)


@every_layer
@pytest.mark.parametrize("training", [True, False])
def test_an_empty_batch_gives_an_empty_one_and_leaves_the_state(make, shapes, training):
    layer = make().train(training)
    before = {k: v for k, v in layer.state_dict().items() if k != "num_batches_tracked"}
    leaves = [tg.Tensor(x, requires_grad=x.dtype.kind == "f") for x in drawn(shapes, n=0)]
    y = first(layer(*leaves))
    assert y.shape == (0, *first(layer.eval()(*drawn(shapes))).shape[1:])
    if y.requires_grad:
        y.sum().backward()
        assert all(x.grad.shape == x.shape for x in leaves if x.requires_grad)
    same([layer.state_dict()[k] for k in before], before.values())


@every_layer
@pytest.mark.parametrize("wrong", [None, "text", object(), {"x": 1.0}], ids=lambda x: type(x).__name__)
def test_what_is_no_array_of_numbers_is_an_error_that_says_what_was_expected(make, shapes, wrong):
    if type(layer := make()) is not nn.Identity:
        with pytest.raises((TypeError, ValueError), match=r"^\w+: expected .* but got"):
            layer(*[wrong] * len(shapes))
