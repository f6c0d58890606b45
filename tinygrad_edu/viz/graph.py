"""`Graph`: what a picture shows, as plain data.  Nodes, edges and module calls, and their JSON form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from . import numbers
from .ghosts import Ghost

VERSION = 1
ROLES = ("input", "parameter", "value", "output", "constant")


@dataclass(frozen=True, eq=False)
class Node:
    """A value of the graph: a leaf, or the result of one op.

    Attributes
    ----------
    id : str
        ``n0``, ``n1``, ... in the order of execution; a leaf comes just before its first use.
    role : str
        input, parameter, value, output or constant.  A parameter is a `Parameter`; without any, in a graph where some
        leaves require grad and others do not, those that do.
    name : str or None
        What the user calls it.
    op, symbol : str or None
        The op that made it, and how a picture writes that op; None for a leaf.
    params : dict of str to str
        The parameters of the op, as text.
    value : ndarray
        Its numbers.
    gradient : ndarray or None
        The derivative of the output with respect to it; None where there is none (yet).
    tracked : bool
        Whether a gradient can arrive here.
    call : str or None
        The innermost module call that it belongs to.
    flags : tuple of str
        What to point out: ``NaN starts here``, ``2 of 5 units dead``, ``zero gradient``, ``detached``.
    source : str or None
        The expression of the program that made it, ``train.py:12: x @ w``, if it was watched.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor([3.0, 4.0], requires_grad=True)
    >>> node = viz.graph((x * x).sum(), names={"x": x}).nodes[0]
    >>> node.id, node.role, node.name, node.gradient
    ('n0', 'input', 'x', array([6., 8.], dtype=float32))
    """

    id: str
    role: str
    name: str | None
    op: str | None
    symbol: str | None
    params: Mapping[str, str]
    value: np.ndarray
    gradient: np.ndarray | None
    tracked: bool
    call: str | None = None
    flags: tuple[str, ...] = ()
    source: str | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the value."""
        return self.value.dtype


@dataclass(frozen=True, eq=False)
class Edge:
    """One use of a value by an op: ``x * x`` has two.

    Attributes
    ----------
    source, target : str
        Ids of the value and of the result.
    position : int
        Which argument of the op.
    argument : str
        What the op calls that argument.
    contribution : ndarray or None
        What this use adds to the gradient of the source.  The contributions of all uses sum to it exactly, in the
        order of the backward pass: newest use first, and the arguments of one op from first to last.
    local : float or None
        The local derivative, where it is one number.
    rule : str or None
        The local derivative in words: ``G @ wᵀ``, with G for the gradient that arrives at the target.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x, w = Tensor([[3.0, 4.0]]), Tensor([[1.0], [2.0]], requires_grad=True)
    >>> edge = viz.graph((x @ w).sum(), names={"x": x, "w": w}).edges[1]
    >>> edge.source, edge.target, edge.rule
    ('n1', 'n2', 'xᵀ @ G')
    """

    source: str
    target: str
    position: int
    argument: str
    contribution: np.ndarray | None
    local: float | None
    rule: str | None


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a module: the box around what it computed.

    Attributes
    ----------
    id : str
        ``m0``, ``m1``, ... in the order of entry.
    path, class_name : str
        Where the module is (``net.fc1``) and its class.
    parent : str or None
        The call inside which this one happened.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, nn, viz
    >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    >>> [(call.path, call.class_name) for call in viz.graph(net(Tensor([[1.0, 2.0, 3.0]])).sum()).calls]
    [('', 'Sequential'), ('0', 'Linear'), ('1', 'ReLU')]
    """

    id: str
    path: str
    class_name: str
    parent: str | None


@dataclass(frozen=True, eq=False)
class Graph:
    """The graph under a tensor, as data.

    Attributes
    ----------
    nodes : tuple of Node
        In the order of execution.
    edges : tuple of Edge
        In the order of their targets, then of the arguments.
    calls : tuple of Call
        In the order of entry.
    root : str
        The id of the output.
    notes : tuple of str
        What is missing and why, in sentences.
    ghosts : tuple of Ghost
        Where gradients end, if the computation was watched.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor(3.0, requires_grad=True)
    >>> graph = viz.graph(x * x, names={"x": x})
    >>> [(node.id, node.name, float(node.gradient)) for node in graph.nodes]
    [('n0', 'x', 6.0), ('n1', None, 1.0)]
    >>> [(edge.source, edge.target, edge.local) for edge in graph.edges]
    [('n0', 'n1', 3.0), ('n0', 'n1', 3.0)]
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    calls: tuple[Call, ...]
    root: str
    notes: tuple[str, ...] = ()
    ghosts: tuple[Ghost, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """Every node under its id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def uses(self) -> Mapping[str, Sequence[Edge]]:
        """The edges that leave a node, in the order of execution."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.source].append(edge)
        return found

    @cached_property
    def inputs(self) -> Mapping[str, Sequence[Edge]]:
        """The edges that arrive at a node, in the order of the arguments."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.target].append(edge)
        return found

    @property
    def has_gradients(self) -> bool:
        """Whether any value has a gradient."""
        return any(node.gradient is not None for node in self.nodes)

    def ancestors(self, call: str | None) -> list[str]:
        """The call and those around it, innermost first."""
        parents = {c.id: c.parent for c in self.calls}
        found: list[str] = []
        while call is not None:
            found.append(call)
            call = parents[call]
        return found

    def to_json(self, whole: int = 4096) -> dict[str, Any]:
        """The graph as dictionaries, lists, texts and numbers, ready for `json.dumps`.

        Parameters
        ----------
        whole : int, default 4096
            Arrays of at most so many numbers are given whole; of larger ones, 32 x 32 evenly chosen.

        Returns
        -------
        dict
            ``version``, ``root``, ``notes``, ``nodes``, ``edges``, ``calls`` and ``ghosts``, with the attributes of
            `Node`, `Edge`, `Call` and `Ghost`.  An array is a dictionary of ``shape``, ``dtype``, ``min``, ``max``,
            ``rms``, ``nonfinite`` (how many) and ``numbers`` (nested lists; ``"NaN"``, ``"∞"`` and ``"−∞"`` are texts)
            or ``sample``.
        """
        return {
            "version": VERSION,
            "root": self.root,
            "notes": list(self.notes),
            "nodes": [
                vars(n)
                | {
                    "params": dict(n.params),
                    "flags": list(n.flags),
                    "value": _array(n.value, whole),
                    "gradient": _array(n.gradient, whole),
                }
                for n in self.nodes
            ],
            "edges": [
                vars(e)
                | {
                    "contribution": _array(e.contribution, whole),
                    "local": None if e.local is None else _number(e.local),
                }
                for e in self.edges
            ],
            "calls": [dict(vars(c)) for c in self.calls],
            "ghosts": [dict(vars(g)) for g in self.ghosts],
        }


def _array(array: np.ndarray | None, whole: int) -> dict[str, Any] | None:
    """An array as JSON: its shape and statistics, and its numbers or a sample of them."""
    if array is None:
        return None
    finite = array[np.isfinite(array)]
    statistics = {
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "min": _number(finite.min()) if finite.size else None,
        "max": _number(finite.max()) if finite.size else None,
        "rms": numbers.rms(array),
        "nonfinite": numbers.nonfinite(array),
    }
    if array.size <= whole:
        return statistics | {"numbers": _nested(array.tolist())}
    return statistics | {"sample": _nested(numbers.cells(array, 32, 32).tolist())}


def _nested(value: Any) -> Any:
    return [_nested(v) for v in value] if isinstance(value, list) else _number(value)


def _number(value: Any) -> float | int | bool | str:
    """A number, or a text for what JSON has no number for."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    value = float(value)
    return value if np.isfinite(value) else numbers.number(value)
