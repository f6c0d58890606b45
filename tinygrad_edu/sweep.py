"""The chain rule: one sweep over the history of a tensor, newest first.

It serves `Tensor.backward` (which keeps the leaves), `grad` (which keeps what was asked for) and the pictures (which
keep everything).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import memory, shapes
from .engine import is_tensor

if TYPE_CHECKING:
    from .tensor import Tensor


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
    seen, stack = {y}, [y]
    while stack:
        node = stack.pop()
        if node.inputs is RELEASED:
            raise RuntimeError(_gone(node))
        for x in node.inputs:
            if not (is_tensor(x) and x._requires_grad):
                continue
            if x.serial > node.serial:  # assigned to since: `node` means the version that it saw
                node.inputs = tuple(_version(u, node.serial) for u in node.inputs)
                stack.append(node)
                break
            if x not in seen:
                seen.add(x)
                stack.append(x)
    return sorted(seen, key=operator.attrgetter("serial"), reverse=True)


def _gone(node: Tensor) -> str:
    return (
        f"backward: the history of {node.op.__name__}, shape {node.shape}, is gone: an earlier backward was called "
        f"with keep=False and let go of it. Compute the output again, or call backward(keep=True)."
    )


def _version(x: Any, serial: int) -> Any:
    """`x` as it was when the op of that serial ran: each assignment ``x[i] = v`` makes a newer version of it."""
    while is_tensor(x) and x.serial > serial:
        if x.inputs is RELEASED:
            raise RuntimeError(_gone(x))
        x = x.inputs[0]
    return x


def sweep(
    y: Tensor, g: Any, record: bool = False, keep: bool = True, nodes: list[Tensor] | None = None
) -> Iterator[tuple[Tensor, Any]]:
    """Yield every tensor under `y` with the gradient of ``<g, y>``, newest first: the chain rule.

    The one loop behind `backward`, `grad` and the pictures. Formulas run on bare arrays, or with `record` on Tensors:
    then the gradients have a history of their own. Without `keep`, each node lets go of its inputs once it is passed.
    The gradient of a leaf is an array of its own; any other may share memory, and is not to be written into. `nodes` is
    the history of `y` where it is known already; the list is used up, so that nodes may die on the way.
    """
    nodes = history(y) if nodes is None else nodes
    nodes.reverse()
    gradients = _Gradients(record)
    gradients.share(y, g)
    while nodes:
        node = nodes.pop()
        g = gradients.pop(node)
        if g is not None:
            yield node, g
            if node.op is not None:
                _pull_back(node, g, gradients, record)
        if not keep and node.op is not None:
            node.inputs = RELEASED
            if node.op.joint is not None:
                node._saved = None  # type: ignore[attr-defined]


def _pull_back(node: Any, g: Any, gradients: _Gradients, record: bool) -> None:
    """Add to the gradient of each input of `node` what comes through `node`, given the gradient `g` of `node`."""
    op, inputs, params = node.op, node.inputs, node.params
    if memory.latest > node.serial:
        memory.check(node)
    if hasattr(node, "_checksums"):
        memory.compare_checksums(node)
    if record:
        y, arrays = node, inputs
    else:
        y, arrays = node._data, [x._data if is_tensor(x) else x for x in inputs]
        if op.joint is not None:
            _pull_back_jointly(node, g, arrays, gradients)
            return
    vjps, each = op.vjps, op.each
    for i, x in enumerate(inputs):
        if not (is_tensor(x) and x._requires_grad):
            continue
        if each is not None:
            gx = each(g, y, i, arrays, **params)
        elif vjps[i] is None:
            continue
        elif i == 0 and op.into is not None and not record:
            op.into(gradients.buffer(x), g, *arrays, **params)
            continue
        else:
            gx = vjps[i](g, y, *arrays, **params)
        gradients.add(x, fitted(gx, x, op), g)


def _pull_back_jointly(node: Any, g: Any, arrays: Sequence[Any], gradients: _Gradients) -> None:
    op = node.op
    for x, gx in zip(
        node.inputs,
        op.joint(g, node._data, getattr(node, "_saved", None), *arrays, **node.params),
        strict=True,
    ):
        if gx is not None and is_tensor(x) and x._requires_grad:
            gradients.add(x, fitted(gx, x, op), g)


def fitted(gx: Any, x: Any, op: Any) -> Any:
    """`gx` in the shape and dtype of `x`: broadcasting is undone here, once, for every formula."""
    shape = x._data.shape
    if gx.shape != shape:
        axes = shapes.stretched_axes(gx.shape, shape) if gx.ndim >= len(shape) else ()
        summed = gx.sum(axes) if axes else gx
        if shapes.count(summed.shape) != shapes.count(shape):
            raise ValueError(
                f"{op.__name__}: expected its formula to return a gradient that sums to the input's shape {shape}, "
                f"but got shape {gx.shape}. Correct the formula of {op.__name__}."
            )
        gx = summed.reshape(shape)
    return gx if gx.dtype is x._data.dtype else gx.astype(x._data.dtype)


class _Gradients:
    """The gradients found so far, one for each tensor still to be passed.

    A sum that was made here is owned, and further terms are added into it in place; a gradient that a formula returned
    may be another tensor's too, and is not.
    """

    __slots__ = ("found", "owned", "record")

    def __init__(self, record: bool) -> None:
        self.found: dict[Any, Any] = {}
        self.owned: set[Any] = set()
        self.record = record

    def share(self, x: Any, gx: Any) -> None:
        self.found[x] = gx

    def add(self, x: Any, gx: Any, g: Any) -> None:
        """Add the term `gx`, which a formula made of `g`, to the gradient of `x`."""
        found = self.found
        before = found.get(x)
        if before is None:
            found[x] = gx
            # A view shows memory of somebody else, and `lambda g, y, a, b: g` hands on g itself.
            if not self.record and gx is not g and type(gx) is np.ndarray and gx.base is None:
                self.owned.add(x)
        elif x in self.owned:
            before += gx
        else:
            total = before + gx
            found[x] = total
            if type(total) is np.ndarray and not self.record:
                self.owned.add(x)

    def buffer(self, x: Any) -> np.ndarray:
        """The owned array that holds the gradient of `x`, to be added into."""
        if x not in self.owned:
            before = self.found.get(x)
            self.found[x] = np.zeros(x._data.shape, x._data.dtype) if before is None else np.array(before)
            self.owned.add(x)
        return self.found[x]  # type: ignore[no-any-return]

    def pop(self, x: Any) -> Any:
        """The whole gradient of `x`, or None if every path to it went through a None formula."""
        g = self.found.pop(x, None)
        if g is not None and x.op is None and not self.record and x not in self.owned:
            return np.array(g)
        return g
