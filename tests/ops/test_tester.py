"""The tests of the table are tested: a mistake in any formula of any op is found, and a weaker check would miss it."""

import functools

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.ops.table import rows
from tinygrad_edu import Tensor, differentiable
from tinygrad_edu.engine import is_tensor, untracked
from tinygrad_edu.sweep import sweep
from tinygrad_edu.testing import GradientError, check_gradients
from tinygrad_edu.testing.point import is_floating


def by_op():
    """The rows of each op that has formulas of its own."""
    found = {}
    for row in rows():
        if row.differentiable and hasattr(row.op, "vjps"):
            found.setdefault(row.op, []).append(row)
    return found


OPS = by_op()
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)


def named(name):
    return next(op for op in OPS if op.__name__ == name)


@functools.cache
def examples(op):
    """Calls of an op drawn from its rows, the same each time; drawn once, as that is slow."""
    calls = []

    @settings(max_examples=20, derandomize=True, database=None, phases=[Phase.generate])
    @given(data=st.data())
    def collect(data):
        for row in OPS[op]:
            arrays, params = data.draw(row.inputs)
            calls.append((row, arrays, params))

    collect()
    return calls


def is_found(op, check=check_gradients):
    """Whether the examples of `op` find something wrong with its gradient."""
    try:
        for row, arrays, params in examples(op):
            check(row.of(params), *arrays, order=row.order)
    except GradientError:
        return True
    return False


def formulas(op):
    """Where the formulas of `op` are kept, and each as (place, index): one by one, if there are several."""
    found = [("vjps", i) for i, vjp in enumerate(op.vjps) if vjp is not None]
    return found + [(name, None) for name in ("each", "joint", "into") if getattr(op, name) is not None]


def mutate(patch, op, place, i, change):
    """Change the formula `i` that is kept at `place`."""
    formula = getattr(op, place) if i is None else getattr(op, place)[i]
    changed = change(formula)
    if i is not None:
        changed = tuple(changed if k == i else vjp for k, vjp in enumerate(op.vjps))
    patch.setattr(op, place, changed)
    if place == "vjps" and op.formulas:  # where a sweep over arrays finds the same formulas
        patch.setattr(op, "formulas", changed)


def slightly_wrong(formula):
    """A derivative that is 0.2 % too large."""

    def larger(gx):
        return tuple(map(larger, gx)) if isinstance(gx, tuple | list) else None if gx is None else gx * 1.002

    return lambda *args, **params: larger(formula(*args, **params))


def slightly_wrong_into(into):
    """Likewise for a formula that adds its gradient into an array."""

    def add_more(buffer, g, *args, **params):
        into(buffer, g * 1.002, *args, **params)

    return add_more


def bare(x):
    return tuple(map(bare, x)) if isinstance(x, tuple | list) else x._data if is_tensor(x) else x


def without_graph(formula):
    """A formula that computes on bare arrays also when its gradient is to be differentiated again."""

    def calculate(*args, **params):
        gx = formula(*map(bare, args), **params)
        return untracked(gx) if any(is_tensor(x) for x in args) else gx

    return calculate


def with_frozen_values(formula):
    """A formula that keeps the graph of g, but takes the numbers out of the output and the inputs."""
    return lambda g, *args, **params: formula(g, *map(bare, args), **params)


def reads_values(op, i):
    """Whether what formula `i` returns changes with the output or the inputs, so that freezing them matters."""
    for row, arrays, params in examples(op):
        y = row.of(params)(*(Tensor(a, requires_grad=True) if is_floating(a) else a for a in arrays))
        x = y.inputs[i or 0]
        if is_tensor(x) and x.requires_grad:
            g = untracked(np.ones(y.shape))
            gx = op.each(g, y, 0, y.inputs, **y.params) if i is None else op.vjps[i](g, y, *y.inputs, **y.params)
            if gx.requires_grad and any(slope.any() for x, slope in sweep(gx, np.ones(gx.shape)) if x.is_leaf):
                return True
    return False


@every_op
def test_every_sweep_finds_the_same_formulas(op):
    assert op.formulas in ((), op.vjps)


@every_op
def test_a_derivative_that_is_wrong_by_two_thousandths_is_found(op, monkeypatch):
    for place, i in formulas(op):
        with monkeypatch.context() as patch:
            mutate(patch, op, place, i, slightly_wrong_into if place == "into" else slightly_wrong)
            assert is_found(op), f"{op.__name__}.{place}{'' if i is None else [i]}, 0.2 % too large, was not found"


@every_op
def test_a_formula_that_loses_the_graph_is_found(op, monkeypatch):
    for place, i in formulas(op):
        if place in ("vjps", "each"):
            with monkeypatch.context() as patch:
                mutate(patch, op, place, i, without_graph)
                assert is_found(op), f"{op.__name__}.{place}{'' if i is None else [i]} without a graph was not found"


@every_op
def test_a_formula_that_takes_numbers_out_of_the_graph_is_found(op, monkeypatch):
    for place, i in formulas(op):
        if place in ("vjps", "each") and reads_values(op, i):
            with monkeypatch.context() as patch:
                mutate(patch, op, place, i, with_frozen_values)
                assert is_found(op), f"{op.__name__}.{place}{'' if i is None else [i]} with bare values was not found"


@pytest.mark.parametrize("name", ["exp", "matmul", "concatenate", "where"])
def test_an_op_that_is_right_is_not_blamed(name):
    assert not is_found(named(name))


# ---- and the check, made weaker, does fail ----


def test_a_check_of_first_order_misses_a_formula_that_loses_the_graph(monkeypatch):
    op = named("multiply")
    mutate(monkeypatch, op, "vjps", 0, without_graph)
    assert is_found(op)
    assert not is_found(op, lambda f, *inputs, order: check_gradients(f, *inputs, order=1))


def test_a_coarse_tolerance_misses_two_thousandths(monkeypatch):
    op = named("exp")
    mutate(monkeypatch, op, "vjps", 0, slightly_wrong)
    assert is_found(op)
    assert not is_found(op, functools.partial(check_gradients, atol=1.0))


def test_a_cotangent_of_ones_misses_a_softmax_without_gradient():
    @differentiable(lambda g, y, x: g * 0.0)
    def softmax(x):
        e = np.exp(x - x.max())
        return e / e.sum()

    x = np.array([1.0, 2.0, 3.0])
    check_gradients(lambda x: softmax(x).sum(), x)  # what a cotangent of ones looks at
    with pytest.raises(GradientError, match="formula of the op softmax for its argument x is wrong"):
        check_gradients(softmax, x)


def test_a_joint_check_alone_misses_a_small_wrong_gradient_beside_a_large_one():
    @differentiable(lambda g, y, a, b: g, lambda g, y, a, b: g * 1.002)
    def add(a, b):
        return a + b

    def f(large, small):
        return add(large * 1e4, small)

    point = np.ones(3), np.ones(3)
    with pytest.raises(GradientError, match="input 1"):
        check_gradients(f, *point)
    both = np.ones(6)
    check_gradients(lambda ab: f(ab[:3], ab[3:]), both)


def test_a_value_that_does_not_depend_on_the_inputs_is_refused():
    with pytest.raises(TypeError, match="no history"):
        check_gradients(lambda x: Tensor([1.0]), np.ones(3))
