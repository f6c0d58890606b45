"""Reading parts of an array, and adding their gradients in: every path, and in linear time."""

import numpy as np
import pytest
from hypothesis import given

import tinygrad_edu as tg
from tinygrad_edu import Tensor
from tinygrad_edu.ops import indexing
from tinygrad_edu.ops.indexing import add_at
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import arrays

SHAPE = (40, 6, 5)
PLACES = np.random.default_rng(0).integers(-40, 40, 300)
BIG = [
    PLACES,
    PLACES.reshape(3, 100),
    (PLACES,),
    (PLACES, PLACES % 6),
    (PLACES, slice(None), PLACES % 5),
    (slice(None), PLACES % 6),
    (..., PLACES % 5),
    (None, PLACES, slice(1, 3)),
    (PLACES, np.arange(6) % 2 == 0)[:1],
    np.int64(3),
    (PLACES % 40).astype(np.uint8),
    (PLACES % 40).astype(np.int8),
]


@pytest.mark.parametrize("index", BIG, ids=lambda index: str(index)[:30])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("width", [4, 5])
def test_many_numbers_are_added_as_numpy_adds_them_one_by_one(index, dtype, width):
    rng = np.random.default_rng(1)
    start = rng.integers(-9, 9, (*SHAPE[:2], width)).astype(dtype)  # whole numbers: every order gives the same sum
    if isinstance(index, tuple) and len(index) > 1 and isinstance(index[-1], np.ndarray):
        index = (*index[:-1], index[-1] % width)
    g = rng.integers(-9, 9, start[index].shape).astype(dtype)
    found, wanted = start.copy(), start.copy()
    add_at(found, g, index)
    np.add.at(wanted, index, g)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == dtype


def test_many_numbers_are_added_into_an_array_in_another_order_of_memory():
    buffer = np.zeros((6, 40), order="F")
    add_at(buffer, np.ones((300, 40)), PLACES % 6)
    np.testing.assert_array_equal(buffer[:, 0], np.bincount(PLACES % 6, minlength=6))


def test_infinities_stay_with_their_element():
    g = np.zeros((2000, 2), np.float32)
    g[0] = [np.inf, 1]
    buffer = np.zeros((3, 2), np.float32)
    add_at(buffer, g, np.zeros(2000, int))
    np.testing.assert_array_equal(buffer, [[np.inf, 1], [0, 0], [0, 0]])


def elements_made(monkeypatch, read):
    """How many elements of gradients `read`, followed by a backward pass, makes room for, per slice."""
    made = []
    zeros = np.zeros
    x = Tensor(np.ones((200, 3)), requires_grad=True)
    y = tg.concatenate([part.reshape(-1) for part in read(x)]).sum()
    monkeypatch.setattr(
        np, "zeros", lambda shape, *args, **kw: made.append(np.prod(shape)) or zeros(shape, *args, **kw)
    )
    y.backward()
    monkeypatch.undo()
    np.testing.assert_array_equal(x.grad, np.ones((200, 3)))
    return sum(made)


@pytest.mark.parametrize(
    "read",
    [
        list,
        tg.unstack,
        lambda x: tg.split(x, 100),
        lambda x: [x[i] for i in range(200)],
        lambda x: [tg.take(x, [i], 0) for i in range(200)],
        lambda x: [tg.take(x, [i, i + 200, i + 400]) for i in range(200)],
    ],
)
def test_gradients_of_all_slices_share_one_array(read, monkeypatch):
    """One array of zeros for each of the 200 slices would be 120,000 elements."""
    assert elements_made(monkeypatch, read) == 600


def test_gradients_of_slices_that_each_make_an_array_would_be_found(monkeypatch):
    monkeypatch.setattr(indexing.getitem, "into", None)
    assert elements_made(monkeypatch, list) == 200 * 600


def test_recorded_gradients_of_all_slices_share_one_array_too(monkeypatch):
    x = Tensor(np.arange(1.0, 601.0).reshape(200, 3), requires_grad=True)
    y = sum((x[i] ** 3).sum() for i in range(200))
    made, zeros = [], np.zeros
    monkeypatch.setattr(np, "zeros", lambda shape, *a, **kw: made.append(np.prod(shape)) or zeros(shape, *a, **kw))
    first = tg.grad(y, x, create_graph=True)
    second = tg.grad(first.sum(), x)
    monkeypatch.undo()
    assert sum(made) < 4 * 600
    np.testing.assert_allclose(first.data, 3 * x.data**2)
    np.testing.assert_allclose(second.data, 6 * x.data)


def test_recorded_reads_and_other_uses_add_up():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    first = tg.grad((x[0] * x[1] + x[1:] ** 2 * x.sum()).sum(), x, create_graph=True)
    # d/dx of 2 x0 x1 + (x1**2 + x2**2) (x0 + x1 + x2)
    np.testing.assert_allclose(first.data, [4 + 13, 2 + 24 + 13, 36 + 13])
    np.testing.assert_allclose(tg.grad(first[0], x).data, [0, 2 + 4, 6])


def test_a_tensor_may_be_an_index():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert x[Tensor([1, 1]), Tensor([0, 1])].tolist() == [3, 4]
    assert x[x > 2].tolist() == [3, 4]
    (tg.take(x, Tensor([0, 0]), axis=0) * 2).sum().backward()
    assert x.grad.tolist() == [[4, 4], [0, 0]]


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
def test_indices_in_a_narrow_dtype_do_not_overflow(mode):
    x = Tensor(np.zeros((300, 8)), requires_grad=True)
    tg.take(x, np.array([200] * 200, np.uint8), axis=0, mode=mode).sum().backward()
    assert x.grad.sum(1).nonzero()[0].tolist() == [200]


@pytest.mark.parametrize(
    "read",
    [
        lambda w: w[0],
        lambda w: w[[0, 0]],
        lambda w: tg.take(w, [0, 1], axis=0),
        lambda w: tg.take_along_axis(w, [[0]], 1),
        lambda w: tg.gather(w, 0, [[1]]),
        lambda w: tg.pad(w, 1, "edge"),
        lambda w: tg.split(w, 2)[0],
        lambda w: tg.repeat(w, 2),
        lambda w: tg.roll(w.T, 1).reshape(-1),
        lambda w: tg.concatenate([w, w]),
        lambda w: tg.stack([w, w]),
    ],
)
def test_what_only_moves_may_change_before_backward(read):
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = read(w).sum()
    with tg.no_grad():
        w -= 0.1
    y.backward()
    assert w.grad.sum() > 0


def test_truth_values_are_the_numbers_0_and_1_to_take():
    x = Tensor([5.0, 6.0, 7.0], requires_grad=True)
    y = tg.take(x, [True, True, False])
    assert y.tolist() == [6, 6, 5]
    y.sum().backward()
    assert x.grad.tolist() == [1, 2, 0]


def test_what_was_not_read_has_no_gradient_even_where_it_is_infinite():
    x = Tensor([0.0, 4.0], requires_grad=True)
    tg.sqrt(x)[x > 0].sum().backward()
    assert x.grad.tolist() == [0, 0.25]


def test_of_numbers_scattered_to_one_place_the_last_one_has_the_gradient():
    src = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = tg.scatter(tg.zeros(2), 0, [1, 1, 0], src)
    assert y.tolist() == [3, 2]
    y.sum().backward()
    assert src.grad.tolist() == [0, 1, 1]


def test_of_equal_numbers_the_first_is_taken():
    x = Tensor([2.0, 5.0, 5.0, 1.0], requires_grad=True)
    assert tg.topk(x, 2).indices.tolist() == [1, 2]
    tg.topk(x, 1).values.sum().backward()
    assert x.grad.tolist() == [0, 1, 0, 0]
    x.zero_grad()
    (tg.sort(x) * Tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [2, 3, 4, 1]
    x.zero_grad()
    (tg.unique(x) * Tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [2, 3, 0, 1]


def test_topk_of_whole_numbers_and_bits():
    assert tg.topk(np.array([1, 5, 2], np.uint8), 2).indices.tolist() == [1, 2]
    assert tg.topk(np.array([np.iinfo(np.int64).min, 3]), 1).values.tolist() == [3]
    assert tg.topk(np.array([False, True]), 1).indices.tolist() == [1]


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("axis", [0, 1])
def test_topk_of_few_among_many_is_that_of_sorting(largest, axis):
    a = np.random.default_rng(0).integers(-3, 3, (40, 50)).astype(float)  # many are equal
    a[:, 1] = np.nan
    a[5:39, :] = np.where(np.arange(50) < 47, np.nan, a[5:39, :])  # lines with fewer numbers than asked for
    ranked = -np.where(np.isnan(a), np.inf, a) if largest else a
    wanted = np.argsort(ranked, axis, kind="stable").take(range(5), axis)
    assert tg.topk(a, 5, axis, largest).indices.tolist() == wanted.tolist()


def test_topk_takes_nan_for_the_greatest():
    nan, inf = np.nan, np.inf
    a = np.array([[nan, inf, nan, 2.0], [1.0, 4.0, 3.0, inf]])
    assert tg.topk(a, 3).indices.tolist() == [[0, 2, 1], [3, 1, 2]]
    assert tg.topk(a.T, 1, 0).indices.tolist() == [[0, 3]]
    assert tg.topk(a, 2, largest=False).indices.tolist() == [[3, 1], [0, 2]]


def test_equal_extremes_that_meet_share_the_gradient():
    src = Tensor([4.0, 4.0, 1.0], requires_grad=True)
    tg.scatter_reduce(tg.zeros(1), 0, [0, 0, 0], src, "amax").sum().backward()
    assert src.grad.tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize("numbers", [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
def test_gradient_of_a_scattered_product_with_zeros(numbers):
    src = Tensor(numbers, requires_grad=True)
    tg.scatter_reduce(tg.ones(1), 0, [0, 0, 0], src, "prod").sum().backward()
    a, b, c = numbers
    assert src.grad.tolist() == [b * c, a * c, a * b]


@pytest.mark.parametrize("include_self", [True, False])
def test_second_derivative_of_a_scattered_product_with_zeros(include_self):
    def f(x, src):
        return tg.scatter_reduce(x, 0, [2, 0, 2, 2, 1], src, "prod", include_self=include_self)

    check_gradients(f, np.array([3.0, 0.0, 0.5, 2.0]), np.array([0.0, 0.0, 2.0, 3.0, 5.0]), order=2)


@given(arrays((3, 4)))
def test_methods_are_numpys(a):
    t = Tensor(a)
    calls = [
        ("reshape", (4, 3)), ("reshape", ((2, -1),)), ("transpose", ()), ("transpose", (1, 0)),
        ("transpose", ((1, 0),)), ("ravel", ()), ("flatten", ()), ("swapaxes", (0, 1)),
        ("repeat", (2, 1)), ("take", ([0, 5],)), ("trace", ()), ("diagonal", (1,)),
        ("dot", (a.T,)), ("squeeze", ()), ("argsort", (0,)), ("compress", ([True, False, True], 0)),
    ]  # fmt: skip
    for name, args in calls:
        np.testing.assert_array_equal(getattr(t, name)(*args).data, getattr(a, name)(*args), name)
    assert [p.tolist() for p in t.nonzero()] == [p.tolist() for p in a.nonzero()]


ONE = np.arange(12.0).reshape(3, 4)
FUNCTIONS = [
    lambda t: np.concatenate([t, ONE], axis=1),
    lambda t: np.stack([ONE, t]),
    lambda t: np.vstack([t, ONE[0]]),
    lambda t: np.split(t, 3)[0],
    lambda t: np.pad(t, ((1, 0), (2, 1)), mode="reflect"),
    lambda t: np.roll(t, 1, axis=0),
    lambda t: np.rot90(t),
    lambda t: np.einsum("ij,kj->ik", t, ONE),
    lambda t: np.tensordot(ONE, t, axes=2),
    lambda t: np.dot(ONE, t.T),
    lambda t: np.take(t, [1], axis=0),
    lambda t: np.take_along_axis(t, np.argsort(ONE), axis=1),
    lambda t: np.broadcast_to(t, (2, 3, 4)),
    lambda t: np.meshgrid(t[0], ONE[0])[0],
    lambda t: np.insert(t, 1, 0.5, axis=0),
    lambda t: np.delete(t, [0], axis=1),
    lambda t: np.sort(t, axis=0),
    lambda t: np.kron(t, ONE),
    lambda t: np.convolve(t[0], ONE[1], "same"),
    lambda t: np.linalg.norm(t, axis=1),
    lambda t: np.linalg.svd(t, full_matrices=False).S,
    lambda t: np.linalg.pinv(t),
    lambda t: np.zeros_like(t, dtype=int),
]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_numpys_own_functions_run_ours(f):
    x = Tensor(ONE, requires_grad=True)
    y = f(x)
    assert isinstance(y, Tensor)
    assert y.requires_grad == (y.dtype.kind == "f")
    np.testing.assert_allclose(y.data, f(ONE), atol=1e-12)


def test_integers_stay_integers_where_numbers_only_move():
    t = Tensor(np.arange(6).reshape(2, 3))
    for y in (t.reshape(6), t[0], tg.concatenate([t, t]), tg.pad(t, 1, "edge"), tg.tile(t, 2), tg.hstack([t, t])):
        assert y.dtype == np.int64
