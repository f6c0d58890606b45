"""Random programs: whatever is computed, from whatever shared parts, the gradient is right, or there is an error."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu.sweep import history
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import arrays, axes, shapes


class Step(NamedTuple):
    """One line of a program: what is done, with which of the values so far, and how."""

    name: str
    args: tuple[int, ...]
    params: dict


def assigned(a, b, index):
    t = a * 1.0
    t[index] = b.sum()
    return t


def used_and_then_assigned(a, b, index):
    t = a * 1.0
    before = tg.tanh(t)
    row = t[index]
    t[index] = b.sum() * row
    again = t * before
    t[0] = 0.5
    return t + again


def added_in_place(a, b):
    t = tg.copy(a)
    t += b
    return t


def constant_changed_before_use(a, factor):
    c = tg.ones(a.shape, dtype=a.dtype)
    c *= factor
    return a * c


# Smooth, bounded where they could grow, and all shapes of traffic: sharing, broadcasting, views, sums, matrices.
STEPS = {
    "tanh": tg.tanh,
    "soft": lambda a: tg.log(1 + tg.exp(tg.tanh(a))),
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: tg.tanh(a) * b,
    "divide": lambda a, b: a / (2 + tg.tanh(b)),
    "cube": lambda a: tg.tanh(a) ** 3,
    "shared": lambda a: tg.tanh(a) * a + a,
    "matmul": lambda a, b: tg.tanh(a) @ b,
    "sum": lambda a, **params: tg.tanh(a.sum(**params)),
    "mean": lambda a, **params: a.mean(**params),
    "row": lambda a, index: a[index],
    "transpose": lambda a: a.T,
    "flat": lambda a: a.reshape(-1),
    "stretch": lambda a, shape: tg.broadcast_to(a, shape),
    "choose": lambda a, b, mask: tg.where(mask, a, b),
    "assigned": assigned,
    "used and then assigned": used_and_then_assigned,
    "added in place": added_in_place,
    "stack": lambda a: tg.stack([a, a * 2, a]),
    "join": lambda a, b: tg.concatenate([a.reshape(-1), tg.tanh(b).reshape(-1), a.reshape(-1)]),
    "flip": lambda a: tg.flip(a),
    "running sum": lambda a: tg.cumsum(tg.tanh(a), axis=0),
    "softmax": lambda a: tg.softmax(a, axis=-1),
    "largest": lambda a: a.max(axis=-1),
    "normed": lambda a: tg.standardize(a, axes=-1, eps=0.1),
    "slices": lambda a: tg.concatenate([a[k : k + 1] * (k + 1) for k in range(len(a))]),
    "twice": lambda a: tg.einsum("i...,i...->...", tg.tanh(a), a),
    "constant": constant_changed_before_use,
}


def run(steps, leaves):
    """All values of a program, those of the leaves first."""
    values = list(leaves)
    for name, args, params in steps:
        values.append(STEPS[name](*(values[i] for i in args), **params))
    return values


def result(steps, leaves):
    """The last value, and a little of all others, so that each is used more than once."""
    values = run(steps, leaves)
    total = (values[-1] * values[-1]).sum()
    for v in values:
        total = total + 0.3 * v.sum()
    return total


def broadcast(*shapes):
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


@st.composite
def programs(draw):
    """Steps, and the arrays that they start from."""
    starts = [draw(arrays(shapes(max_dims=2, max_side=3), -1.5, 1.5)) for _ in range(draw(st.integers(1, 3)))]
    steps = []
    for _ in range(draw(st.integers(1, 8))):
        values = run(steps, map(tg.Tensor, starts))
        step = draw(next_steps(values))
        if step is not None:
            steps.append(step)
    assume(steps)
    return steps, starts


@st.composite
def next_steps(draw, values):
    """A step that the values so far allow; None if what was drawn does not fit."""
    name = draw(st.sampled_from(list(STEPS)))
    place = st.integers(0, len(values) - 1)
    i, j = draw(place), draw(place)
    a, b = values[i].shape, values[j].shape
    if name == "join":
        return Step(name, (i, j), {})
    if name in ("add", "subtract", "multiply", "divide"):
        return Step(name, (i, j), {}) if broadcast(a, b) is not None else None
    if name == "matmul":
        return Step(name, (i, j), {}) if len(a) == len(b) == 2 and a[1] == b[0] else None
    if name == "choose":
        shape = broadcast(a, b)
        return None if shape is None else Step(name, (i, j), {"mask": draw(arrays(shape, 0, 1, dtype=int)) == 1})
    if name == "added in place":
        return Step(name, (i, j), {}) if broadcast(a, b) == a else None
    if name in ("running sum", "softmax", "largest", "normed", "slices", "twice"):
        return Step(name, (i,), {}) if a and 0 not in a else None
    if name in ("row", "assigned", "used and then assigned"):
        if not a or a[0] == 0:
            return None
        part = st.integers(-a[0], a[0] - 1)
        index = draw(part | st.lists(part, min_size=1, max_size=3).map(np.array) | st.just(slice(None, None, 2)))
        return Step(name, (i,) if name == "row" else (i, j), {"index": index})
    if name in ("sum", "mean"):
        if name == "mean" and 0 in a:
            return None
        return Step(name, (i,), {"axis": draw(axes(len(a))), "keepdims": draw(st.booleans())})
    if name == "stretch":
        return Step(name, (i,), {"shape": (2, *a)}) if len(a) < 3 else None
    if name == "constant":
        return Step(name, (i,), {"factor": draw(st.floats(0.5, 2.0))})
    return Step(name, (i,), {})


def leaves_of(starts):
    return [tg.Tensor(a, requires_grad=True) for a in starts]


def gradients(steps, starts):
    """By `backward`, on leaves of their own; zeros where nothing arrived."""
    leaves = leaves_of(starts)
    result(steps, leaves).backward()
    return [x.grad for x in leaves]


def agree(found, wanted, tolerance=1e-11):
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(getattr(a, "data", a), b, rtol=tolerance, atol=tolerance)


@given(programs())
def test_the_gradient_of_a_program_is_that_of_central_differences(program):
    steps, starts = program
    check_gradients(lambda *leaves: result(steps, leaves), *starts, order=2)


@given(programs())
def test_the_gradient_of_a_gradient_is_proved_to_third_order(program):
    steps, starts = program

    def slope(*leaves):
        gradient = tg.grad(lambda *leaves: result(steps, leaves), range(len(leaves)))(*leaves)
        return tg.concatenate([(g * x).reshape(-1) for g, x in zip(gradient, leaves, strict=True)])

    check_gradients(slope, *starts, order=2, rtol=1e-4, atol=1e-6)


@given(programs())
def test_every_way_to_the_gradient_of_a_program_gives_the_same(program):
    steps, starts = program
    wanted = gradients(steps, starts)

    leaves = leaves_of(starts)
    y = result(steps, leaves)
    agree(tg.grad(y, leaves), wanted)
    agree(tg.grad(y, leaves, create_graph=True), wanted)
    assert all(x.grad is None for x in leaves)
    y.backward()
    y.backward()
    agree([x.grad for x in leaves], [2 * g for g in wanted])

    leaves = leaves_of(starts)
    y = result(steps, leaves)
    y.backward(keep=False)
    agree([x.grad for x in leaves], wanted)
    with pytest.raises(RuntimeError, match="keep=False"):
        y.backward()

    found = tg.grad(lambda *leaves: result(steps, leaves), range(len(starts)))(*starts)
    agree(found, wanted)


@given(programs())
def test_a_program_is_recorded_in_topological_order_and_only_once(program):
    steps, starts = program
    nodes = history(result(steps, leaves_of(starts)))
    assert len(set(nodes)) == len(nodes)
    place = {node: k for k, node in enumerate(nodes)}
    for node in nodes:
        for x in node.inputs:
            if isinstance(x, tg.Tensor) and x.requires_grad:
                assert place[x] > place[node]


@given(programs())
def test_the_slope_along_a_direction_is_the_product_with_the_gradient(program):
    steps, starts = program
    directions = tuple(np.cos(np.arange(a.size, dtype=float)).reshape(a.shape) for a in starts)
    _, slope = tg.jvp(lambda *leaves: result(steps, leaves), tuple(map(tg.Tensor, starts)), directions)
    wanted = sum(np.sum(g * d) for g, d in zip(gradients(steps, starts), directions, strict=True))
    assert float(slope) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@given(programs())
def test_a_float32_program_stays_float32_and_has_nearly_the_same_gradient(program):
    steps, starts = program
    leaves = leaves_of([a.astype(np.float32) for a in starts])
    y = result(steps, leaves)
    assert {node.dtype for node in history(y)} == {np.dtype(np.float32)}
    y.backward()
    for x, wanted in zip(leaves, gradients(steps, starts), strict=True):
        assert x.grad.dtype == np.float32
        np.testing.assert_allclose(x.grad, wanted, rtol=1e-2, atol=1e-3 * (1 + abs(wanted).max(initial=0.0)))


CHANGES = {
    "in place": lambda t: t.__iadd__(1.0),
    "through data": lambda t: setattr(t, "data", t.data + 1.0),
    "through an alias": lambda t: t.detach().__imul__(2.0),
    "through a view": lambda t: t.reshape(-1).__iadd__(1.0),
    "by assignment": lambda t: t.__setitem__(..., 7.0),
}


def after_change(steps, starts, k, change):
    """The gradients after value number k was changed between forward and backward; the error's text if that says so."""
    leaves = leaves_of(starts)
    y = result(steps, leaves)
    try:
        with tg.no_grad():
            change(history(y)[k])
        y.backward()
    except (ValueError, RuntimeError) as error:
        return str(error)
    return [x.grad for x in leaves]


def check_changes(program, change):
    """Each value of a program is changed in turn."""
    steps, starts = program
    wanted = gradients(steps, starts)
    for k in range(len(history(result(steps, leaves_of(starts))))):
        found = after_change(steps, starts, k, change)
        if isinstance(found, str):
            assert "changed in place" in found or "read-only" in found
        else:
            agree(found, wanted)


@pytest.mark.parametrize("change", CHANGES)
@given(program=programs())
def test_a_change_after_the_fact_is_an_error_or_makes_no_difference(change, program):
    check_changes(program, CHANGES[change])


@given(programs())
def test_so_is_a_write_that_leaves_no_stamp_where_checksums_are_kept(program):
    with tg.detect_writes():
        check_changes(program, lambda t: np.copyto(t.data, t.data + 1.0))
