"""From a tensor to its `Graph`: every value once, every use with what it adds to the gradient.

The backward pass here is a private one (`contributions`), which touches no `grad`.  Nothing recurses: a chain of any
length will do.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..contributions import contribution, contributions
from ..engine import is_tensor
from ..nn.parameter import Parameter
from ..sweep import RELEASED
from . import flags, numbers
from .calls import assign_calls, find_calls
from .escape import short
from .formula import rule
from .ghosts import find_ghosts
from .graph import Edge, Graph, Node
from .names import Names
from .sources import Sources, sources_of

_SYMBOLS = {
    "subtract": "−", "sqrt": "√", "prod": "Π", "concatenate": "concat", "square": "x²", "reciprocal": "1/x",
    "outer": "⊗", "dot": "·", "broadcast_to": "broadcast", "cross_entropy_of_labels": "cross entropy",
    "cross_entropy_of_probabilities": "cross entropy", "negative_log_likelihood": "NLL", "mse_loss": "MSE",
    "l1_loss": "L1", "_cast": "cast",
}  # fmt: skip


def graph(x: Any, grad: Any = None, *, names: Any = None, events: Any = ()) -> Graph:
    """The graph under a tensor, as data: values, gradients, and what each use contributes to them.

    Parameters
    ----------
    x : Tensor
        The output.  If it is one number, gradients are those of x; they are worked out here, and `x.backward` need not
        have been called.
    grad : array_like, optional
        For an output of several numbers: the gradient that arrives at it.  Without it there are values only, and
        ``notes`` says so.
    names : mapping or module, optional
        Names and what they stand for.  By default a tensor's own name, else the variable that holds it where the graph
        was asked for, also as a parameter of a module or in a list.
    events : recording or sequence of Event, optional
        What ``with viz.recording() as film`` or ``with tg.observe() as events`` has noted while `x` was computed.  Then
        each value knows the expression of the program that made it, and the variable that it was assigned to there;
        and the graph its ghost edges, where a gradient ends.

    Returns
    -------
    Graph
        Its arrays are the tensors' own, not copies.

    Raises
    ------
    TypeError
        If `x` is not a tensor.
    RuntimeError
        If `x` requires no grad.
    ValueError
        If `grad` has another shape than `x`.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> w = Tensor(3.0, requires_grad=True)
    >>> g = viz.graph(w * 2.0, names={"w": w})
    >>> [(node.role, node.name, node.symbol) for node in g.nodes]
    [('input', 'w', None), ('constant', None, None), ('output', None, '×')]
    """
    return graph_of(x, grad, names=names, events=events, caller="graph")


def graph_of(x: Any, grad: Any = None, *, names: Any = None, events: Any = (), caller: str) -> Graph:
    """What `graph` does, with errors in the name of the function that the user has called."""
    check_history(x, caller)
    known = names if isinstance(names, Names) else Names(names)
    recording = _Recording(x, known, sources_of(events))
    recording.pull_back(grad, caller)
    return recording.finished()


def check_history(x: Any, caller: str) -> None:
    """Raise TypeError for what is no tensor, RuntimeError for one without a history."""
    if not is_tensor(x):
        raise TypeError(
            f"{caller}: expected a Tensor, but got {type(x).__name__}. Pass the result of your computation."
        )
    if not x.requires_grad:
        raise RuntimeError(
            f"{caller}: expected a tensor with a history, but this one, shape {x.shape}, requires no grad. "
            "Create the leaves with requires_grad=True, and compute it outside no_grad()."
        )


class _Recording:
    """A graph in the making."""

    def __init__(self, root: Any, names: Names, sources: Sources) -> None:
        self.root = root
        self.names = names
        self.sources = sources
        self.notes: list[str] = []
        self.results, released = _results(root)
        if released:
            self.notes.append("the history was released by backward(keep=False): values and gradients kept until now")
        self.order, self.ids = _in_order(self.results)
        names.add_missing(sources.names(self.order))
        self.tells_apart = _tells_apart(self.order)
        self.gradients: dict[Any, Any] = {}
        self.parts: dict[tuple[Any, int], Any] = {}
        self.existing = released

    def pull_back(self, grad: Any, caller: str) -> None:
        """The private backward: `gradients` of tensors, and `parts` for each use."""
        if self.existing:
            return
        if grad is None and self.root.size != 1:
            self.notes.append(
                f"no gradients: the output has shape {numbers.shape_text(self.root.shape)}; reduce it, or pass grad="
            )
            return
        try:
            self.gradients, self.parts = contributions(self.root, self.root._seed(grad, caller))
        except RuntimeError as error:  # changed in place since; a wrong number in a picture is worse than none
            if "changed in place" not in str(error):
                raise
            self.existing = True
            self.notes.append("a value was changed in place since: gradients are those of the last backward()")

    def finished(self) -> Graph:
        """The graph, with names, edges, calls and flags."""
        calls = find_calls(self.results)
        ghosts = find_ghosts(self.sources, self.order)
        edges = [edge for node in self.results if node.op is not None for edge in self._edges(node)]
        nodes = [self._node(value, f"n{i}") for i, value in enumerate(self.order)]
        return Graph(
            nodes=tuple(flags.flagged(assign_calls(nodes, edges, calls, self._serials()), edges, ghosts)),
            edges=tuple(edges),
            calls=tuple(call.public for call in calls),
            root=self.ids[id(self.root)],
            notes=tuple(self.notes),
            ghosts=ghosts,
        )

    def _serials(self) -> dict[str, int]:
        return {f"n{i}": value.serial for i, value in enumerate(self.order) if is_tensor(value)}

    def _node(self, value: Any, identity: str) -> Node:
        tensor = is_tensor(value)
        op = value.op if tensor else None
        array = np.asarray(value._data if tensor else value)
        gradient = self.gradients.get(value) if tensor else None
        if tensor and gradient is None and self.existing:
            gradient = value.grad
        name = self.names.of(value)
        place = self.sources.place(value.serial) if tensor else None
        return Node(
            id=identity,
            role="output" if value is self.root else self._role(value),
            name=None if name is None else short(name),
            op=None if op is None else op.__name__,
            symbol=None if op is None else symbol(value),
            params={} if op is None else _texts(value.params),
            value=array,
            gradient=None if gradient is None else np.asarray(gradient),
            tracked=bool(tensor and value.requires_grad),
            source=None if place is None else str(place),
        )

    def _role(self, value: Any) -> str:
        if not is_tensor(value):
            return "constant" if np.ndim(value) == 0 else "input"
        if value.op is not None:
            return "value"
        return "parameter" if isinstance(value, Parameter) or (value.requires_grad and self.tells_apart) else "input"

    def _edges(self, node: Any) -> list[Edge]:
        called = [self._called(node, i) for i in range(len(node.inputs))]
        output = self.names.of(node) or "out"
        found = []
        for i, x in _shown_inputs(node):
            tracked = is_tensor(x) and x.requires_grad
            local = _local(node, i) if tracked else None
            text = None
            if tracked:
                text = f"×{numbers.number(local)}" if local is not None else self._rule(node, i, called, output)
            part = self.parts.get((node, i))
            found.append(
                Edge(
                    source=self.ids[_key(node, i, x)],
                    target=self.ids[id(node)],
                    position=i,
                    argument=node.op.input_name(i),
                    contribution=None if part is None else np.asarray(part),
                    local=local,
                    rule=text,
                )
            )
        return found

    def _called(self, node: Any, i: int) -> str:
        """What to call an input in a formula: the user's name, a number, or where it stands."""
        x = node.inputs[i]
        name = self.names.of(x)
        if name is not None:
            return numbers.subscript(short(name.rpartition(".")[2], 12))
        array = np.asarray(getattr(x, "_data", x))
        if not is_tensor(x) and array.ndim == 0 and array.dtype.kind in "fiu":
            return numbers.number(array.item())
        return "in" if len(node.inputs) == 1 else "in" + "₁₂₃₄₅₆₇₈₉"[min(i, 8)]

    def _rule(self, node: Any, i: int, called: list[str], output: str) -> str:
        text = rule(node.op, i, called, numbers.subscript(short(output, 12)), node.params)
        if text is None or _needs_matrices(node):
            part, g = self.parts.get((node, i)), self.gradients.get(node)
            if part is not None and g is not None and g.size == 1 and part.size and (part == part.flat[0]).all():
                return f"×{numbers.number(float(part.flat[0]) / float(g.flat[0]))}" if g.flat[0] else "×0"
            if node.op.__name__ == "mean" and node.size:
                return f"÷ {node.inputs[0].size // node.size}"
            text = f"∂ {node.op.__name__.strip('_')}"
        return text


def values_of(root: Any) -> list[Any]:
    """Every value of the graph, as the nodes have it: tensors, arrays and numbers in the order of execution."""
    return _in_order(_results(root)[0])[0]


def _results(root: Any) -> tuple[list[Any], bool]:
    """Every tracked tensor under the root, oldest first, and whether a part of the history is gone."""
    seen, stack, released = {root}, [root], False
    while stack:
        node = stack.pop()
        released = released or node.inputs is RELEASED
        for x in node.inputs:
            if is_tensor(x) and x.requires_grad and x not in seen:
                seen.add(x)
                stack.append(x)
    return sorted(seen, key=operator.attrgetter("serial")), released


def _in_order(results: list[Any]) -> tuple[list[Any], dict[Any, str]]:
    """All values in the order of execution, a leaf just before its first use; and their ids."""
    order: list[Any] = []
    ids: dict[Any, str] = {}

    def place(key: Any, value: Any) -> None:
        if key not in ids:
            ids[key] = f"n{len(order)}"
            order.append(value)

    for node in results:
        if node.op is None:
            continue
        for i, x in _shown_inputs(node):
            place(_key(node, i, x), x)
        place(id(node), node)
    if not order:
        place(id(results[0]), results[0])  # the root is a leaf
    return order, ids


def _tells_apart(order: list[Any]) -> bool:
    """Whether the user tells parameters from data by `requires_grad` alone: both occur, and no `Parameter`."""
    leaves = [x for x in order if (x.op is None if is_tensor(x) else np.ndim(x) > 0)]
    wanted = [is_tensor(x) and x.requires_grad for x in leaves]
    return any(wanted) and not all(wanted) and not any(isinstance(x, Parameter) for x in leaves)


def _key(node: Any, i: int, x: Any) -> Any:
    """What tells values apart: tensors and arrays are themselves, numbers belong to their use."""
    return id(x) if is_tensor(x) or (isinstance(x, np.ndarray) and x.ndim) else (id(node), i)


def _shown_inputs(node: Any) -> list[tuple[int, Any]]:
    """The inputs with their positions, without None and without the exponent that is part of the symbol."""
    return [
        (i, x)
        for i, x in enumerate(node.inputs)
        if x is not None and not (node.op.__name__ == "power" and i == 1 and _is_number(x))
    ]


def _local(node: Any, i: int) -> float | None:
    """The local derivative where input and output are one number each."""
    if node.size != 1 or node.inputs[i].size != 1:
        return None
    with np.errstate(all="ignore"):
        part = contribution(node, i, np.ones(node.shape, node.dtype))
    return None if part is None else float(np.asarray(part).reshape(()))


def _needs_matrices(node: Any) -> bool:
    """Whether the rule is written for matrices and this is a product of vectors."""
    return node.op.__name__ == "matmul" and any(np.ndim(getattr(x, "_data", x)) < 2 for x in node.inputs)


def symbol(node: Any) -> str:
    """How a picture writes the op of a tensor."""
    op = node.op
    if op.__name__ == "power" and _is_number(node.inputs[1]):
        exponent = float(np.asarray(node.inputs[1]))
        return (
            f"x{numbers.superscript(int(exponent))}" if exponent == int(exponent) else f"x^{numbers.number(exponent)}"
        )
    return str(_SYMBOLS.get(op.__name__) or op.symbol or op.__name__.strip("_").replace("_", " "))


def _is_number(x: Any) -> bool:
    return not is_tensor(x) and np.ndim(x) == 0


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as short texts; those that are None or False say nothing."""
    return {
        name: f"array {numbers.shape_text(value.shape)}" if isinstance(value, np.ndarray) else short(repr(value))
        for name, value in params.items()
        if value is not None and value is not False
    }
