"""The chain rule: one sweep over the history of a tensor, newest first.

It serves `Tensor.backward` (which keeps the leaves), `grad` (which keeps what was asked for) and the pictures (which
keep everything).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import engine, hooks, memory, shapes
from .engine import is_tensor

if TYPE_CHECKING:
    from .tensor import Tensor


Reads = dict[Any, list[tuple[Any, Any, Any]]]  # tensor -> (op, what arrives at its result, its parameters) of each read


class _Released(tuple[Any, ...]):
    """The inputs of a node that a sweep with ``keep=False`` has passed."""

    __slots__ = ()


RELEASED = _Released()


def history(y: Tensor) -> list[Tensor]:
    """`y` and every tracked tensor it was computed from, newest first: a topological order.

    Raises
    ------
    RuntimeError
        If a sweep with ``keep=False`` has let go of a part of it.
    """
    Node = engine.Tensor
    seen, nodes = {y}, [y]
    for node in nodes:  # the list grows while it is read
        inputs = node.inputs
        if inputs is RELEASED:
            raise RuntimeError(_gone(node))
        if memory.assigned > node.serial:  # perhaps assigned to since: `node` means the versions that it saw
            node.inputs = inputs = tuple([version(x, node.serial) for x in inputs])
        for x in inputs:
            if isinstance(x, Node) and x._requires_grad and x not in seen:
                seen.add(x)
                nodes.append(x)
    nodes.sort(key=operator.attrgetter("serial"), reverse=True)
    return nodes


def _gone(node: Tensor) -> str:
    return (
        f"backward: the history of {node.op.__name__}, shape {node.shape}, is gone: an earlier backward was called "
        f"with keep=False and let go of it. Compute the output again, or call backward(keep=True)."
    )


def version(x: Any, serial: int) -> Any:
    """`x` as it was when the op of that serial ran: each assignment ``x[i] = v`` makes a newer version of it."""
    while is_tensor(x) and x.serial > serial:
        if x.inputs is RELEASED:
            raise RuntimeError(_gone(x))
        x = x.inputs[0]
    return x


def sweep(
    y: Tensor,
    g: Any,
    record: bool = False,
    keep: bool = True,
    nodes: list[Tensor] | None = None,
    leaves_only: bool = False,
) -> Iterator[tuple[Tensor, Any]]:
    """Yield every tensor under `y` with the gradient of ``<g, y>``, newest first: the chain rule.

    The one loop behind `backward`, `grad` and the pictures. Formulas run on bare arrays, or with `record` on Tensors:
    then the gradients have a history of their own. Without `keep`, each node lets go of its inputs once it is passed.
    The gradient of a leaf is an array of its own; any other may share memory, and is not to be written into. `nodes` is
    the history of `y` where it is known already; the list is used up, so that nodes may die on the way.
    """
    nodes = history(y) if nodes is None else nodes
    nodes.reverse()
    found: dict[Any, Any] = {y: g}  # the gradient so far of each tensor still to be passed
    owned: set[Any] = set()  # those whose gradient was made here, so that more is added into it in place
    reads: Reads = {}  # with `record`, what was read of each tensor, whose gradients become one in one step
    oldest = next((node.serial for node in nodes if node.op is not None), memory.latest)
    written = memory.stamped_since(oldest)  # if nothing, no op saw what was changed since
    plainly = not (record or memory.comparing)
    hooked = hooks.hooked
    Node = engine.Tensor
    while nodes:
        node: Any = nodes.pop()
        g = found.pop(node, None)  # None if every path to the node went through a None formula
        if reads and node in reads:
            g = _gathered(node, g, reads.pop(node))
        if hooked and g is not None and id(node) in hooked:
            g = hooks.called(node, g)
            owned.discard(node)  # the hook may have kept it
            written = memory.stamped_since(oldest)
        op = node.op
        if op is None:
            if g is not None:
                yield node, g if record or node in owned else np.array(g)
            continue
        if g is not None:
            if not leaves_only:
                yield node, g
            if written and memory.saw(node, written):
                memory.check(node)
            formulas: tuple[Any, ...] = op.formulas if plainly else ()
            if len(formulas) == 2:  # `_pull_back` written out for most ops: half the time, where arrays are small
                (x, w), (first, second), out = node.inputs, formulas, node._data
                a = x._data if isinstance(x, Node) else x
                b = w._data if isinstance(w, Node) else w
                if first is not None and isinstance(x, Node) and x._requires_grad:
                    _add(x, first(g, out, a, b), node, g, found, owned)
                if second is not None and isinstance(w, Node) and w._requires_grad:
                    _add(w, second(g, out, a, b), node, g, found, owned)
            elif len(formulas) == 1:
                (x,) = node.inputs
                _add(x, formulas[0](g, node._data, x._data), node, g, found, owned)
            elif plainly and op.into is not None and len(node.inputs) == 1:
                (x,) = node.inputs
                op.into(_buffer(x, found, owned), g, x._data, **node.params)
            else:
                _pull_back(node, g, found, owned, reads, record)
        if not keep:
            node.inputs, node._saved = RELEASED, None
            x = w = a = b = out = None  # nor may these names keep what it lets go of: a tenth of a large step


def _gathered(x: Any, g: Any, reads: list[tuple[Any, Any, Any]]) -> Any:
    """The gradient of `x`: `g`, unless None, and what comes through all `reads` of parts of it.

    One by one they would take as many arrays of zeros of the shape of `x`.
    """
    for op in dict.fromkeys(op for op, _, _ in reads):
        gs, params = zip(*[(g, params) for of, g, params in reads if of is op], strict=True)
        gx = op.gathered(gs, x, params) if len(gs) > 1 else op.vjps[0](gs[0], None, x, **params[0])
        g = gx if g is None else g + gx
    return g


def _pull_back(node: Any, g: Any, found: dict[Any, Any], owned: set[Any], reads: Reads, record: bool) -> None:
    """Add to the gradient of each input of `node` what comes through `node`, given the gradient `g` of `node`."""
    if memory.comparing and hasattr(node, "_checksums"):
        memory.compare_checksums(node)
    op, inputs, params = node.op, node.inputs, node.params
    Node = engine.Tensor
    y: Any = node if record else node._data
    arrays = inputs if record else [x._data if isinstance(x, Node) else x for x in inputs]
    jointly, several = None, False
    if op.joint is not None and not record:
        if op.told:
            params = {**params, "needed": [isinstance(x, Node) and x._requires_grad for x in inputs]}
        jointly = op.joint(g, y, getattr(node, "_saved", None), *arrays, **params)
        made = [id(gx) for gx in jointly if gx is not None] if isinstance(jointly, tuple) else []
        several = len(set(made)) < len(made)
    for i, x in enumerate(inputs):
        if not (isinstance(x, Node) and x._requires_grad):
            continue
        if jointly is not None:
            gx = jointly[i]
            if several and gx is not None:
                gx = gx.copy()  # perhaps one array for two inputs, whose gradients go on separately
        elif op.each is not None:
            gx = op.each(g, y, i, arrays, **params)
        elif op.vjps[i] is None:
            gx = None
        elif i == 0 and op.into is not None and not record:
            op.into(_buffer(x, found, owned), g, *arrays, **params)
            gx = None
        elif i == 0 and op.gathered is not None and record:
            reads.setdefault(x, []).append((op, g, params))
            gx = None
        else:
            gx = op.vjps[i](g, y, *arrays, **params)
        if gx is not None:
            _add(x, gx, node, g, found, owned)


def _add(x: Any, gx: Any, node: Any, g: Any, found: dict[Any, Any], owned: set[Any]) -> None:
    """Add the term `gx`, which a formula of `node` made of `g`, to the gradient of `x`."""
    data = x._data
    if gx.shape != data.shape or gx.dtype is not data.dtype:
        gx = fitted(gx, x, node.op)
    before = found.get(x)
    if before is None and x.op is not None:
        found[x] = gx
        return
    if x in owned:
        before += gx
        return
    # A formula may hand on `g` itself, and a view shows memory of others; else it has made this array.
    fresh = gx is not g and type(gx) is np.ndarray and gx.base is None
    if before is None:  # the gradient of a leaf stays
        found[x] = gx
    elif fresh:
        gx += before
        found[x] = gx
    else:
        found[x] = before = before + gx
        fresh = type(before) is np.ndarray  # not a Tensor, nor the NumPy scalar that 0-d arrays sum to
    if fresh:
        owned.add(x)


def _buffer(x: Any, found: dict[Any, Any], owned: set[Any]) -> np.ndarray:
    """The owned array that holds the gradient of `x`, to be added into."""
    if x not in owned:
        before = found.get(x)
        found[x] = np.zeros(x._data.shape, x._data.dtype) if before is None else np.array(before)
        owned.add(x)
    return found[x]  # type: ignore[no-any-return]


def fitted(gx: Any, x: Any, op: Any) -> Any:
    """`gx` in the shape and dtype of `x`: broadcasting is undone here, once, for every formula."""
    shape, given = x._data.shape, gx.shape
    if given != shape and (axes := shapes.stretched_axes(given, shape) if len(given) >= len(shape) else ()):
        gx = gx.sum(axes)
    if gx.shape != shape:
        if shapes.count(gx.shape) != shapes.count(shape):
            raise ValueError(
                f"{op.__name__}: expected its formula to return a gradient that sums to the input's shape {shape}, "
                f"but got shape {given}. Correct the formula of {op.__name__}."
            )
        gx = gx.reshape(shape)
    return gx if gx.dtype is x._data.dtype else gx.astype(x._data.dtype)
