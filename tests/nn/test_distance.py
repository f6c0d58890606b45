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
from tinygrad_edu.testing.strategies import arrays, broadcastable, shapes

AWAY = {"low": 0.2, "high": 2.0}


def norm(v, p):
    v = [abs(a) for a in v]
    if p in (math.inf, -math.inf):
        return max(v) if p > 0 else min(v)
    return float(sum(a != 0 for a in v)) if p == 0 else sum(a**p for a in v) ** (1 / p)


def along(x, axis, f):
    """`f` of each line of `x` along `axis`."""
    lines = np.moveaxis(x, axis, -1)
    return np.array([f(lines[i].tolist()) for i in np.ndindex(lines.shape[:-1])]).reshape(lines.shape[:-1])


@st.composite
def pairs(draw):
    """Two arrays that broadcast, and an axis of what they broadcast to."""
    first, second = draw(broadcastable(2, min_dims=1).filter(lambda s: all(map(math.prod, s))))
    dim = draw(st.integers(-max(len(first), len(second)), max(len(first), len(second)) - 1))
    return draw(arrays(first, **AWAY)), draw(arrays(second, **AWAY)), dim


@given(pairs())
def test_cosine_similarity_is_the_product_of_the_directions(drawn):
    x1, x2, dim = drawn
    a, b = np.broadcast_arrays(x1, x2)
    wanted = along(a * b, dim, sum) / along(a, dim, lambda v: norm(v, 2)) / along(b, dim, lambda v: norm(v, 2))
    np.testing.assert_allclose(F.cosine_similarity(tg.Tensor(x1), tg.Tensor(x2), dim).data, wanted, rtol=1e-12)
    check_gradients(lambda a, b: F.cosine_similarity(a, b, dim), x1, x2, order=2)


@given(arrays((3, 4), **AWAY), arrays((3, 4), **AWAY), st.floats(0.1, 9))
def test_cosine_similarity_does_not_depend_on_length_and_is_one_for_a_vector_and_itself(x1, x2, scale):
    np.testing.assert_allclose(F.cosine_similarity(x1 * scale, x2), F.cosine_similarity(x1, x2), rtol=1e-9)
    np.testing.assert_allclose(F.cosine_similarity(x1, x1), np.ones(3), rtol=1e-12)
    np.testing.assert_allclose(F.cosine_similarity(x1, x2), F.cosine_similarity(x2, x1), rtol=1e-12)


def test_short_vectors_are_divided_by_eps_but_have_the_gradient_of_their_length_as_in_pytorch():
    x = tg.Tensor([[0.0, 0.0], [0.3, 0.4]], dtype="float64", requires_grad=True)
    y = F.cosine_similarity(x, tg.Tensor([[3.0, 4.0]], dtype="float64"), eps=1.0)
    y.sum().backward()
    np.testing.assert_allclose(y.data, [0, 0.5])
    # g / eps - (x / eps**2) * (x2 . g) / |x|: made with PyTorch 2.13
    np.testing.assert_allclose(x.grad, [[0.6, 0.8], [0.3, 0.4]], rtol=1e-12)


@given(pairs(), st.sampled_from([1, 2, 3, 1.5, math.inf]), st.sampled_from([0.0, 1e-6]), st.booleans())
def test_pairwise_distance_is_the_norm_of_the_difference(drawn, p, eps, keepdim):
    x1, x2, _ = drawn
    x2 = -x2
    wanted = along(x1 - x2 + eps, -1, lambda v: norm(v, p))
    y = F.pairwise_distance(tg.Tensor(x1), tg.Tensor(x2), p, eps, keepdim)
    np.testing.assert_allclose(y.data, wanted[..., None] if keepdim else wanted, rtol=1e-12)
    if p < math.inf:
        check_gradients(lambda a, b: F.pairwise_distance(a, b, p, eps, keepdim), x1, x2, order=2)


def test_the_distance_of_equal_vectors_has_gradient_zero_without_eps_and_one_with_it():
    x = tg.ones((1, 4)).requires_grad_()
    F.pairwise_distance(x, tg.ones((1, 4)), eps=0.0).sum().backward()
    assert not x.grad.any()
    x.grad = None
    y = F.pairwise_distance(x, tg.ones((1, 4)), eps=0.5)
    y.sum().backward()
    assert y.tolist() == [1.0]
    assert x.grad.tolist() == [[0.5] * 4]


@given(st.integers(0, 4), st.sampled_from([1, 2, 3, math.inf]), st.data())
def test_pdist_is_the_part_of_all_distances_above_the_diagonal(n, p, data):
    x = data.draw(arrays((n, 3)))
    y = F.pdist(tg.Tensor(x), p)
    np.testing.assert_array_equal(y.data, [tg.cdist(x, x, p)[i, j] for i in range(n) for j in range(i + 1, n)])
    if n > 1 and p < math.inf:
        check_gradients(lambda x: F.pdist(x, p), x, order=2)


@given(shapes(min_dims=1, min_side=1), st.sampled_from([1, 2, 3, math.inf, 0.5]), st.data())
def test_normalized_vectors_have_length_one(shape, p, data):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = data.draw(arrays(shape, **AWAY))
    y = F.normalize(tg.Tensor(x), p, dim).data
    np.testing.assert_allclose(along(y, dim, lambda v: norm(v, p)), 1, rtol=1e-12)
    np.testing.assert_allclose(y * np.expand_dims(along(x, dim, lambda v: norm(v, p)), dim), x, rtol=1e-12)
    if p < math.inf:
        check_gradients(lambda x: F.normalize(x, p, dim) ** 2, x, order=2)


def test_several_axes_are_normalized_together():
    y = F.normalize(np.array([[[3.0, 0.0], [0.0, 4.0]]]), dim=(1, 2))
    np.testing.assert_allclose(y, [[[0.6, 0], [0, 0.8]]])


def test_a_vector_shorter_than_eps_is_divided_by_eps_alone():
    x = tg.Tensor([[0.0, 0.0], [0.3, 0.4]], dtype="float64", requires_grad=True)
    y = F.normalize(x, eps=1.0)
    y.backward(np.array([[1.0, 2.0], [1.0, 2.0]]))
    np.testing.assert_allclose(y.data, x.data)
    np.testing.assert_allclose(x.grad, [[1, 2], [1, 2]])


def test_float32_stays_float32():
    x = tg.ones((2, 3)).requires_grad_()
    y = F.cosine_similarity(x, np.ones((2, 3))).sum() + F.pairwise_distance(x, x).sum() + F.normalize(x).sum()
    assert F.cosine_similarity(x, tg.ones((2, 3))).dtype == np.float32
    assert F.pairwise_distance(x, tg.ones((2, 3))).dtype == np.float32
    y.backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("layer", [nn.CosineSimilarity(0, 0.1), nn.PairwiseDistance(3.0, 0.1, True)], ids=repr)
def test_modules_have_pytorchs_repr_no_state_and_can_be_copied(layer):
    assert repr(layer) == f"{type(layer).__name__}()"
    assert layer.state_dict() == {}
    x1, x2 = tg.rand(3, 4), tg.rand(3, 4)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(x1, x2).data, layer(x1, x2).data)


def test_what_does_not_fit_is_an_error_that_says_why():
    x1, x2 = tg.zeros((2, 3)), tg.zeros((2, 4))
    for f in (F.cosine_similarity, F.pairwise_distance):
        with pytest.raises(ValueError, match=rf"{f.__name__}: expected shapes that .* x1 \(2, 3\) and x2 \(2"):
            f(x1, x2)
        with pytest.raises(TypeError, match=f"{f.__name__}: expected a Tensor or an array, but got list"):
            f([1.0], x2)
    with pytest.raises(IndexError, match=r"cosine_similarity: expected an axis in -2\.\.1, but got axis 2"):
        F.cosine_similarity(x1, x1, 2)
    with pytest.raises(IndexError, match=r"expected an axis in -1\.\.0, but got axis 1"):
        F.normalize(x1[0])
    with pytest.raises(ValueError, match=r"pdist: expected a matrix \(n, d\), but got shape \(3,\)"):
        F.pdist(x1[0])
    with pytest.raises(ValueError, match="pdist: expected a p of at least 0, but got -1"):
        F.pdist(x1, -1)
    with pytest.raises(ValueError, match="cdist: expected a p of at least 0, but got -1"):
        tg.cdist(x1, x1, -1)
    with pytest.raises(ValueError, match=r"cdist: expected sets of vectors .* x1 \(2, 3\) and x2 \(2, 4\)"):
        tg.cdist(x1, x2)
