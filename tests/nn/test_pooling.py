import copy
import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import distinct

# ---- the definition, in loops ----


def output_size(n, k, s, p, d, ceil_mode):
    """As PyTorch's documentation gives it: a window that would start in the margin at the end is left out."""
    size = (math.ceil if ceil_mode else math.floor)((n + 2 * p - d * (k - 1) - 1) / s) + 1
    return size - 1 if ceil_mode and (size - 1) * s >= n + p else size


def pooled(x, geometry, ceil_mode, reduce):
    """`reduce` of the windows of every plane: the numbers of a window by place (in the input and beyond it)."""
    sizes = x.shape[-len(geometry) :]
    out = [output_size(n, *of, ceil_mode) for n, of in zip(sizes, geometry, strict=True)]
    y = np.zeros((*x.shape[: -len(geometry)], *out))
    for place in np.ndindex(y.shape):
        lead, window = place[: -len(geometry)], place[-len(geometry) :]
        along = [[i * s - p + d * m for m in range(k)] for i, (k, s, p, d) in zip(window, geometry, strict=True)]
        y[place] = reduce(x[lead], list(itertools.product(*along)))
    return y


def inside(plane, place):
    return all(0 <= i < n for i, n in zip(place, plane.shape, strict=True))


def greatest(plane, places):
    return max(plane[at] for at in places if inside(plane, at))


def place_of_the_first_greatest(plane, places):
    best = greatest(plane, places)
    return next(np.ravel_multi_index(at, plane.shape) for at in places if inside(plane, at) and plane[at] == best)


def mean(margins, count_include_pad, divisor):
    def of(plane, places):
        read = [plane[at] for at in places if inside(plane, at)]
        padded = sum(
            all(i < n + p for i, n, p in zip(at, plane.shape, margins, strict=True)) for at in places
        )  # what ceil_mode reads beyond the margin never counts
        return sum(read) / (divisor or (padded if count_include_pad else len(read)))

    return of


@st.composite
def poolings(draw, dilated=True):
    """An input with different numbers, for each axis (kernel, stride, padding, dilation), and ceil_mode."""
    axes = draw(st.integers(1, 3))
    geometry = []
    for _ in range(axes):
        k, d = draw(st.integers(1, 3)), draw(st.integers(1, 2)) if dilated else 1
        geometry.append((k, draw(st.integers(1, 3)), draw(st.integers(0, k // 2)), d))
    lead = draw(st.sampled_from([(2, 2), (1, 1), (3,), (0, 2)]))
    shape = (*lead, *(draw(st.integers(1, 6)) for _ in range(axes)))
    ceil_mode = draw(st.booleans())
    for n, (k, s, p, d) in zip(shape[len(lead) :], geometry, strict=True):
        size = output_size(n, k, s, p, d, ceil_mode)
        assume(size > 0)
        assume(all(any(0 <= i * s - p + d * m < n for m in range(k)) for i in range(size)))
    (x,) = draw(distinct(shape))
    return x, geometry, ceil_mode


def function(kind, axes):
    return getattr(F, f"{kind}_pool{axes}d")


@given(poolings())
def test_max_pooling_is_the_maximum_of_each_window_and_says_where_it_is(drawn):
    x, geometry, ceil_mode = drawn
    k, s, p, d = zip(*geometry, strict=True)
    y, index = function("max", len(geometry))(tg.Tensor(x), k, s, p, d, ceil_mode, return_indices=True)
    np.testing.assert_array_equal(y.data, pooled(x, geometry, ceil_mode, greatest))
    np.testing.assert_array_equal(index.data, pooled(x, geometry, ceil_mode, place_of_the_first_greatest))
    assert index.dtype == np.int64
    assert not index.requires_grad


@given(poolings(dilated=False), st.booleans(), st.sampled_from([None, None, 3, -2]))
def test_average_pooling_is_the_mean_of_each_window(drawn, count_include_pad, divisor):
    x, geometry, ceil_mode = drawn
    k, s, p, _ = zip(*geometry, strict=True)
    divisor = None if len(geometry) == 1 else divisor
    options = {} if len(geometry) == 1 else {"divisor_override": divisor}
    y = function("avg", len(geometry))(tg.Tensor(x), k, s, p, ceil_mode, count_include_pad, **options)
    wanted = pooled(x, geometry, ceil_mode, mean(p, count_include_pad, divisor))
    np.testing.assert_allclose(y.data, wanted, rtol=1e-12, atol=1e-12)


@given(poolings())
def test_gradients_of_max_pooling_to_second_order(drawn):
    x, geometry, ceil_mode = drawn
    k, s, p, d = zip(*geometry, strict=True)
    check_gradients(lambda x: function("max", len(geometry))(x, k, s, p, d, ceil_mode), x, order=2)
    check_gradients(lambda x: function("max", len(geometry))(x * x, k, s, p, d, ceil_mode) ** 2, x + 0.01, order=2)


@given(poolings(dilated=False), st.booleans())
def test_gradients_of_average_pooling_to_second_order(drawn, count_include_pad):
    x, geometry, ceil_mode = drawn
    k, s, p, _ = zip(*geometry, strict=True)
    check_gradients(lambda x: function("avg", len(geometry))(x, k, s, p, ceil_mode, count_include_pad) ** 2, x, order=2)


# ---- what they keep, and where they differ ----


@given(poolings(), st.floats(-3, 3))
def test_a_constant_added_to_the_input_is_added_to_the_maxima(drawn, c):
    x, geometry, ceil_mode = drawn
    k, s, p, d = zip(*geometry, strict=True)
    pool = function("max", len(geometry))
    np.testing.assert_allclose(pool(x + c, k, s, p, d, ceil_mode), pool(x, k, s, p, d, ceil_mode) + c, atol=1e-12)


@given(poolings(dilated=False), st.integers(0, 5))
def test_a_permutation_of_the_batch_permutes_the_result(drawn, seed):
    x, geometry, ceil_mode = drawn
    k, s, p, _ = zip(*geometry, strict=True)
    order = np.random.default_rng(seed).permutation(len(x))
    for kind in ("max", "avg"):
        pool = function(kind, len(geometry))
        np.testing.assert_array_equal(
            pool(x[order], k, s, p, ceil_mode=ceil_mode), pool(x, k, s, p, ceil_mode=ceil_mode)[order]
        )


def test_without_batch_each_plane_is_pooled_alike():
    x = tg.randn(3, 6, 5)
    for layer in (nn.MaxPool2d(2), nn.AvgPool2d(3, 1, 1)):
        np.testing.assert_array_equal(layer(x).data, layer(x[None]).data[0])


def test_the_first_of_equal_maxima_gets_the_gradient():
    x = tg.Tensor([[[1.0, 2.0, 2.0], [2.0, 0.0, 2.0]]], requires_grad=True)
    y, index = F.max_pool2d(x, 2, 1, return_indices=True)
    y.sum().backward()
    assert index.tolist() == [[[1, 1]]]
    assert x.grad.tolist() == [[[0, 2, 0], [0, 0, 0]]]


def test_nan_is_the_maximum_and_the_last_one_gets_the_gradient_as_in_pytorch():
    nan, inf = math.nan, math.inf
    x = tg.Tensor([[nan, 1.0, nan, 5.0, -inf, -inf, inf, 0.0, inf]], requires_grad=True)
    y, index = F.max_pool1d(x, 3, return_indices=True)
    np.testing.assert_array_equal(y.data, [[nan, 5, inf]])
    assert index.tolist() == [[2, 3, 6]]
    y.backward(np.array([[1.0, inf, 2.0]]))
    np.testing.assert_array_equal(x.grad, [[0, 0, 1, inf, 0, 0, 2, 0, 0]])
    y, index = F.max_pool1d(tg.Tensor([[-inf, -inf]]), 2, 1, 1, return_indices=True)
    assert y.tolist() == [[-inf] * 3]
    assert index.tolist() == [[0, 0, 1]]


def test_integers_are_pooled_too():
    x = tg.Tensor([[3, -5, -7, -9]])
    assert F.max_pool1d(x, 2, padding=1).tolist() == [[3, -5, -9]]
    assert F.avg_pool1d(x, 2).tolist() == [[-1, -8]]
    assert F.avg_pool1d(x, 2).dtype == np.float32
    assert F.avg_pool1d(np.full((1, 4), 200, np.uint8), 2).tolist() == [[200, 200]]


def test_float32_stays_float32_with_counts_that_differ():
    x = tg.ones((1, 1, 5, 5)).requires_grad_()
    y = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data, np.ones((1, 1, 3, 3)))
    y.sum().backward()
    assert x.grad.dtype == np.float32


def test_an_empty_batch_is_pooled_to_an_empty_one():
    x = tg.zeros((0, 2, 4, 4)).requires_grad_()
    y = nn.MaxPool2d(2)(x) + nn.AvgPool2d(2)(x)
    assert y.shape == (0, 2, 2, 2)
    y.sum().backward()
    assert x.grad.shape == (0, 2, 4, 4)


# ---- p-norms ----


def p_norm(p, kernel):
    """As PyTorch's: a window that ceil_mode cuts short counts as a whole one."""

    def of(plane, places):
        read = [plane[at] for at in places if inside(plane, at)]
        return (sum(v**p for v in read) / len(read) * math.prod(kernel)) ** (1 / p)

    return of


@given(poolings(dilated=False), st.sampled_from([1, 2, 3, 2.5]))
def test_p_norm_pooling_is_the_norm_of_each_window(drawn, p):
    x, geometry, ceil_mode = drawn
    x, geometry = abs(x) + 0.1, [(k, max(s, 1), 0, 1) for k, s, _, _ in geometry]
    k, s, _, _ = zip(*geometry, strict=True)
    assume(all(n >= m for n, m in zip(x.shape[-len(k) :], k, strict=True)))
    pool = function("lp", len(geometry))
    y = pool(tg.Tensor(x), p, k, s, ceil_mode)
    np.testing.assert_allclose(y.data, pooled(x, geometry, ceil_mode, p_norm(p, k)), rtol=1e-12)
    check_gradients(lambda x: pool(x, p, k, s, ceil_mode), x, order=2)


def test_p_norm_pooling_of_zeros_is_zero_with_gradient_zero():
    x = tg.zeros((1, 4)).requires_grad_()
    for p in (1, 2, 3):
        y = F.lp_pool1d(x, p, 2)
        y.sum().backward()
        assert y.tolist() == [[0, 0]]
        assert x.grad.tolist() == [[0, 0, 0, 0]]


def test_p_norm_pooling_with_one_is_the_sum_also_of_negative_numbers():
    assert F.lp_pool1d(tg.Tensor([[-1.0, -2.0, 3.0, 1.0]]), 1, 2).tolist() == [[-3, 4]]


# ---- the modules ----

MODULES = [
    (nn.MaxPool1d(3), "MaxPool1d(kernel_size=3, stride=3, padding=0, dilation=1, ceil_mode=False)", (2, 3, 9)),
    (nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0)),
     "MaxPool2d(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), dilation=1, ceil_mode=False)", (2, 3, 9, 8)),
    (nn.MaxPool3d(2, ceil_mode=True), "MaxPool3d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=True)",
     (2, 3, 5, 4, 3)),
    (nn.LPPool1d(2, 3), "LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)", (2, 3, 9)),
    (nn.LPPool2d(1.5, (3, 2), 2), "LPPool2d(norm_type=1.5, kernel_size=(3, 2), stride=2, ceil_mode=False)",
     (2, 3, 9, 8)),
    (nn.LPPool3d(2, 2), "LPPool3d(norm_type=2, kernel_size=2, stride=None, ceil_mode=False)", (2, 3, 5, 4, 3)),
    (nn.AvgPool1d(3, 2, 1), "AvgPool1d(kernel_size=(3,), stride=(2,), padding=(1,))", (2, 3, 9)),
    (nn.AvgPool2d(3, 2, 1), "AvgPool2d(kernel_size=3, stride=2, padding=1)", (2, 3, 9, 8)),
    (nn.AvgPool3d(2, divisor_override=3), "AvgPool3d(kernel_size=2, stride=2, padding=0)", (2, 3, 5, 4, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "text", "shape"), MODULES, ids=lambda x: type(x).__name__)
def test_modules_have_pytorchs_repr_no_state_and_can_be_copied(layer, text, shape):
    assert repr(layer) == text
    assert layer.state_dict() == {}
    x = tg.rand(*shape)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(x).data, layer(x).data)


# ---- errors ----


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: nn.MaxPool2d(3, padding=2)(x), ValueError,
         r"max_pool2d: expected a padding of at most half the window, but got padding=2 with kernel_size=3\. Pad"),
        (lambda x: F.avg_pool2d(x, 2, padding=(0, 2)), ValueError, r"got padding=\(0, 2\) with kernel_size=2"),
        (lambda x: F.max_pool2d(x, 5), ValueError,
         r"expected an input that the windows fit into, but got shape \(2, 3, 4, 4\) with kernel_size=5"),
        (lambda x: F.max_pool2d(x[..., :0], 1), ValueError, r"fit into, but got shape \(2, 3, 4, 0\)"),
        (lambda x: F.max_pool2d(x[..., :1], (2, 2), 1, (0, 1), 2), ValueError, r"fit into, .* dilation=\(?2"),
        (lambda x: F.max_pool1d(x, 2), ValueError,
         r"max_pool1d: expected an input of shape \(n, c, l\) or \(c, l\), but got shape \(2, 3, 4, 4\)"),
        (lambda x: F.avg_pool3d(x[0], 2), ValueError, r"avg_pool3d: .* \(c, d, h, w\), but got shape \(3, 4, 4\)"),
        (lambda x: F.max_pool2d(x, (2, 2, 2)), ValueError,
         r"expected kernel_size to be a number, or a tuple of 2, one for each of \(h, w\), but got \(2, 2, 2\)"),
        (lambda x: F.max_pool2d(x, 0), ValueError, r"expected kernel_size of at least 1, but got 0"),
        (lambda x: F.max_pool2d(x, 2, 0), ValueError, r"expected stride of at least 1, but got 0"),
        (lambda x: F.max_pool2d(x, 2.0), TypeError, r"expected a whole number as kernel_size, but got 2\.0"),
        (lambda x: F.avg_pool2d(x, 2, divisor_override=0), ValueError, "avg_pool2d: expected a divisor_override other"),
        (lambda x: F.lp_pool2d(x, math.inf, 2), ValueError,
         "lp_pool2d: expected a finite norm_type other than 0, but got inf. For infinity there is max_pool2d"),
        (lambda x: F.lp_pool2d(x, 0, 2), ValueError, "norm_type other than 0, but got 0"),
        (lambda x: F.max_pool2d(x.tolist(), 2), TypeError, "max_pool2d: expected a Tensor or an array, but got list"),
    ],
)  # fmt: skip
def test_what_cannot_be_pooled_is_an_error_that_says_why(call, kind, text):
    with pytest.raises(kind, match=text):
        call(tg.zeros((2, 3, 4, 4)))
