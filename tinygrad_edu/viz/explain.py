"""`explain`: a gradient as the sum over all paths from the output to a tensor, in words and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from ..contributions import contribution
from ..engine import is_tensor
from ..marks import collect
from ..sweep import history
from ..text import Text
from . import numbers
from .escape import short
from .names import Names
from .record import symbol

_LONGEST = 12  # values of a path that are written out
_ENDS = 5  # of a longer one, at each end


class _Step(NamedTuple):
    """One use of a tensor: `node` has it as input `position`."""

    node: Any
    position: int


Path = tuple[_Step, ...]  # from the tensor to the output


def explain(x: Any, wrt: Any, grad: Any = None, *, names: Any = None, paths: int = 6) -> str:
    """Why the gradient of `x` with respect to `wrt` is what it is: the sum over all paths between them.

    ``dx/dwrt = sum over paths of the product of the local derivatives on the path``: the chain rule, written out. For
    single numbers each path is shown with its factors. For arrays the numbers along a path are the root mean squares of
    the gradient on its way back: where they shrink, the gradient vanishes.

    Parameters
    ----------
    x : Tensor
        The output.
    wrt : Tensor
        What the gradient is for; a leaf, or any value on the way.
    grad : array_like, optional
        For an output of several numbers: the gradient that arrives at it.
    names : mapping or module, optional
        Names and what they stand for, as for `graph`.
    paths : int, default 6
        So many are shown; of the others, how many they are and what they add.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `x` or `wrt` is not a tensor.
    RuntimeError
        If `x` has no history, or `wrt` is not in it.
    ValueError
        If `grad` is missing or has another shape, or `paths` is below 1.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor(2.0, requires_grad=True)
    >>> h = x * 3.0
    >>> y = h * h + x
    >>> viz.explain(y, x)
    The gradient of y with respect to x is 37, the sum over 3 paths.
    Each path gives the product of its local derivatives:
       18 = 3 · 6 · 1   x → h → × → y
       18 = 3 · 6 · 1   x → h → × → y
        1 = 1           x → y
    """
    _check(x, wrt, paths)
    seed = x._seed(grad, "explain")
    nodes = history(x)
    users, counts = _users(nodes)
    if wrt not in counts:
        raise RuntimeError(
            f"explain: expected wrt to be a tensor that x was computed from, but no path leads from it, "
            f"shape {wrt.shape}, to x. tinygrad_edu.why(wrt, x) looks for the reason."
        )
    called = _Called(Names(names), x, wrt)
    with np.errstate(all="ignore"):
        gradient = next((g for t, g in collect(x, seed, {wrt})), np.zeros_like(wrt.data))
        shown = list(islice(_paths(wrt, x, users, counts), paths))
        single = all(t.size == 1 for path in shown for t in (wrt, *(step.node for step in path)))
        rows, rest = _rows(shown, seed, gradient, called, single)
    count = counts[wrt]
    how_many = f"the sum over {_count(count)} paths" if count > 1 else "along the only path"
    head = f"The gradient of {called(x)} with respect to {called(wrt)} is {_size(gradient, single)}, {how_many}."
    if not single:
        rule = "Each line is one path back, with the size (root mean square) of the gradient as it passes:"
    else:
        rule = "Each path gives the product of its local derivatives:" if count > 1 else "It is the product of:"
    lines = [head, rule, *_table(rows)]
    if (left := count - len(shown)) > 0:
        added = f" add{'s' * (left == 1)} {_size(rest, single)}" if np.isfinite(rest).all() else ""
        lines.append(f"   … {_count(left)} more path{'s' * (left > 1)}{added}")
    return Text("\n".join(lines))


def _check(x: Any, wrt: Any, paths: int) -> None:
    for name, t in (("x", x), ("wrt", wrt)):
        if not is_tensor(t):
            raise TypeError(
                f"explain: expected {name} to be a Tensor, but got {type(t).__name__}. Pass the tensor itself."
            )
    if not x.requires_grad:
        raise RuntimeError(
            f"explain: expected a tensor with a history, but this one, shape {x.shape}, requires no grad. "
            "Create the leaves with requires_grad=True, and compute it outside no_grad()."
        )
    if paths < 1:
        raise ValueError(f"explain: expected paths of at least 1, but got {paths!r}.")


def _users(nodes: Sequence[Any]) -> tuple[Mapping[Any, list[_Step]], Mapping[Any, int]]:
    """For each tensor the uses that lead to the output, oldest first, and how many paths there are.

    The number of paths from a tensor is the sum of those from its users: no path need be walked.
    """
    users: dict[Any, list[_Step]] = defaultdict(list)
    counts = {nodes[0]: 1}
    for node in nodes:  # newest first: all users of a node come before it
        if node.op is None or node not in counts:
            continue
        for i, t in enumerate(node.inputs):
            if is_tensor(t) and t.requires_grad and (node.op.each is not None or node.op.vjps[i] is not None):
                users[t].append(_Step(node, i))
                counts[t] = counts.get(t, 0) + counts[node]
    for steps in users.values():
        steps.sort(key=lambda step: (step.node.serial, step.position))
    return users, counts


def _paths(start: Any, end: Any, users: Mapping[Any, list[_Step]], counts: Mapping[Any, int]) -> Iterator[Path]:
    """Every path from `start` to `end`, in the order of execution, found as they are asked for."""
    waiting: list[tuple[Any, Any]] = [(start, None)]  # a tensor, and the steps to it as a linked list
    while waiting:
        t, steps = waiting.pop()
        if t is end:
            yield _unlinked(steps)
            continue
        waiting += [(step.node, (step, steps)) for step in reversed(users.get(t, [])) if step.node in counts]


def _unlinked(steps: Any) -> Path:
    found = []
    while steps is not None:
        step, steps = steps
        found.append(step)
    return tuple(found[::-1])


def _rows(
    paths: Sequence[Path], seed: Any, gradient: Any, called: _Called, single: bool
) -> tuple[list[tuple[str, str]], Any]:
    """A row for each path, and what the paths leave of the gradient."""
    rows = []
    rest = gradient.astype(np.float64)
    for path in paths:
        flow = _flow(path, seed)
        rest = rest - flow[-1]
        rows.append(_product(path, flow, seed, called) if single else _sizes(path, flow, called))
    return rows, rest


def _product(path: Path, flow: Sequence[Any], seed: Any, called: _Called) -> tuple[str, str]:
    """``6 = 3 · 2`` and ``x → h → y``: the factors are the derivatives on the arrows."""
    ones = (np.ones(step.node.shape, step.node.dtype) for step in path)
    factors = [contribution(*step, one).item() for step, one in zip(path, ones, strict=True)]
    arriving = [seed.item()] if seed.item() != 1 else []
    product = " · ".join(_shortened([_factor(f) for f in factors + arriving]))
    values = [called(_start(path)), *(called(step.node) for step in path)]
    return f"{numbers.number(flow[-1].item())} = {product}", " → ".join(_shortened(values))


def _sizes(path: Path, flow: Sequence[Any], called: _Called) -> tuple[str, str]:
    """The size of what arrives, and ``y 1 ← h 0.5 ← x 0.1``: the size at each value on the way back."""
    values = [*(called(step.node) for step in reversed(path)), called(_start(path))]
    sizes = [numbers.number(numbers.rms(g), 2) for g in flow]
    return sizes[-1], " ← ".join(_shortened([f"{v} {size}" for v, size in zip(values, sizes, strict=True)]))


def _start(path: Path) -> Any:
    return path[0].node.inputs[path[0].position]


def _flow(path: Path, seed: Any) -> list[Any]:
    """The gradient on its way back along one path: at the output first, at the tensor last."""
    flow = [seed]
    for step in reversed(path):
        flow.append(np.asarray(contribution(step.node, step.position, flow[-1])))
    return flow


def _factor(value: float) -> str:
    text = numbers.number(value)
    return f"({text})" if text.startswith("−") else text


def _shortened(parts: list[str]) -> list[str]:
    """A long path with its middle as a number."""
    if len(parts) <= _LONGEST:
        return parts
    return [*parts[:_ENDS], f"… {len(parts) - 2 * _ENDS:,} more …", *parts[-_ENDS:]]


def _table(rows: list[tuple[str, str]]) -> list[str]:
    """The rows with their amounts below each other."""
    amounts = [left.partition(" = ")[0] for left, _ in rows]
    width = max(map(len, amounts))
    lefts = [f"{' ' * (width - len(amount))}{left}" for amount, (left, _) in zip(amounts, rows, strict=True)]
    wide = max(map(len, lefts))
    return [f"   {left:<{wide}}   {path}" for left, (_, path) in zip(lefts, rows, strict=True)]


def _size(array: Any, single: bool) -> str:
    if single:
        return numbers.number(float(np.asarray(array).reshape(())))
    return f"of size {numbers.number(numbers.rms(np.asarray(array)), 2)}"


def _count(n: int) -> str:
    return f"{n:,}" if n < 10**9 else f"about {numbers.number(float(n), 2)}" if n < 10**300 else "more than 10³⁰⁰"


class _Called:
    """What a tensor is called in a path: its name, else the sign of its op."""

    def __init__(self, names: Names, output: Any, wrt: Any) -> None:
        self.names, self.output, self.wrt = names, output, wrt

    def __call__(self, t: Any) -> str:
        name = self.names.of(t)
        if name is not None:
            return numbers.subscript(short(name))
        if t.op is not None:
            return symbol(t)
        return "wrt" if t is self.wrt else "leaf"
