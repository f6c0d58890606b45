import copy
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


@st.composite
def images(draw):
    """An input with different numbers, and kernel, stride and padding of a pooling for each axis."""
    axes = draw(st.integers(1, 3))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(axes))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    stride = draw(st.none() | st.tuples(*(st.integers(k, 4) for k in kernel)))  # no window overlaps another
    lead = draw(st.sampled_from([(2, 2), (3,)]))
    (x,) = draw(distinct((*lead, *(draw(st.integers(k, 7)) for k in kernel))))
    return x, (kernel, stride, padding)


def there_and_back(x, geometry):
    axes = len(geometry[0])
    y, indices = getattr(F, f"max_pool{axes}d")(x, *geometry, return_indices=True)
    return getattr(F, f"max_unpool{axes}d")(y, indices, *geometry, output_size=x.shape[-axes:])


@given(images())
def test_unpooling_keeps_the_maxima_in_their_places_and_zeros_elsewhere(drawn):
    x, geometry = drawn
    axes = len(geometry[0])
    z = there_and_back(tg.Tensor(x), geometry).data
    y = getattr(F, f"max_pool{axes}d")(x, *geometry)
    assert z.shape == x.shape
    np.testing.assert_array_equal(z[z != 0], x[z != 0])
    np.testing.assert_array_equal(np.sort(z[z != 0]), np.sort(y[y != 0]))


@given(images())
def test_gradients_of_unpooling_to_second_order(drawn):
    x, geometry = drawn
    check_gradients(lambda x: there_and_back(x, geometry) ** 2, x, order=2)


def test_of_several_numbers_for_one_place_the_last_stays_and_each_gets_the_gradient_as_in_pytorch():
    y = tg.Tensor([[1.0, 2.0]], requires_grad=True)
    z = F.max_unpool1d(y, np.array([[1, 1]]), 2)
    assert z.tolist() == [[0, 2, 0, 0]]
    z.backward(np.array([[1.0, 5.0, 1.0, 1.0]]))
    assert y.grad.tolist() == [[5, 5]]


def test_without_an_output_size_it_is_the_least_that_was_pooled_to_this():
    for n, size in ((6, 6), (7, 6), (8, 8)):
        y, indices = F.max_pool1d(tg.arange(n, dtype="float32")[None], 2, return_indices=True)
        assert F.max_unpool1d(y, indices, 2).shape == (1, size)
        assert F.max_unpool1d(y, indices, 2, output_size=(1, n)).shape == (1, n)
    y, indices = nn.MaxPool2d(3, 2, 1, return_indices=True)(tg.randn(2, 5, 7))
    assert nn.MaxUnpool2d(3, 2, 1)(y, indices).shape == (2, 5, 7)


MODULES = [
    (nn.MaxUnpool1d(2), "MaxUnpool1d(kernel_size=(2,), stride=(2,), padding=(0,))", (2, 3, 8)),
    (nn.MaxUnpool2d(2), "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))", (2, 3, 8, 6)),
    (nn.MaxUnpool3d(2, (2, 2, 2)), "MaxUnpool3d(kernel_size=(2, 2, 2), stride=(2, 2, 2), padding=(0, 0, 0))",
     (2, 3, 4, 2, 6)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "text", "shape"), MODULES, ids=lambda x: type(x).__name__)
def test_modules_have_pytorchs_repr_no_state_and_can_be_copied(layer, text, shape):
    assert repr(layer) == text
    assert layer.state_dict() == {}
    axes = len(shape) - 2
    pooled = getattr(nn, f"MaxPool{axes}d")(2, return_indices=True)(tg.randn(*shape))
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(*pooled).data, layer(*pooled).data)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda y, i: F.max_unpool2d(y, i, 2, output_size=(6, 4)),
         r"max_unpool2d: expected an output_size that is less than a stride away from \(4, 4\), but got \(6, 4\)"),
        (lambda y, i: F.max_unpool2d(y, i, 2, output_size=(4,)), r"from \(4, 4\), but got \(4,\) with stride \(2, 2\)"),
        (lambda y, i: F.max_unpool2d(y, i + 16, 2), r"expected indices in 0\.\.15 for planes of \(4, 4\), but got 16"),
        (lambda y, i: F.max_unpool2d(y, i - 1, 2), r"planes of \(4, 4\), but got -1"),
        (lambda y, i: F.max_unpool2d(y, i[..., :1], 2), r"input \(1, 2, 2\), but got int64 of shape \(1, 2, 1\)"),
        (lambda y, i: F.max_unpool2d(y, i * 1.0, 2), r"expected as indices one whole number .* but got float32"),
        (lambda y, i: F.max_unpool2d(y[0], i[0], 2), r"but got shape \(2, 2\)"),
        (lambda _y, _i: nn.MaxUnpool2d((1, 2, 3)), "MaxUnpool2d: expected kernel_size to be a number, or a tuple of 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_unpooled_is_an_error_that_says_why(call, text):
    with pytest.raises(ValueError, match=text):
        call(tg.ones((1, 2, 2)), tg.zeros((1, 2, 2), dtype="int64"))
