"""From a `Plan` to DOT source: cards, arrows, boxes, legend.

Ids follow the order of execution and every list has an order of its own, so equal graphs give equal bytes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from . import labels, numbers
from .escape import dot_string
from .graph import Call, Edge, Graph, Node
from .legend import legend_label
from .plan import MAX_USES, Card, Link, Plan
from .theme import Theme

if TYPE_CHECKING:
    from graphviz import Digraph

FONT = "Helvetica,Arial,sans-serif"
SPINE = "10"  # weight of the arrows that are to be straight
_MOST_TERMS = 4


@dataclass(frozen=True)
class Look:
    """How a picture is drawn."""

    detail: Literal["full", "compact"]
    direction: Literal["LR", "TB"]
    theme: Theme
    heat: bool
    legend: bool
    title: str | None


def dot_source(graph: Graph, plan: Plan, look: Look) -> str:
    """The DOT source of a picture."""
    return str(_Picture(graph, plan, look).draw().source)


class _Picture:
    """One picture in the making."""

    def __init__(self, graph: Graph, plan: Plan, look: Look) -> None:
        self.graph, self.plan, self.look, self.theme = graph, plan, look, look.theme
        self.cards = {card.id: card for card in plan.cards}
        self.into: dict[str, list[Link]] = defaultdict(list)
        self.out_of: dict[str, list[Link]] = defaultdict(list)
        for link in plan.links:
            self.into[link.target].append(link)
            self.out_of[link.source].append(link)
        self.inner: dict[str | None, Digraph] = {}

    def draw(self) -> Digraph:
        """The whole picture."""
        whole = self._canvas()
        self.inner = {box.id: _subgraph(f"cluster_{box.id}", self._box(box)) for box in self.plan.boxes}
        self.inner[None] = whole if self.look.title is None else _subgraph("cluster_title", self._title())
        for card in self.plan.cards:
            self._card(card)
        for link in self.plan.links:
            self._arrow(link)
        for box in reversed(self.plan.boxes):  # inner ones before those around them
            self.inner[box.parent].subgraph(self.inner[box.id])
        if self.look.title is not None:
            whole.subgraph(self.inner[None])
        return whole

    # ---- the sheet ----

    def _canvas(self) -> Digraph:
        import graphviz

        theme, across = self.theme, self.look.direction == "LR"
        sheet = {
            "rankdir": self.look.direction,
            "bgcolor": theme.paper,
            "fontname": FONT,
            "fontsize": "10",
            "nodesep": "0.25" if across else "0.4",
            "ranksep": "0.35",
            "pad": "0.2",
            "label": f"<{self._legend()}>" if self._legend() else "",
            "labelloc": "b",
            "tooltip": " ",
        }
        node = {
            "shape": "box",
            "style": "rounded,filled",
            "fontname": FONT,
            "fontsize": str(labels.NORMAL),
            "margin": "0.09,0.05",
            "penwidth": "1.2",
        }
        edge = {
            "color": theme.line,
            "fontname": FONT,
            "fontsize": str(labels.SMALL),
            "arrowsize": "0.7",
            "penwidth": "1.2",
        }
        return graphviz.Digraph("backprop", graph_attr=sheet, node_attr=node, edge_attr=edge)

    def _legend(self) -> str:
        return legend_label(
            {card.node.role for card in self.plan.cards if card.kind == "value"},
            self.scale if self.look.heat else None,
            [remark for remark in (*self.graph.notes, self.plan.hidden) if remark],
            self.theme,
            gradients=self.graph.has_gradients,
            rules=any(edge.rule for edge in self.graph.edges),
            wide=self.look.direction == "LR",
            show=self.look.legend,
        )

    def _title(self) -> dict[str, str]:
        title = labels.text(self.look.title or "", self.theme.ink, labels.LARGE, bold=True)
        return {"label": f"<{title}>", "labelloc": "t", "pencolor": "none", "margin": "12"}

    def _box(self, box: Call) -> dict[str, str]:
        runs = [labels.text(box.path, self.theme.faint, labels.NORMAL, bold=True)] if box.path else []
        runs.append(labels.text(box.class_name + self._which(box), self.theme.faint))
        return {
            "label": f"<{labels.line(runs)}>",
            "labeljust": "l",
            "labelloc": "t",
            "style": "rounded,filled",
            "fillcolor": self.theme.box,
            "pencolor": self.theme.box_border,
            "margin": "10",
            "tooltip": " ",
        }

    def _which(self, call: Call) -> str:
        """Which call of several of the same module this is."""
        same = [c.id for c in self.graph.calls if (c.path, c.class_name) == (call.path, call.class_name)]
        return f", call {same.index(call.id) + 1}" if len(same) > 1 and call.path else ""

    # ---- cards ----

    def _card(self, card: Card) -> None:
        place = self.inner[card.call]
        if card.kind == "module":
            self._module(card, place)
        elif card.kind == "fold":
            label = labels.text(card.title, self.theme.faint)
            place.node(card.id, f"<{label}>", **self._colors("fold"), style="rounded,filled,dashed")
        elif card.node.role == "constant":
            label = labels.text(_constant(card.node), self.theme.faint, labels.NORMAL)
            place.node(
                card.id, f"<{label}>", **self._colors("constant"), margin="0.06,0.02", height="0.25", width="0.3"
            )
        else:
            self._value(card.node, place)

    def _value(self, node: Node, place: Digraph) -> None:
        full = self.look.detail == "full"
        if full and node.op is not None:
            self._op(node, place)
        label = labels.value_label(
            self._heading(node, with_op=not full),
            node.value,
            node.gradient,
            self.theme,
            tracked=node.tracked,
            sums=self._sums(node),
            flags=node.flags,
            flat=not full and node.op is not None,
        )
        colors = self._colors(node.role)
        if self.look.heat and node.role == "value" and node.gradient is not None:
            colors["color"] = self._heat(numbers.rms(node.gradient))
        place.node(node.id, f"<{label}>", tooltip=self._tooltip(node), **colors)

    def _op(self, node: Node, place: Digraph) -> None:
        """The circle of an op, and its arrow to the result."""
        symbol = node.symbol or ""
        label = f"<{labels.text(symbol, self.theme.ink, labels.LARGE)}>"
        colors = self._colors("op")
        tip = dot_string(_described(node))
        if len(symbol) <= 3:
            size = {"shape": "circle", "fixedsize": "true", "width": "0.42"}
            place.node(f"{node.id}_op", label, tooltip=tip, style="filled", **size, **colors)
        else:
            place.node(f"{node.id}_op", label, tooltip=tip, margin="0.08,0.02", height="0.36", **colors)
        place.edge(f"{node.id}_op", node.id, weight=SPINE, tooltip=" ")

    def _heading(self, node: Node, with_op: bool) -> list[str]:
        """The op in compact pictures, the name, and the shape of what is more than a number."""
        words = [self._op_text(node)] if with_op and node.op is not None else []
        if node.name is not None:
            words.append(_shown_name(node))
        runs = [labels.text(word, self.theme.ink, labels.LARGE, bold=True) for word in words]
        if node.shape:
            about = f"{numbers.shape_text(node.shape)} {numbers.dtype_text(node.dtype)}"
            runs.append(labels.text(about, self.theme.faint, labels.NORMAL))
        return runs

    def _op_text(self, node: Node) -> str:
        """The symbol of an op with its constant: ``× 2``, ``1 ÷``."""
        symbol = node.symbol or ""
        constants = [
            (edge.position, self.graph.by_id[edge.source])
            for edge in self.graph.inputs.get(node.id, ())
            if self.graph.by_id[edge.source].role == "constant"
        ]
        if len(constants) != 1 or len(symbol) > 2:
            return symbol
        position, constant = constants[0]
        return f"{symbol} {_constant(constant)}" if position else f"{_constant(constant)} {symbol}"

    def _sums(self, node: Node) -> str:
        """``= 4 + 20 + 20`` for a value with several uses: newest first, as they are added."""
        parts = [e.contribution for e in reversed(self.graph.uses.get(node.id, ())) if e.contribution is not None]
        if len(parts) < 2:
            return ""
        if node.value.size > 1 or len(parts) > _MOST_TERMS:
            return f"= sum of {len(parts)} uses"
        terms = [numbers.number(float(part.reshape(()))) for part in parts]
        return "= " + " + ".join(f"({t})" if t.startswith("−") and i else t for i, t in enumerate(terms))

    def _module(self, card: Card, place: Digraph) -> None:
        call = next(c for c in self.graph.calls if c.id == card.id)
        parameters = [n for n in card.nodes if n.role == "parameter"]
        size = self._module_gradient(card)
        label = labels.module_label(
            call.path.rpartition(".")[2] if call.parent is not None else call.path,
            call.class_name + self._which(call),
            numbers.shape_text(card.node.shape) or "scalar",
            _runs([n.symbol or "" for n in card.nodes if n.op is not None]),
            sum(n.value.size for n in parameters),
            size,
            0.0 if size is None else self._share(size),
            self.theme,
        )
        output = any(n.id == self.graph.root for n in card.nodes)
        colors = self._colors("parameter" if parameters else "value")
        if output:
            colors["color"] = self.theme.borders["output"]
        place.node(card.id, f"<{label}>", tooltip=dot_string(f"{call.path} {call.class_name}"), **colors)

    def _module_gradient(self, card: Card) -> float | None:
        """The root mean square over all gradients of a closed module's parameters."""
        found = [n.gradient for n in card.nodes if n.role == "parameter" and n.gradient is not None]
        count = sum(g.size for g in found)
        return math.sqrt(sum(numbers.rms(g) ** 2 * g.size for g in found) / count) if count else None

    def _colors(self, role: str) -> dict[str, str]:
        return {"fillcolor": self.theme.fills[role], "color": self.theme.borders[role]}

    def _tooltip(self, node: Node) -> str:
        parts = [node.id, _described(node), numbers.shape_text(node.shape) or "scalar", str(node.dtype)]
        return dot_string(" · ".join(part for part in parts if part))

    # ---- arrows ----

    def _arrow(self, link: Link) -> None:
        source, target = self.cards[link.source], self.cards[link.target]
        place = self.inner[None]
        start = source.id
        if self._is_shared(source) and self.out_of[source.id][0] is not link:
            start, place = self._chip(source.node, link), self.inner[target.call]
        end = f"{target.id}_op" if self.look.detail == "full" and target.kind == "value" else target.id
        attributes = self._arrow_look(link, source, target)
        if link is self._main.get(target.id):
            attributes["weight"] = SPINE
        elif self._is_beside(link, source, target):
            attributes["minlen"] = "0"
        place.edge(start, end, **attributes)

    def _chip(self, leaf: Node, link: Link) -> str:
        """A dashed stand-in for a leaf that many cards use; long arrows from one card make layouts slow and ugly."""
        identity = f"{leaf.id}_{self.out_of[leaf.id].index(link)}"
        name = _shown_name(leaf) if leaf.name is not None else leaf.id
        label = labels.text(name, self.theme.borders[leaf.role], labels.SMALL)
        look = self._colors(leaf.role) | {
            "style": "rounded,dashed",
            "margin": "0.06,0.02",
            "height": "0.25",
            "width": "0.3",
        }
        self.inner[self.cards[link.target].call].node(identity, f"<{label}>", tooltip=self._tooltip(leaf), **look)
        return identity

    def _is_shared(self, card: Card) -> bool:
        return _is_leaf(card) and len({link.target for link in self.out_of[card.id]}) > MAX_USES

    def _arrow_look(self, link: Link, source: Card, target: Card) -> dict[str, str]:
        """Label, colour and line of an arrow."""
        look = {"tooltip": " "}
        runs = self._arrow_texts(link, source, target)
        if runs:
            rows = [[labels.cell(run)] for run in runs]
            look["label"] = f"<{labels.table(rows, padding=0) if len(rows) > 1 else runs[0]}>"
        size = _gradient_of(link)
        if not any(self.graph.by_id[e.source].tracked for e in link.edges):
            look |= {"style": "dotted", "arrowsize": "0.6"}
        elif size == 0:
            look["style"] = "dashed"
        elif self.look.heat and size is not None:
            look |= {"color": self._heat(size), "penwidth": "1.8"}
        return look

    def _arrow_texts(self, link: Link, source: Card, target: Card) -> list[str]:
        theme, first = self.theme, link.edges[0]
        runs = []
        if len(link.edges) > 1:
            runs.append(labels.text(f"{len(link.edges)}×", theme.faint, labels.SMALL))
        elif first.rule is not None and target.kind == "value":
            runs.append(labels.text(first.rule, theme.local, labels.SMALL))
        if first.contribution is not None and source.kind == "value" and self._several(source.node) and not runs[1:]:
            runs.append(self._contribution(link.edges))
        return runs

    def _several(self, node: Node) -> bool:
        return sum(edge.contribution is not None for edge in self.graph.uses.get(node.id, ())) > 1

    def _contribution(self, edges: tuple[Edge, ...]) -> str:
        parts = [e.contribution for e in edges if e.contribution is not None]
        total = np.sum(np.stack(parts), axis=0) if len(parts) > 1 else parts[0]
        shown = numbers.number(float(total.reshape(()))) if total.size == 1 else numbers.spread(total)
        return labels.text(f"→ {shown}", self.theme.gradient, labels.SMALL)

    @cached_property
    def _main(self) -> dict[str, Link]:
        """For each card the arrow that is the spine: from the longest computation, else from the data."""
        length: dict[str, int] = {}
        found: dict[str, Link] = {}
        for card in self.plan.cards:
            links = [link for link in self.into[card.id] if link.source in length]
            length[card.id] = 1 + max((length[link.source] for link in links), default=-1)
            if links and not (all(_is_leaf(self.cards[link.source]) for link in links) and self._is_scalar(links)):
                found[card.id] = max(links, key=lambda link: (length[link.source], self._is_data(link)))
        return found

    def _is_scalar(self, links: list[Link]) -> bool:
        """Whether these arrows bring at least two single numbers, none of which is the data."""
        return len(links) > 1 and all(self.cards[link.source].node.value.size == 1 for link in links)

    def _is_data(self, link: Link) -> int:
        return {"input": 2, "parameter": 1}.get(self.cards[link.source].node.role, 0)

    def _is_beside(self, link: Link, source: Card, target: Card) -> bool:
        """Whether a leaf stands beside its only use, instead of before it; so the spine stays straight."""
        if not _is_leaf(source):
            return False
        alone = len(self.out_of[source.id]) == 1 or (self._is_shared(source) and self.out_of[source.id][0] is not link)
        return alone and (target.id in self._main or source.node.role == "constant")

    # ---- the size of gradients ----

    @cached_property
    def scale(self) -> tuple[float, float] | None:
        """The smallest and the largest gradient that is not zero."""
        sizes = [_gradient_of(link) for link in self.plan.links]
        sizes += [self._module_gradient(card) for card in self.plan.cards if card.kind == "module"]
        sizes += [numbers.rms(n.gradient) for n in (self.graph.by_id[self.graph.root],) if n.gradient is not None]
        found = [size for size in sizes if size]
        return (min(found), max(found)) if found else None

    def _share(self, size: float) -> float:
        """Where a gradient lies on the scale, from 0 to 1, by its logarithm."""
        if not self.scale or not size:
            return 0.0
        low, high = (math.log10(end) for end in self.scale)
        return min(max((math.log10(size) - low) / (high - low), 0.0), 1.0) if high > low else 1.0

    def _heat(self, size: float) -> str:
        colors = self.theme.scale
        return colors[min(int(self._share(size) * len(colors)), len(colors) - 1)]


def _subgraph(name: str, attributes: dict[str, str]) -> Digraph:
    import graphviz

    return graphviz.Digraph(name, graph_attr=attributes)


def _is_leaf(card: Card) -> bool:
    return card.kind == "value" and card.node.op is None


def _gradient_of(link: Link) -> float | None:
    """The root mean square of what an arrow carries back; None if it carries nothing."""
    parts = [e.contribution for e in link.edges if e.contribution is not None]
    count = sum(part.size for part in parts)
    return math.sqrt(sum(numbers.rms(part) ** 2 * part.size for part in parts) / count) if count else None


def _shown_name(node: Node) -> str:
    """The name as the card shows it: inside a box without the way there, digits of a short one lowered."""
    name = node.name or ""
    if node.role == "parameter" and node.call is not None:
        name = name.rpartition(".")[2]
    return numbers.subscript(name)


def _constant(node: Node) -> str:
    item = node.value.reshape(()).item()
    return str(item) if isinstance(item, bool) else numbers.number(float(item))


def _described(node: Node) -> str:
    """The op and its parameters."""
    if node.op is None:
        return ""
    return (
        f"{node.op}({', '.join(f'{name}={value}' for name, value in node.params.items())})" if node.params else node.op
    )


def _runs(symbols: list[str]) -> list[str]:
    """Symbols without their repetitions: ``+ + +`` becomes ``+ 3×``."""
    found: list[tuple[str, int]] = []
    for symbol in symbols:
        if found and found[-1][0] == symbol:
            found[-1] = (symbol, found[-1][1] + 1)
        else:
            found.append((symbol, 1))
    return [symbol if count == 1 else f"{symbol} {count}×" for symbol, count in found]
