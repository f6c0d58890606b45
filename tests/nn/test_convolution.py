"""Convolution layers against their definition, which tests/ops/rows_convolution.py spells out in loops."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_convolution import by_definition, geometries, image
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.ops.convolution import conv, conv_image, conv_kernel
from tinygrad_edu.testing import check_gradients

CONV = [nn.Conv1d, nn.Conv2d, nn.Conv3d]
TRANSPOSED = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d]
CONVS = [F.conv1d, F.conv2d, F.conv3d]
TRANSPOSES = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]
every_layer = pytest.mark.parametrize("layer", CONV + TRANSPOSED, ids=lambda layer: layer.__name__)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def wide(layer, *args, **options):
    """A layer in float64."""
    return layer(*args, **options, dtype="float64")


def small(layer, **options):
    """A layer with 2 channels in and 4 out, and an input for it."""
    made = wide(layer, 2, 4, 2, **options)
    return made, numbers(3, 2, *[4] * made.axes)


# ---- what they compute ----


@given(geometries(), st.integers(1, 2), st.booleans())
def test_a_layer_lays_its_kernel_over_the_image_in_every_place(shape, groups, bias):
    size, kernel, how = shape
    if isinstance(how["padding"], tuple) and isinstance(how["padding"][0], tuple):
        how["padding"] = 1
        size = tuple(n + 4 for n in size)
    layer = wide(CONV[len(size) - 1], 2 * groups, groups, kernel, groups=groups, bias=bias, **how)
    x = numbers(2, 2 * groups, *size)
    b = layer.bias.data if bias else None
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, by_definition(x, layer.weight.data, b, groups, **how))


@given(
    st.lists(st.tuples(*[st.integers(1, 4)] * 2, *[st.integers(1, 3)] * 2, st.integers(0, 2), st.integers(0, 2)),
             min_size=1, max_size=3),
    st.integers(1, 2),
)  # fmt: skip
def test_a_transposed_layer_puts_its_kernel_on_the_image_for_every_element(sides, groups):
    places, kernel, stride, dilation, padding, more = zip(*sides, strict=True)
    more = tuple(min(m, max(s, d) - 1) for m, s, d in zip(more, stride, dilation, strict=True))
    whole = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in zip(places, stride, dilation, kernel, strict=True)]
    padding = tuple(min(p, (n - 1) // 2) for p, n in zip(padding, whole, strict=True))
    how = {"stride": stride, "padding": padding, "dilation": dilation}
    layer = wide(TRANSPOSED[len(places) - 1], groups, 2 * groups, kernel, output_padding=more, groups=groups, **how)
    x = numbers(2, groups, *places)
    everything = image(x, layer.weight.data, tuple(whole), groups, stride=stride, dilation=dilation)
    everything = np.pad(everything, [(0, 0), (0, 0), *((0, m) for m in more)])
    inner = (..., *(slice(p, n - p + m) for p, n, m in zip(padding, whole, more, strict=True)))
    wanted = everything[inner] + layer.bias.data.reshape(-1, *[1] * len(places))
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, wanted, atol=1e-12)


@given(geometries(), st.integers(1, 2))
def test_the_three_convolutions_are_adjoint_to_each_other(shape, groups):
    size, kernel, how = shape
    how["groups"] = groups
    x, w = numbers(2, 2 * groups, *size), numbers(3 * groups, 2, *kernel, seed=1)
    y = conv(x, w, **how)
    g = numbers(*y.shape, seed=2)
    wanted = pytest.approx((y * g).sum(), rel=1e-9, abs=1e-9)
    assert (x * conv_image(g, w, size, **how)).sum() == wanted
    assert (w * conv_kernel(x, g, kernel, **how)).sum() == wanted


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution_with_its_weight(axes):
    x, w = numbers(2, 4, *[7] * axes), numbers(6, 2, *[3] * axes)
    y = CONVS[axes - 1](x, w, stride=2, padding=1, groups=2)
    g = numbers(*y.shape)
    back = TRANSPOSES[axes - 1](g, w, stride=2, padding=1, groups=2)
    assert (x * back).sum() == pytest.approx((y * g).sum())


def test_known_answers_of_the_guide_to_convolution_arithmetic():
    """Dumoulin and Visin, figure 1.1: a 3 x 3 kernel on a 5 x 5 map."""
    x = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1.0]])
    w = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2.0]])
    assert F.conv2d(x[None], w[None, None]).tolist() == [[[12, 12, 17], [10, 17, 19], [9, 6, 14]]]


def test_moving_the_image_moves_the_result():
    layer, x = small(nn.Conv2d, padding=1, padding_mode="circular")
    layer = wide(nn.Conv2d, 2, 4, 3, padding=1, padding_mode="circular")
    moved = layer(tg.Tensor(np.roll(x, (1, 2), (2, 3)))).data
    np.testing.assert_allclose(moved, np.roll(layer(tg.Tensor(x)).data, (1, 2), (2, 3)))


@every_layer
def test_the_order_of_the_samples_does_not_matter_nor_whether_they_come_together(layer):
    made, x = small(layer)
    y = made(tg.Tensor(x)).data
    np.testing.assert_allclose(made(tg.Tensor(x[::-1].copy())).data, y[::-1])
    for sample, result in zip(x, y, strict=True):
        np.testing.assert_allclose(made(tg.Tensor(sample)).data, result)
        np.testing.assert_allclose(made(tg.Tensor(sample[None])).data, result[None])
    assert made(tg.Tensor(x[:0])).shape == (0, *y.shape[1:])


def test_a_convolution_with_groups_is_several_convolutions_side_by_side():
    layer, x = wide(nn.Conv2d, 4, 6, 3, groups=2), numbers(2, 4, 5, 5)
    w, b = layer.weight.data, layer.bias.data
    halves = [F.conv2d(x[:, 2 * i : 2 * i + 2], w[3 * i : 3 * i + 3], b[3 * i : 3 * i + 3]) for i in range(2)]
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, np.concatenate(halves, 1))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [2, (1, 2), "same"])
def test_other_margins_are_those_of_pad(mode, padding):
    layer, x = wide(nn.Conv2d, 2, 3, (4, 3), padding=padding, padding_mode=mode), tg.Tensor(numbers(2, 2, 6, 6))
    widths = {2: (2, 2, 2, 2), (1, 2): (2, 2, 1, 1), "same": (1, 1, 1, 2)}[padding]
    wanted = F.conv2d(F.pad(x, widths, mode), layer.weight, layer.bias)
    np.testing.assert_allclose(layer(x).data, wanted.data)


def test_large_batches_done_in_threads_are_what_their_samples_are_alone():
    x, w = numbers(16, 16, 24, 24).astype(np.float32), numbers(32, 16, 3, 3).astype(np.float32)
    y = F.conv2d(x, w, padding=1)
    np.testing.assert_allclose(y, np.concatenate([F.conv2d(part[None], w, padding=1) for part in x]), atol=2e-5)
    gw = conv_kernel(x, y, (3, 3), padding=1)
    wanted = sum(conv_kernel(a[None], b[None], (3, 3), padding=1) for a, b in zip(x, y, strict=True))
    np.testing.assert_allclose(gw, wanted, rtol=1e-3, atol=1e-2)
    for _ in range(3):
        np.testing.assert_array_equal(conv_kernel(x, y, (3, 3), padding=1), gw)


# ---- gradients ----


@every_layer
@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1, "groups": 2}, {"dilation": 2}])
def test_gradients_to_second_order(layer, options):
    made, x = small(layer, **options)
    check_gradients(made, x[:2], order=2)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_gradients_with_other_margins(mode):
    made, x = small(nn.Conv1d, padding=1, padding_mode=mode)
    check_gradients(made, x, order=2)


def test_a_third_derivative_is_known():
    """``conv(x, w)**3`` of single numbers is ``(x * w)**3``: its third derivative for x is ``6 * w**3``."""
    x = tg.Tensor([[[2.0]]], requires_grad=True)
    y = (F.conv1d(x, tg.Tensor([[[3.0]]])) ** 3).sum()
    for _ in range(3):
        y = tg.grad(y, x, create_graph=True).sum()
    assert y.item() == pytest.approx(6 * 27)


def test_only_gradients_that_are_needed_are_computed(monkeypatch):
    wanted = []
    contract = tg.ops.convolution.contract

    def noted(geometry, size, names, **arrays):
        wanted.append(set(names))
        return contract(geometry, size, names, **arrays)

    monkeypatch.setattr(tg.ops.convolution, "contract", noted)
    layer = nn.Conv2d(1, 2, 3)
    x = tg.randn(2, 1, 5, 5)
    layer(x).sum().backward()
    layer.bias.requires_grad = False
    layer(tg.Tensor(x.data, requires_grad=True)).sum().backward()
    assert wanted == [{"y"}, {"gw", "gb"}, {"y"}, {"gx", "gw"}]


def test_float32_stays_float32():
    layer = nn.Conv2d(1, 2, 3)
    x = tg.randn(2, 1, 5, 5, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert {y.dtype, x.grad.dtype, layer.weight.grad.dtype, layer.bias.grad.dtype} == {np.dtype(np.float32)}


# ---- parameters ----


@every_layer
def test_parameters_have_the_names_and_shapes_of_pytorch_and_start_within_its_bounds(layer):
    made = layer(8, 64, 3, groups=2)
    kernel = (3,) * made.axes
    first = (8, 32) if layer in TRANSPOSED else (64, 4)
    assert {name: p.shape for name, p in made.named_parameters()} == {"weight": (*first, *kernel), "bias": (64,)}
    bound = 1 / math.sqrt(first[1] * 3**made.axes)
    for p in made.parameters():
        assert p.dtype == np.float32
        assert abs(p.data).max() <= bound
        assert p.data.std() == pytest.approx(bound / math.sqrt(3), rel=0.2)


@every_layer
def test_state_goes_from_one_layer_to_another(layer):
    one, x = small(layer)
    other = small(layer)[0]
    other.load_state_dict(one.state_dict())
    for again in (other, copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        np.testing.assert_array_equal(again(tg.Tensor(x)).data, one(tg.Tensor(x)).data)


def test_repr_is_that_of_pytorch():
    for layer, text in (
        (nn.Conv1d(4, 8, 3), "Conv1d(4, 8, kernel_size=(3,), stride=(1,))"),
        (
            nn.Conv2d(4, 8, 3, padding="same", groups=2, bias=False, padding_mode="reflect", dilation=2),
            "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1), padding=same, dilation=(2, 2), groups=2, bias=False, "
            "padding_mode=reflect)",
        ),
        (nn.Conv3d(1, 1, (1, 2, 3), 2, 1), "Conv3d(1, 1, kernel_size=(1, 2, 3), stride=(2, 2, 2), padding=(1, 1, 1))"),
        (
            nn.ConvTranspose1d(4, 8, 3, stride=2, output_padding=1),
            "ConvTranspose1d(4, 8, kernel_size=(3,), stride=(2,), output_padding=(1,))",
        ),
    ):
        assert repr(layer) == text


@every_layer
def test_training_or_not_makes_no_difference(layer):
    made, x = small(layer)
    np.testing.assert_array_equal(made.train()(tg.Tensor(x)).data, made.eval()(tg.Tensor(x)).data)


# ---- output_size ----


def test_output_size_says_which_of_the_sizes_that_a_stride_makes_alike():
    layer, x = nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1), tg.randn(4, 3, 6, 6)
    for size in [(11, 11), (12, 11), [12, 12]]:
        assert layer(x, size).shape == (4, 2, *size)
    assert layer(x, (4, 2, 12, 12)).shape == (4, 2, 12, 12)
    assert layer(tg.Tensor(x.data[0]), output_size=(12, 12)).shape == (2, 12, 12)
    for size, message in (((13, 12), r"between \(11, 11\) and \(12, 12\)"), ((12,), "of 2 or 4 numbers")):
        with pytest.raises(ValueError, match=f"ConvTranspose2d: expected an output_size {message}"):
            layer(x, output_size=size)


# ---- errors ----


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "Conv2d: expected in_channels that groups=2 divides, but got 3"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "Conv2d: expected out_channels that groups=2 divides, but got 3"),
        (lambda: nn.Conv1d(1, 1, 3, stride=0), "Conv1d: expected stride of at least 1, but got 0"),
        (lambda: nn.Conv1d(1, 1, 0), "Conv1d: expected kernel_size of at least 1, but got 0"),
        (lambda: nn.Conv1d(1, 1, 3, dilation=0), "Conv1d: expected dilation of at least 1, but got 0"),
        (lambda: nn.Conv1d(1, 1, 3, groups=0), "Conv1d: expected groups of at least 1, but got 0"),
        (lambda: nn.Conv1d(0, 1, 3), "Conv1d: expected in_channels of at least 1, but got 0"),
        (lambda: nn.Conv2d(1, 1, 3, padding=-1), "Conv2d: expected padding of at least 0, but got -1"),
        (lambda: nn.Conv2d(1, 1, (1, 2, 3)), r"expected kernel_size as one number or 2, .* but got \(1, 2, 3\)"),
        (lambda: nn.Conv2d(1, 1, 3, 2, "same"), r"expected stride=1 with padding='same', but got stride=\(2, 2\)"),
        (lambda: nn.Conv2d(1, 1, 3, padding="full"), "expected padding as numbers, 'valid' or 'same', but got 'full'"),
        (lambda: nn.Conv2d(1, 1, 3, padding_mode="wrap"), "expected padding_mode one of .* but got 'wrap'"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding="same"), "expected padding as numbers, but got 'same'"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), "expected padding_mode='zeros', but got"),
        (lambda: nn.Conv2d(3, 4, 3)(tg.zeros((2, 5, 8, 8))), r"\(n, 3, h, w\) or \(3, h, w\), .* \(2, 5, 8, 8\)"),
        (lambda: nn.Conv2d(3, 4, 3)(tg.zeros((3, 8))), r"Conv2d: expected an input of shape .* but got shape \(3, 8\)"),
        (lambda: nn.Conv2d(3, 4, 5)(tg.zeros((2, 3, 4, 9))), r"Conv2d: .* size \(4, 9\) .* covers \(5, 5\)"),
        (lambda: nn.ConvTranspose1d(3, 4, 5)(tg.zeros((2, 4, 9))), r"ConvTranspose1d: .* but got shape \(2, 4, 9\)"),
        (lambda: nn.ConvTranspose1d(1, 1, 1, padding=2)(tg.zeros((1, 1, 4))), r"a result of size \(0,\)"),
        (lambda: nn.ConvTranspose1d(1, 1, 3, output_padding=1)(tg.zeros((1, 1, 4))), "smaller than stride or dilation"),
        (lambda: F.conv2d(tg.zeros((1, 8, 8)), tg.zeros((1, 3, 3))), "conv2d: expected a weight of shape"),
        (
            lambda: F.conv2d(tg.zeros((8, 8)), tg.zeros((1, 1, 3, 3))),
            r"conv2d: expected an input of shape \(n, c, h, w",
        ),
        (lambda: F.conv2d(tg.zeros((1, 2, 8, 8)), tg.zeros((1, 1, 3, 3))), "conv2d: expected an input of 1 channels"),
        (lambda: F.conv2d(tg.zeros((1, 2, 8, 8)), tg.zeros((3, 1, 3, 3)), groups=2), "groups=2 divides"),
        (lambda: F.conv1d(tg.zeros((1, 8)), tg.zeros((2, 1, 3)), tg.zeros(3)), r"a bias of shape \(2,\)"),
        (lambda: F.conv_transpose1d(tg.zeros((1, 8)), tg.zeros((2, 1, 3))), "conv_transpose1d: expected an input of 2"),
        (lambda: F.conv_transpose1d(tg.zeros((2, 8)), tg.zeros((2, 1, 3)), tg.zeros(3)), r"a bias of shape \(1,\)"),
        (lambda: F.conv_transpose1d(tg.zeros((2, 8)), tg.zeros((2, 3))), "expected a weight of shape"),
        (lambda: conv_image(np.zeros((1, 1, 3)), np.zeros((1, 1, 2)), (9,)), "conv_image: expected g of shape"),
        (lambda: conv_kernel(np.zeros((1, 1, 9)), np.zeros((1, 1, 3)), (2,)), "conv_kernel: expected g of shape"),
        (lambda: conv(np.zeros((1, 9)), np.zeros((1, 1, 3))), "conv: expected an input of 3 axes"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_so(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Conv2d(1, 1, 2.5),
        lambda: nn.Conv2d(1, 1, 3, stride=1.0),
        lambda: nn.Conv2d(1.5, 1, 3),
        lambda: nn.Conv2d(1, 1, 3, groups=True),
        lambda: nn.Conv2d(1, 1, 3)([[1.0]]),
    ],
)
def test_what_is_no_whole_number_or_no_array_is_a_type_error(make):
    with pytest.raises(TypeError, match="Conv2d: expected"):
        make()
