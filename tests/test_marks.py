"""No gradient against a gradient of zero: marks of what a selection left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import marks
from tinygrad_edu.sweep import sweep

pytestmark = pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")


def leaf(data):
    return tg.Tensor(np.array(data, float), requires_grad=True)


def gradient(f, data):
    x = leaf(data)
    f(x).sum().backward()
    return x.grad.tolist()


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: tg.where(x > 0, tg.sqrt(x), 0), [0.0, 0.25]),
        (lambda x: tg.where(x > 0, tg.log(x) * tg.sqrt(x), 0), [0.0, np.log(4) / 4 + 0.5]),
        (lambda x: tg.where(x > 0, tg.sqrt(x), x), [1.0, 0.25]),
        (lambda x: tg.where(x > 0, 1 / x, 0).reshape((2, 1)).T, [0.0, -1 / 16]),
        (lambda x: tg.where(x[::-1] > 0, tg.log(x[::-1]), 0), [0.0, 0.25]),
        (lambda x: tg.sqrt(x)[1:], [0.0, 0.25]),
        (lambda x: tg.sqrt(x[1:] * x[1:]), [0.0, 1.0]),
        (lambda x: tg.where(x > 0, tg.sqrt(x) + tg.Tensor(np.ones((3, 1))), 0), [0.0, 0.75]),
        (lambda x: tg.sum(tg.sqrt(x), where=x.data > 0), [0.0, 0.25]),
        (lambda x: tg.mean(tg.log(x) * tg.sqrt(x), where=x.data > 0), [0.0, np.log(4) / 4 + 0.5]),
        (lambda x: tg.prod(tg.sqrt(x), where=x.data > 0), [0.0, 0.25]),
    ],
)
def test_what_was_not_taken_has_gradient_exactly_zero(f, expected):
    np.testing.assert_allclose(gradient(f, [0.0, 4.0]), expected)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: tg.sqrt(x) ** 2,
        lambda x: 0 * tg.sqrt(x),
        lambda x: tg.where(x >= 0, tg.sqrt(x) * 0, 1.0),
        lambda x: tg.where(x > 0, 0 * tg.sqrt(x), 0) + 0 * tg.sqrt(x),
    ],
)
def test_a_gradient_that_is_zero_by_number_keeps_its_nan(f):
    found = gradient(f, [0.0, 4.0])
    assert np.isnan(found[0])
    assert np.isfinite(found[1])


def test_an_infinite_gradient_that_was_taken_stays_infinite():
    assert gradient(lambda x: tg.where(x >= 0, tg.sqrt(x), 0), [0.0, 4.0]) == [np.inf, 0.25]


def test_marks_end_at_ops_that_mix_elements():
    x = leaf([0.0, 4.0])
    tg.where(np.array([True, False]), tg.sqrt(x).sum(), 0).sum().backward()
    assert x.grad.tolist() == [np.inf, 0.25]


def test_the_switch_gives_the_classic_nan_back():
    x = leaf([0.0, 4.0])
    y = tg.where(x > 0, tg.sqrt(x), 0).sum()
    with tg.classic_gradients():
        assert np.isnan(tg.grad(y, x).data[0])
    assert tg.grad(y, x).tolist() == [0.0, 0.25]


def test_marks_serve_the_second_order_too():
    x = leaf([0.0, 4.0])
    y = tg.where(x > 0, tg.sqrt(x) * x, 0).sum()
    g = tg.grad(y, x, create_graph=True)
    np.testing.assert_allclose(g.data, [0.0, 1.5 * 2.0])
    h = tg.grad(g.sum(), x, create_graph=True)
    np.testing.assert_allclose(h.data, [0.0, 0.75 / 2.0])
    np.testing.assert_allclose(tg.grad(h.sum(), x).data, [0.0, -0.375 / 8.0])


@pytest.mark.parametrize("keep", [True, False])
def test_backward_without_keep_has_the_marks_and_lets_go(keep):
    x = leaf([0.0, 4.0])
    y = tg.where(x > 0, tg.sqrt(x), 0).sum()
    y.backward(keep=keep)
    assert x.grad.tolist() == [0.0, 0.25]
    assert (y.inputs == ()) == (not keep)


def test_no_marks_are_worked_out_while_all_is_finite(monkeypatch):
    monkeypatch.setattr(marks, "marked_sweep", lambda *_: pytest.fail("marks were worked out"))
    assert gradient(lambda x: tg.where(x > 0, tg.sqrt(x), 0), [1.0, 4.0]) == [0.5, 0.25]


def test_gradients_of_two_leaves_share_no_memory_under_marks():
    a, b = leaf([0.0, 1.0]), leaf([0.0, 1.0])
    (tg.where(a > 0, tg.log(a), 0) + (a + b)).sum().backward()
    assert not np.shares_memory(a.grad, b.grad)


# ---- properties, on random programs ----

UNARY = [tg.exp, tg.tanh, tg.sqrt, tg.log, lambda x: 1 / x, lambda x: -x, lambda x: x * x, lambda x: x**0.5]
BINARY = [tg.add, tg.multiply, tg.subtract, tg.divide]

# Each step of a program makes a value from earlier ones; all the values are combined at the end.
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(UNARY), st.integers(0, 5)),
        st.tuples(st.sampled_from(BINARY), st.integers(0, 5), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=6,
)


def run(program, x):
    values = [x]
    for op, *places in program:
        values.append(op(*(values[-1 - p % len(values)] for p in places)))
    return values[-1]


points = st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), min_size=1, max_size=4).map(np.array)


@given(steps, points, st.integers(0, 15))
def test_the_gradient_is_that_of_the_branch_on_the_taken_elements_alone(program, data, bits):
    taken = np.array([bool(bits >> i & 1) for i in range(data.size)])
    x = leaf(data)
    tg.where(taken, run(program, x), 0).sum().backward()
    alone = leaf(data[taken])
    expected = np.zeros(data.size)
    y = run(program, alone).sum()
    y.backward()
    expected[taken] = alone.grad
    np.testing.assert_array_equal(x.grad, expected)


@given(steps, points, st.integers(0, 15))
def test_second_derivatives_are_those_of_the_branch_on_the_taken_elements_alone(program, data, bits):
    taken = np.array([bool(bits >> i & 1) for i in range(data.size)])
    x, alone = leaf(data), leaf(data[taken])
    second = tg.grad(tg.grad(tg.where(taken, run(program, x), 0).sum(), x, create_graph=True).sum(), x)
    expected = np.zeros(data.size)
    expected[taken] = tg.grad(tg.grad(run(program, alone).sum(), alone, create_graph=True).sum(), alone).data
    if np.isfinite(expected).all():
        np.testing.assert_allclose(second.data, expected, rtol=1e-12)
    np.testing.assert_array_equal(second.data[~taken], 0.0)


@given(steps, st.lists(st.sampled_from([0.5, 1.5, 2.0]), min_size=1, max_size=4).map(np.array), st.integers(0, 15))
def test_where_the_plain_sweep_is_finite_both_agree_exactly(program, data, bits):
    taken = np.array([bool(bits >> i & 1) for i in range(data.size)])
    x = leaf(data)
    y = tg.where(taken, run(program, x), x).sum()
    plain = dict(sweep(y, np.ones(())))[x]
    marked = dict(marks.marked_sweep(y, np.ones(())))[x]
    np.testing.assert_array_equal(marked[np.isfinite(plain)], plain[np.isfinite(plain)])
