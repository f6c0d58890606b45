"""`model`: the architecture of a network, as a picture of its layers and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import is_tensor
from ..tensor import Tensor
from . import labels, numbers
from .dot import FONT
from .drawing import Drawing
from .escape import short
from .graph import Call, Graph, Node
from .layers import Layer, run, table, tensors_of
from .plan import Card, Plan, contracted, make_plan
from .record import graph_of
from .theme import Theme, style_of, theme_of

if TYPE_CHECKING:
    from graphviz import Digraph

NO_HISTORY = "the output has no history: layers in the order of their calls, without arrows"
_LONGEST = 46  # characters of what a layer says of itself


class Architecture(Drawing):
    """The picture of a network; as a text, the table of its layers.

    Attributes
    ----------
    layers : list of Layer
        Every call of a module, in the order of entry: path, class, shapes, parameters.

    Examples
    --------
    >>> from tinygrad_edu import nn, viz
    >>> [layer.class_name for layer in viz.model(nn.Sequential(nn.Linear(3, 2)), (4, 3)).layers]
    ['Sequential', 'Linear']
    """

    layers: list[Layer]
    text: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def model(
    net: Any, *inputs: Any, direction: str = "TB", theme: str = "light", max_cards: int = 60, engine: str = "auto"
) -> Architecture:
    """The architecture of a network: its layers with shapes and parameter counts, as a picture and as a table.

    The network is called once, in evaluation mode, and left as it was.  Where what it returns has no history (a
    prediction by argmax, frozen layers) the picture has no arrows.

    Parameters
    ----------
    net : Module
    *inputs : Tensor, array, or tuple of ints
        What it is called with; a tuple of ints is a shape, which is filled with zeros.
    direction : {"TB", "LR"}
        From top to bottom, or from left to right.
    theme, engine
        As for `draw`.
    max_cards : int, default 60
        Above it, layers are put together.

    Returns
    -------
    Architecture
        A `Drawing`; printed, it is the table.

    Raises
    ------
    TypeError
        If `net` is not a module, or it returns no tensor.
    ValueError
        Without an input.

    Examples
    --------
    >>> from tinygrad_edu import nn, viz
    >>> net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    >>> viz.model(net, (4, 3))
    Layer         Input   Output   Parameters
    ═════════════════════════════════════════
    Sequential    4×3     4×2               –
    ├─ 0 Linear   4×3     4×5              20
    ├─ 1 ReLU     4×5     4×5               –
    └─ 2 Linear   4×5     4×2              12
    ═════════════════════════════════════════
    Parameters: 32 (128 bytes)
    """
    if not hasattr(type(net), "named_modules"):
        raise TypeError(f"model: expected a Module, but got {type(net).__name__}. For a tensor use viz.draw.")
    if not inputs:
        raise ValueError("model: expected an input, but got none. Pass a batch, or its shape: viz.model(net, (32, 3)).")
    if direction not in ("TB", "LR"):
        raise ValueError(f"model: expected direction to be 'TB' or 'LR', but got {direction!r}.")
    layers, output = run(net, [_tracked(x) for x in inputs])
    results = tensors_of(output)
    if not results:
        raise TypeError(f"model: expected the network to return a tensor, but got {type(output).__name__}.")
    tracked = [t for t in results if t.requires_grad]
    if tracked:
        graph = graph_of(max(tracked, key=lambda t: t.serial), names=net, caller="model")
        plan = _plan(graph, max_cards)
    else:
        graph = _graph_of_calls(layers)
        plan = replace(_plan(graph, max_cards), hidden=NO_HISTORY)
    palette = theme_of(theme)
    dot = _Picture(graph, plan, layers, palette, direction).source()
    drawing = Architecture(dot, hidden=plan.hidden, engine=engine, style=style_of(theme))
    drawing.layers, drawing.text = layers, table(layers, net)
    return drawing


def _tracked(x: Any) -> Any:
    """An input that leaves a history, so that the way of the data can be drawn."""
    if isinstance(x, tuple) and all(isinstance(n, int) for n in x):
        x = np.zeros(x, np.float32)
    array = x.data if is_tensor(x) else np.asarray(x)
    return Tensor(array, requires_grad=True) if array.dtype.kind == "f" else x


def _plan(graph: Graph, max_cards: int) -> Plan:
    """A card for each layer, that is for each call without calls inside; fewer where there are too many."""
    around = {call.parent for call in graph.calls}
    closed = {call.id: call.id for call in graph.calls if call.id not in around}
    plan = contracted(graph, closed)
    if len(plan.cards) <= max_cards:
        return plan
    return make_plan(graph, depth=None, expand=(), max_cards=max_cards, constants=False)


def _graph_of_calls(layers: Sequence[Layer]) -> Graph:
    """The calls alone, for what has no history, as a graph without arrows: the innermost ones are its values."""
    calls: list[Call] = []
    around: list[str] = []
    nodes: list[Node] = []

    def add(call: str, role: str, shape: tuple[int, ...]) -> None:
        empty = np.broadcast_to(np.float32(0), shape)
        nodes.append(Node(f"n{len(nodes)}", role, None, None, None, {}, empty, None, tracked=False, call=call))

    for i, layer in enumerate(layers):
        del around[layer.depth :]
        calls.append(Call(f"m{i}", layer.path, layer.class_name, around[-1] if around else None))
        around.append(calls[-1].id)
        if i + 1 == len(layers) or layers[i + 1].depth <= layer.depth:
            if layer.parameters:
                add(calls[-1].id, "parameter", (layer.parameters,))
            add(calls[-1].id, "value", layer.outputs[0] if layer.outputs else ())
    return Graph(tuple(nodes), (), tuple(calls), nodes[-1].id)


class _Picture:
    """The picture in the making."""

    def __init__(self, graph: Graph, plan: Plan, layers: Sequence[Layer], theme: Theme, direction: str) -> None:
        self.graph, self.plan, self.theme, self.direction = graph, plan, theme, direction
        self.calls = {call.id: call for call in graph.calls}
        self.details = {layer.path: layer.details for layer in layers}

    def source(self) -> str:
        """The DOT source."""
        import graphviz

        sheet = {"rankdir": self.direction, "bgcolor": self.theme.paper, "nodesep": "0.3", "ranksep": "0.3"}
        sheet |= {"pad": "0.2", "fontname": FONT, "tooltip": " ", "labelloc": "b"}
        if self.plan.hidden:
            sheet["label"] = f"<{labels.text(self.plan.hidden, self.theme.faint, labels.SMALL)}>"
        node = {"shape": "box", "style": "rounded,filled", "fontname": FONT, "margin": "0.12,0.06", "penwidth": "1.2"}
        edge = {"color": self.theme.line, "fontname": FONT, "arrowsize": "0.7", "penwidth": "1.2", "tooltip": " "}
        whole = graphviz.Digraph("architecture", graph_attr=sheet, node_attr=node, edge_attr=edge)
        boxes: dict[str | None, Digraph] = {None: whole}
        for box in self.plan.boxes:
            boxes[box.id] = graphviz.Digraph(f"cluster_{box.id}", graph_attr=self._box(box.path, box.class_name))
        shown = [card for card in self.plan.cards if not self._is_part(card)]
        for card in shown:
            role = self._role(card)
            colors = {"fillcolor": self.theme.fills[role], "color": self.theme.borders[role]}
            boxes[card.call].node(card.id, f"<{self._label(card)}>", tooltip=" ", **colors)
        places = {card.id: i for i, card in enumerate(shown)}
        for link in self.plan.links:
            if link.source in places and link.target in places:
                straight = places[link.target] == places[link.source] + 1
                whole.edge(link.source, link.target, weight="20" if straight else "1")
        if not self.plan.links:
            for card, after in pairwise(shown):
                whole.edge(card.id, after.id, style="invis")
        for box in reversed(self.plan.boxes):
            boxes[box.parent].subgraph(boxes[box.id])
        return str(whole.source)

    def _is_part(self, card: Card) -> bool:
        """Whether it is a constant or a parameter beside an op, not a station of the data."""
        return card.kind == "value" and card.node.role in ("parameter", "constant")

    def _role(self, card: Card) -> str:
        if card.kind == "fold":
            return "fold"
        if any(node.id == self.graph.root for node in card.nodes):
            return "output"
        if card.kind == "module":
            return "parameter" if any(node.role == "parameter" for node in card.nodes) else "value"
        return card.node.role

    def _box(self, path: str, class_name: str) -> dict[str, str]:
        name = labels.text(f"{path} {class_name}".strip(), self.theme.faint, labels.NORMAL, bold=True)
        return {
            "label": f"<{name}>", "labeljust": "l", "labelloc": "t", "style": "rounded,filled", "margin": "12",
            "fillcolor": self.theme.box, "pencolor": self.theme.box_border, "tooltip": " ",
        }  # fmt: skip

    def _label(self, card: Card) -> str:
        theme = self.theme
        shape = numbers.shape_text(card.node.shape) or "scalar"
        if card.kind == "fold":
            return labels.text(card.title, theme.faint)
        if card.kind == "value":
            name = card.node.name or card.node.symbol or card.node.op or "input"
            return labels.line(
                [labels.text(name, theme.ink, labels.LARGE, bold=True), labels.text(shape, theme.faint)], gap=5
            )
        call = self.calls[card.id]
        count = sum(node.value.size for node in card.nodes if node.role == "parameter")
        name = call.path.rpartition(".")[2]
        rows = [
            [labels.cell(labels.text(call.class_name, theme.ink, labels.LARGE, bold=True), "LEFT"),
             labels.cell(labels.text(f"→ {shape}", theme.value), "RIGHT")],
            [labels.cell(labels.text(name, theme.faint), "LEFT"),
             labels.cell(labels.text(f"{count:,} parameters" if count else "", theme.local), "RIGHT")],
        ]  # fmt: skip
        if details := self.details.get(call.path):
            rows.append([labels.cell(labels.text(short(details, _LONGEST), theme.faint, labels.SMALL), "LEFT", span=2)])
        return labels.table(rows, spacing=1)
