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
from tinygrad_edu.testing.strategies import distinct


def windows(n, m):
    """Which elements of n each of m windows reads, as the documentation says."""
    return [range(math.floor(i * n / m), math.ceil((i + 1) * n / m)) for i in range(m)]


def by_hand(x, sizes, f):
    axes = len(sizes)
    along = [windows(n, m) for n, m in zip(x.shape[-axes:], sizes, strict=True)]
    y = np.zeros((*x.shape[:-axes], *sizes))
    for place in np.ndindex(y.shape):
        y[place] = f(x[place[:-axes]][np.ix_(*(w[i] for w, i in zip(along, place[-axes:], strict=True)))])
    return y


@st.composite
def poolings(draw):
    """An input with different numbers, and the sizes it is to be pooled to."""
    axes = draw(st.integers(1, 3))
    lead = draw(st.sampled_from([(2, 2), (1, 1), (3,), (0, 2)]))
    (x,) = draw(distinct((*lead, *(draw(st.integers(1, 6)) for _ in range(axes)))))
    return x, tuple(draw(st.integers(1, 7)) for _ in range(axes))


def function(kind, sizes):
    return getattr(F, f"adaptive_{kind}_pool{len(sizes)}d")


@given(poolings())
def test_adaptive_pooling_is_the_mean_or_maximum_of_windows_that_read_everything(drawn):
    x, sizes = drawn
    np.testing.assert_allclose(function("avg", sizes)(x, sizes), by_hand(x, sizes, np.mean), rtol=1e-12, atol=1e-12)
    y, index = function("max", sizes)(x, sizes, return_indices=True)
    np.testing.assert_array_equal(y, by_hand(x, sizes, np.max))
    for place, i in np.ndenumerate(index):
        assert x[place[: -len(sizes)]].flat[i] == y[place]


@given(poolings())
def test_gradients_of_adaptive_pooling_to_second_order(drawn):
    x, sizes = drawn
    for kind in ("avg", "max"):
        check_gradients(lambda x, kind=kind: function(kind, sizes)(x, sizes) ** 2, x, order=2)


@given(poolings())
def test_pooling_to_its_own_size_changes_nothing_and_none_means_that(drawn):
    x, sizes = drawn
    nothing = (None,) * len(sizes)
    for kind in ("avg", "max"):
        np.testing.assert_array_equal(function(kind, sizes)(x, x.shape[-len(sizes) :]), x)
        np.testing.assert_array_equal(function(kind, sizes)(x, nothing), x)


@given(poolings())
def test_windows_side_by_side_are_those_of_plain_pooling(drawn):
    x, sizes = drawn
    x = np.repeat(x, 6, axis=-1)
    wide = (*x.shape[-len(sizes) : -1], 3)
    kernel = (*(1,) * (len(sizes) - 1), x.shape[-1] // 3)
    for kind in ("avg", "max"):
        plain = getattr(F, f"{kind}_pool{len(sizes)}d")(x, kernel)
        np.testing.assert_allclose(function(kind, sizes)(x, wide), plain, rtol=1e-12, atol=1e-12)


def test_pooling_to_nothing_gives_an_empty_result():
    x = tg.ones((2, 3, 4, 4)).requires_grad_()
    y = F.adaptive_avg_pool2d(x, (0, 2)) + F.adaptive_max_pool2d(x, (0, 2))
    assert y.shape == (2, 3, 0, 2)
    y.sum().backward()
    assert not x.grad.any()


MODULES = [
    (nn.AdaptiveAvgPool1d(5), "AdaptiveAvgPool1d(output_size=5)", (2, 3, 9)),
    (nn.AdaptiveAvgPool2d((5, None)), "AdaptiveAvgPool2d(output_size=(5, None))", (2, 3, 9, 8)),
    (nn.AdaptiveAvgPool3d(1), "AdaptiveAvgPool3d(output_size=1)", (2, 3, 5, 4, 3)),
    (nn.AdaptiveMaxPool1d(5), "AdaptiveMaxPool1d(output_size=5)", (2, 3, 9)),
    (nn.AdaptiveMaxPool2d((None, 3)), "AdaptiveMaxPool2d(output_size=(None, 3))", (2, 3, 9, 8)),
    (nn.AdaptiveMaxPool3d(2), "AdaptiveMaxPool3d(output_size=2)", (2, 3, 5, 4, 3)),
]


@pytest.mark.parametrize(("layer", "text", "shape"), MODULES, ids=lambda x: type(x).__name__)
def test_modules_have_pytorchs_repr_no_state_and_can_be_copied(layer, text, shape):
    assert repr(layer) == text
    assert layer.state_dict() == {}
    x = tg.randn(*shape)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(x).data, layer(x).data)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: F.adaptive_avg_pool2d(x, -1), ValueError,
         "adaptive_avg_pool2d: expected output_size of at least 0, but got -1"),
        (lambda x: F.adaptive_avg_pool2d(x, 1.5), TypeError, "expected a whole number as output_size, but got 1.5"),
        (lambda x: F.adaptive_avg_pool2d(x, (1, 2, 3)), ValueError,
         r"expected output_size to be a number, or a tuple of 2, one for each of \(h, w\), but got \(1, 2, 3\)"),
        (lambda x: F.adaptive_max_pool3d(x[0], 1), ValueError, r"but got shape \(3, 4, 4\)"),
        (lambda x: F.adaptive_max_pool2d(x[..., :0], 1), ValueError,
         r"expected an input with elements on the axes \(h, w\), but got shape \(2, 3, 4, 0\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_pooled_is_an_error_that_says_why(call, kind, text):
    with pytest.raises(kind, match=text):
        call(tg.zeros((2, 3, 4, 4)))
