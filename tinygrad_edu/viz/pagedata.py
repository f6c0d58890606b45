"""The data of the stepping page: a graph, with what only the tensors themselves can tell, as small JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine import is_tensor
from . import numbers
from .escape import plain
from .ghosts import Ghost
from .graph import Edge, Graph, Node
from .names import Names
from .nudge import nudges
from .record import graph_of, values_of
from .sources import Sources, excerpt

WHOLE = 4096  # numbers of an array that the page shows whole
SAMPLE = (32, 32)  # of a larger one
SMALL_SAMPLE = (8, 10)  # of every array, where the page would be too large otherwise
_POINTWISE = ("maximum", "minimum", "where", "clip", "relu", "abs")  # besides those whose kind says it

JSON = dict[str, Any]


def frame(x: Any, grad: Any = None, *, names: Any = None, sources: Sources | None = None, caller: str = "step") -> JSON:
    """One graph as the page wants it: values, gradients and contributions now, copies of everything."""
    sources = Sources() if sources is None else sources
    order = values_of(x)
    data = graph_of(x, grad, names=Names(names), events=sources, caller=caller)
    position = {node.id: i for i, node in enumerate(data.nodes)}
    calls = {call.id: i for i, call in enumerate(data.calls)}
    nodes = [_node(node, value, calls, sources) for node, value in zip(data.nodes, order, strict=True)]
    wanted = {position[n.id]: n.gradient for n in data.nodes if n.op is None and n.gradient is not None}
    for at, nudge in nudges(order, wanted).items():
        nodes[at]["nudge"] = nudge
    return {
        "root": position[data.root],
        "notes": list(data.notes),
        "nodes": nodes,
        "edges": [_edge(edge, data, order, position) for edge in data.edges],
        "ghosts": [_ghost(ghost, position) for ghost in data.ghosts],
        "calls": [
            {
                "path": plain(c.path),
                "class": plain(c.class_name),
                "parent": None if c.parent is None else calls[c.parent],
            }
            for c in data.calls
        ],
    }


def _node(node: Node, value: Any, calls: Mapping[str, int], sources: Sources) -> JSON:
    found: JSON = {"role": node.role, "value": array(node.value)}
    place = sources.place(value.serial) if is_tensor(value) else None
    optional = {
        "name": node.name,
        "op": node.op,
        "symbol": None if node.symbol is None else plain(node.symbol),
        "params": _told(node, value),
        "grad": array(node.gradient),
        "tracked": node.tracked,
        "call": None if node.call is None else calls[node.call],
        "flags": list(node.flags),
        "pointwise": bool(is_tensor(value) and _is_pointwise(value)),
        "source": None if place is None else excerpt(place),
    }
    return found | {k: v for k, v in optional.items() if v is not None and v not in ("", [], {}) and v is not False}


def _told(node: Node, value: Any) -> dict[str, str]:
    """The parameters of an op that are not what they are by default."""
    usual = value.op.signature.defaults if node.params else {}
    return {plain(k): v for k, v in node.params.items() if k not in usual or repr(usual[k]) != v}


def _ghost(ghost: Ghost, position: Mapping[str, int]) -> JSON:
    """Where the numbers went on without a gradient: from which value, at which op, and to which value, if to one."""
    found: JSON = {"from": position[ghost.source], "op": plain(ghost.op)}
    if ghost.place is not None:
        found["place"] = plain(ghost.place)
    return found if ghost.target is None else found | {"to": position[ghost.target]}


def _edge(edge: Edge, data: Graph, order: Sequence[Any], position: Mapping[str, int]) -> JSON:
    source = data.by_id[edge.source]
    found: JSON = {"from": position[edge.source], "to": position[edge.target], "argument": plain(edge.argument)}
    if edge.rule is not None:
        found["rule"] = edge.rule
    if edge.contribution is not None:
        local = _local(order[position[edge.target]], edge.position)
        if local is not None:
            found["local"] = local
        # With a single use the contribution is the gradient, which the page has already.
        found["part"] = True if len(data.uses[edge.source]) == 1 else array(edge.contribution)
        if source.gradient is None:
            found["part"] = array(edge.contribution)
    return found


def _is_pointwise(node: Any) -> bool:
    """Whether each element of the result comes of the elements at the same place."""
    return node.op is not None and (node.op.kind == "elementwise" or node.op.__name__ in _POINTWISE)


def _local(node: Any, i: int) -> Any:
    """The local derivative of an elementwise op as a number, or as an array if it differs from place to place."""
    if not _is_pointwise(node) or node.op.each is not None or node.size > WHOLE or not node.size:
        return None
    arrays = [getattr(x, "_data", x) for x in node.inputs]
    with np.errstate(all="ignore"):
        local = np.asarray(node.op.vjps[i](np.ones(node.shape, node.dtype), node._data, *arrays, **node.params))
    if local.size and (local == local.flat[0]).all():
        return _number(local.flat[0])
    return array(np.broadcast_to(local, node.shape)) if local.ndim <= node.ndim else None


def array(values: np.ndarray | None) -> JSON | None:
    """An array as JSON: ``shape``, ``dtype``, and all numbers row by row, or ``picked`` ones and statistics."""
    if values is None:
        return None
    about: JSON = {"shape": list(values.shape), "dtype": numbers.dtype_text(values.dtype)}
    if values.size <= WHOLE:
        return about | {"data": _flat(values)}
    return about | _sampled(values, SAMPLE)


def _sampled(values: np.ndarray, sample: tuple[int, int]) -> JSON:
    picked = numbers.cells(values, *sample)
    finite = values[np.isfinite(values)]
    ends = [_number(finite.min()), _number(finite.max())] if finite.size else [0, 0]
    statistics = [*ends, _number(np.float32(numbers.rms(values))), numbers.nonfinite(values)]
    return {"picked": list(picked.shape), "data": _flat(picked), "statistics": statistics}


def shrink(page: JSON) -> None:
    """Replace every array of the page by a small sample, in place."""
    for holder, key in _arrays(page):
        given = holder[key]
        shape = given["shape"] if "picked" not in given else given["picked"]
        values = np.array([float(v) for v in given["data"]]).reshape(shape)
        if values.size > SMALL_SAMPLE[0] * SMALL_SAMPLE[1]:
            old = given.get("statistics")
            given |= _sampled(values, SMALL_SAMPLE)
            given["statistics"] = old or given["statistics"]


def _arrays(page: JSON) -> Iterator[tuple[JSON, str]]:
    for one in page["frames"]:
        for holder in (*one["nodes"], *one["edges"]):
            for key in ("value", "grad", "local", "part"):
                if isinstance(holder.get(key), dict):
                    yield holder, key


def _flat(values: np.ndarray) -> list[Any]:
    if values.dtype.kind in "iub":
        return [int(v) for v in values.ravel().tolist()]
    return [_number(v) for v in values.ravel()]


def _number(value: Any) -> float | int | str:
    """The shortest number that reads back as this one; a text that JavaScript's Number reads, where JSON has none."""
    shortest = float(str(value))  # 0.1 for a float32, not 0.10000000149011612
    if not math.isfinite(shortest):
        return "NaN" if math.isnan(shortest) else "Infinity" if shortest > 0 else "-Infinity"
    return int(shortest) if shortest.is_integer() and abs(shortest) < 1e15 else shortest
