"""The table of ops: one row or more for each, from which every op is tested alike.

To add an op, add a row to the ROWS of ``rows_<family>.py`` in this folder (a new file is found by itself):

    Row(tg.hypot, elementwise(math.hypot), operands(2, away=[0.0])),
    Row(tg.sum, by_slices(math.fsum), shapes().flatmap(lambda s: call(arrays(s), axis=axes(len(s)))), "along axes"),

1. `op`: as users call it. For `concatenate` and its like the strategy draws the arrays one by one, not in a list; so
   gets them the reference.
2. `reference`: its value by other means, from plain float64 arrays: a loop, the math module, SciPy, the definition.
3. `inputs`: a strategy that draws a `call(...)`: strategies of the arrays, in order, and by name of the parameters.
   `array(low, high, away)` draws one array of any shape, `operands(n, ...)` n that broadcast together; where a
   parameter depends on the shape, as above, `shapes().flatmap`. Draw every kind of call that the op has: each axis and
   option, 0-d and no elements at all. Stay off kinks and poles with ``away=``, off ties with `distinct`.
4. `case`: what sets several rows of an op apart. `order=1` if there is no second derivative: say why.
   `keeps_dtype=False` if it is not the floating inputs together that decide the dtype of the result.
   `takes_list=True` for `hstack` and its like; ``call_as=part(0)`` for one of several results; see there for more.

Then `test_table.py` checks the value, the gradients of first and second order, dtypes and inputs of the new op, and
`test_tester.py` that a mistake in any of its formulas would be found; if it says that one would not be, the row draws
too little.
"""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu.testing.strategies import arrays, broadcastable


@dataclass(frozen=True)
class Row:
    """An op, its value by other means, and what to call it with."""

    op: Callable[..., Any]
    reference: Callable[..., Any]
    inputs: st.SearchStrategy
    case: str = ""
    order: int = 2
    rtol: float = 1e-9  # of the value
    keeps_dtype: bool = True  # floating inputs decide the dtype of the result
    takes_list: bool = False  # a function made of ops that takes its arrays in a list
    call_as: Callable[..., Any] | None = None  # the op -> a function whose arrays come first, where the op's do not

    def __str__(self):
        return self.op.__name__ + (f", {self.case}" if self.case else "")

    @property
    def differentiable(self):
        """Whether it has a gradient; of a function that is made of ops, this is found out by calling it."""
        return getattr(self.op, "differentiable", True)

    def of(self, params, op=None):
        """The op, or another that is called like it, as a function of its arrays alone."""
        op = self.op if op is None else op
        if self.call_as is not None:
            return functools.partial(self.call_as(op), **params)
        if hasattr(self.op, "signature"):
            return lambda *arrays: self.op.signature.call(op, arrays, params)
        if self.takes_list:
            return lambda *arrays: op(list(arrays), **params)
        return functools.partial(op, **params)


def part(k):
    """For `call_as`: one of several results; the others have no gradient, or rows of their own."""
    return lambda op: lambda *arrays: op(*arrays)[k]


# ---- inputs ----


def call(*inputs, **params):
    """Arrays and parameters of one call, each drawn from its own strategy; what is no strategy is taken as it is."""

    def drawn(x):
        return x if isinstance(x, st.SearchStrategy) else st.just(x)

    return st.tuples(st.tuples(*map(drawn, inputs)), st.fixed_dictionaries({k: drawn(v) for k, v in params.items()}))


def array(low=-2.0, high=2.0, away=(), gap=0.05, **params):
    """A call with one array of any shape."""
    return call(arrays(None, low, high, away, gap), **params)


def operands(number, low=-2.0, high=2.0, away=(), gap=0.05):
    """A call with several arrays that broadcast together."""
    return broadcastable(number).flatmap(lambda parts: call(*(arrays(s, low, high, away, gap) for s in parts)))


# ---- references ----


def elementwise(f):
    """A function of numbers as one of arrays, which broadcast."""
    return np.vectorize(f, otypes=[float])


def by_slices(f):
    """A function of a list of numbers as a reduction with `axis` and `keepdims`, in a loop over what is left."""

    def reduction(a, axis=None, keepdims=False):
        axes = tuple(range(a.ndim)) if axis is None else tuple(k % a.ndim for k in np.atleast_1d(axis).astype(int))
        kept = [k for k in range(a.ndim) if k not in axes]
        rows = np.transpose(a, (*kept, *axes))
        found = np.zeros([a.shape[k] for k in kept])
        for i in np.ndindex(found.shape):
            found[i] = f(rows[i].ravel().tolist())
        return found.reshape([1 if k in axes else n for k, n in enumerate(a.shape)]) if keepdims else found

    return reduction


# ---- the table ----


def rows():
    """All rows, of every file of this folder."""
    files = sorted(path.stem for path in Path(__file__).parent.glob("rows_*.py"))
    return [row for name in files for row in importlib.import_module(f"tests.ops.{name}").ROWS]


def ops():
    """Everything that needs a row: each op, also one that is not public, and each public function made of ops."""
    found = {}
    public = {name for space in (tg.ops, tg.linalg, tg.special) for name in space.__all__}
    for module in _modules():
        for name, value in vars(module).items():
            ours = inspect.isfunction(value) and value.__module__ == module.__name__
            if ours and (hasattr(value, "vjps") or name in public):
                found[value] = f"{module.__name__.rpartition('.')[2]}.{name}"
    return found


def _modules():
    package = tg.ops
    return [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
