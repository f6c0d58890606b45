"""No gradient is not a gradient of zero: what a selection left out gets exactly 0, not 0 times infinity.

In ``where(x > 0, sqrt(x), 0)`` the root at x = 0 is not taken, so nothing flows into it. A plain sweep passes a 0 back
instead, and the slope of the root there, infinity, makes NaN of it. The selecting ops know what they left out. That
mark travels back through elementwise ops and rearrangements, where marked elements get exactly 0, and ends at ops that
mix elements. It says where an element came from, not what its gradient is: ``sqrt(x)**2`` and ``0 * sqrt(x)`` keep
their NaN at 0, as their gradient is 0 there by number only.

Marks are worked out only after a plain sweep under a selecting op has met a number that is not finite. How many ways
lead to an element is found by the op's own formula, run on 1 where there is a way and 0 where there is none: a formula
of a rearrangement or a selection moves, adds and leaves out, whatever it is given.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import hooks
from .context import get_mode, override
from .engine import differentiable, is_tensor
from .sweep import RELEASED, fitted, history, sweep

if TYPE_CHECKING:
    from .tensor import Tensor


class classic_gradients(override):
    """A block in which a sweep is plain, so that ``where(x > 0, sqrt(x), 0)`` has gradient NaN at 0, as elsewhere.

    For lessons: PyTorch, JAX and autograd all give NaN.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([0.0, 4.0], requires_grad=True)
    >>> y = tg.where(x > 0, tg.sqrt(x), 0).sum()
    >>> tg.grad(y, x)
    Tensor([0.  , 0.25])
    >>> with tg.classic_gradients(), np.errstate(invalid="ignore"):
    ...     tg.grad(y, x)
    Tensor([ nan, 0.25])
    """

    def __init__(self) -> None:
        super().__init__(marks=False)


def collect(
    y: Tensor, g: Any, wanted: Container[Tensor] | None = None, record: bool = False, keep: bool = True
) -> list[tuple[Tensor, Any]]:
    """The gradients of ``<g, y>`` for the tensors that are `wanted`; None for all leaves."""

    def chosen(pairs: Iterator[tuple[Tensor, Any]]) -> list[tuple[Tensor, Any]]:
        return list(pairs) if wanted is None else [(x, gx) for x, gx in pairs if x in wanted]

    leaves = wanted is None
    mode, nodes = get_mode(), history(y)
    if mode.examine is not None:
        mode.examine(y, g)
    if not (mode.marks and _selects(nodes)):
        return chosen(sweep(y, g, record, keep, nodes, leaves))
    with np.errstate(divide="ignore", invalid="ignore"):  # what was left out may well be infinite
        found = chosen(sweep(y, g, record, True, nodes[:], leaves))
        if not all(np.isfinite(gx._data if record else gx).all() for _, gx in found):
            found = chosen(marked_sweep(y, g, record, leaves))
    if not keep:  # only now, as the second sweep needed the inputs too
        for node in nodes:
            if node.op is not None:
                node.inputs, node._saved = RELEASED, None  # type: ignore[attr-defined]
    return found


def _selects(nodes: list[Tensor]) -> bool:
    """Whether one of the ops leaves out elements of what was computed: by its kind, or because it was given a mask.

    What is left out of a leaf gets 0 from the formula, and nothing is further back.
    """
    ops = {node.op for node in nodes} - {None}
    choosing = {op for op in ops if op.kind == "selection"}
    if choosing and any(_is_computed(node.inputs) for node in nodes if node.op in choosing):
        return True
    can_be_masked = any("where" in op.signature.params for op in ops)
    return can_be_masked and any(node.params.get("where", True) is not True for node in nodes if node.params)


def _is_computed(inputs: tuple[Any, ...]) -> bool:
    """Whether one of `inputs` has a history of its own."""
    return any(is_tensor(x) and x.op is not None for x in inputs)


@differentiable(lambda g, y, x, taken: _only(g, taken), None, kind="selection")
def _only(x: Any, taken: Any) -> Any:
    """`x` where it was taken, and exactly 0 where it was not."""
    return np.where(taken, x, np.zeros((), x.dtype))


def marked_sweep(y: Tensor, g: Any, record: bool = False, leaves_only: bool = False) -> Iterator[tuple[Tensor, Any]]:
    """The sweep with marks: `sweep` in the long form, where each gradient knows which elements it reached."""
    gradients: dict[Any, Any] = {y: g}
    ways = {y: np.ones(y.shape, y.dtype)}  # above 0 where an element was reached
    for node in history(y):
        if node not in gradients:
            continue
        reached = ways.pop(node) > 0
        g = gradients.pop(node)
        if not reached.all():
            g = _only(g, reached)
        if hooks.hooked and id(node) in hooks.hooked:
            g = hooks.called(node, g)
        if node.op is None or not leaves_only:
            yield node, np.array(g) if node.op is None and not record else g
        if node.op is not None:
            for x, gx, way in _terms(node, g, reached, record):
                gradients[x] = gradients[x] + gx if x in gradients else gx
                ways[x] = ways[x] + way if x in ways else way


def _terms(node: Any, g: Any, reached: np.ndarray, record: bool) -> Iterator[tuple[Any, Any, np.ndarray]]:
    """For each input of `node`: the tensor, what flows to it, and where it was reached."""
    op, params = node.op, node.params
    bare = [x._data if is_tensor(x) else x for x in node.inputs]
    arrays, out = (node.inputs, node) if record else (bare, node._data)
    for i, x in enumerate(node.inputs):
        if not (is_tensor(x) and x._requires_grad) or (op.each is None and op.vjps[i] is None):
            continue

        def pull(g: Any, y: Any, inputs: Any, i: int = i) -> Any:
            return op.vjps[i](g, y, *inputs, **params) if op.each is None else op.each(g, y, i, inputs, **params)

        gx = pull(g, out, arrays)
        if op.kind == "elementwise":
            if gx.shape == reached.shape:
                gx = _only(gx, reached)  # before the engine sums over what was stretched
            way = fitted(reached.astype(x.dtype), x, op)
        elif op.kind == "mixing":
            taken = np.broadcast_to(params.get("where", True), x.shape)  # by a reduction with a mask
            gx, way = _only(gx, taken), taken.astype(x.dtype)
        else:
            way = fitted(pull(reached.astype(x.dtype), node._data, bare), x, op)
        yield x, fitted(gx, x, op), way
