"""From a `Plan` to DOT source: cards, arrows, boxes, legend.

Ids follow the order of execution and every list has an order of its own, so equal graphs give equal bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import labels, numbers
from .arrows import LINE_STYLES, SPINE, Arrows, Look
from .escape import dot_string, short
from .ghosts import Ghost
from .graph import Call, Graph, Node
from .legend import legend_label
from .plan import Card, Link, Plan
from .scale import Scale, module_gradient
from .theme import Theme

if TYPE_CHECKING:
    from graphviz import Digraph

FONT = "Helvetica,Arial,sans-serif"
_MOST_TERMS = 4
_LONGEST_SOURCE = 32


def dot_source(graph: Graph, plan: Plan, look: Look) -> str:
    """The DOT source of a picture."""
    return str(Picture(graph, plan, look).draw().source)


class Picture:
    """One picture in the making."""

    def __init__(self, graph: Graph, plan: Plan, look: Look) -> None:
        self.graph, self.plan, self.look, self.theme = graph, plan, look, look.theme
        self.scale = Scale(graph, plan, look.theme.scale)
        self.arrows = Arrows(graph, plan, look, self.scale)
        self.inner: dict[str | None, Digraph] = {}
        self.starts: dict[int, str] = {}  # the chip at which an arrow starts, where it is not the card of its source

    def draw(self) -> Digraph:
        """The whole picture."""
        whole = self._canvas()
        self.inner = {box.id: _subgraph(f"cluster_{box.id}", self._box(box)) for box in self.plan.boxes}
        self.inner[None] = whole
        for card in self.plan.cards:
            chips = [link for link in self.arrows.into[card.id] if self.arrows.by_chip(link)]
            place = self.inner[card.call]
            # An unseen box keeps chips beside their card; alone, they are placed so that their arrows cross.
            beside = (
                _subgraph(f"cluster_{card.id}_uses", {"peripheries": "0", "margin": "0", "label": ""})
                if chips
                else place
            )
            for link in chips:
                self.starts[id(link)] = self._chip(link, beside)
            self._card(card, beside)
            if chips:
                place.subgraph(beside)
        for link in self.plan.links:
            self._arrow(link)
        for i, ghost in enumerate(self.graph.ghosts):
            self._ghost(f"g{i}", ghost)
        for box in reversed(self.plan.boxes):  # inner ones before those around them
            self.inner[box.parent].subgraph(self.inner[box.id])
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
            "labelloc": "b" if self.look.title is None else "t",
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
            lines=self._lines(),
            wide=self.look.direction == "LR",
            show=self.look.legend,
            title=self.look.title,
        )

    def _lines(self) -> list[str]:
        """What lines that are not drawn through mean, where there are any."""
        plain = {card.id for card in self.plan.cards if card.node.role != "constant"}
        styles = {self.arrows.line_style(link) for link in self.plan.links if link.source in plain}
        styles |= {"dotted"} if self.graph.ghosts else set()
        return [f"{style}: {said}" for style, said in LINE_STYLES.items() if style in styles]

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

    def _card(self, card: Card, place: Digraph) -> None:
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
            source=short(node.source.partition(": ")[2], _LONGEST_SOURCE) if node.source is not None else "",
            flat=not full and node.op is not None,
            back=self._gradient_theme(node.id, node.role),
        )
        colors = self._colors(node.role)
        if self.look.heat and node.role == "value" and node.gradient is not None:
            colors["color"] = self.scale.color(numbers.rms(node.gradient))
        if any("starts" in flag for flag in node.flags):
            colors |= {"color": self.theme.nan, "penwidth": "2.5"}
        place.node(node.id, f"<{label}>", tooltip=self._tooltip(node), **colors)

    def _op(self, node: Node, place: Digraph) -> None:
        """The circle of an op, and its arrow to the result."""
        symbol = node.symbol or ""
        label = f"<{labels.text(symbol, self.theme.ink, labels.LARGE)}>"
        colors = self._colors("op")
        if node.id not in self.arrows.main:
            colors["ordering"] = "in"  # w0 above x0, as they are written
        tip = dot_string(_described(node))
        if len(symbol) <= 2:
            size = {"shape": "circle", "fixedsize": "true", "width": "0.42"}
            place.node(f"{node.id}_op", label, tooltip=tip, style="filled", **size, **colors)
        else:
            place.node(f"{node.id}_op", label, tooltip=tip, margin="0.08,0.02", height="0.36", **colors)
        pale = {} if self.theme is self.look.theme else {"color": self.theme.line}
        place.edge(f"{node.id}_op", node.id, weight=SPINE, tooltip=" ", **pale)

    def _heading(self, node: Node, with_op: bool) -> list[str]:
        """The op in compact pictures, the name, and the shape of what is more than a number."""
        words = [self._op_text(node)] if with_op and node.op is not None else []
        if node.name is not None:
            words.append(_shown_name(node))
        runs = [labels.text(" ".join(words), self.theme.ink, labels.LARGE, bold=True)] if words else []
        if node.shape:
            runs.append(labels.text(_about(node), self.theme.faint, labels.NORMAL))
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
        size = module_gradient(card)
        label = labels.module_label(
            self._path_inside(call),
            call.class_name + self._which(call),
            numbers.shape_text(card.node.shape) or "scalar",
            _runs([n.symbol or "" for n in card.nodes if n.op is not None]),
            sum(n.value.size for n in parameters),
            size,
            0.0 if size is None else self.scale.share(size),
            self.theme,
            self._gradient_theme(card.id, "parameter" if parameters else "value"),
        )
        output = any(n.id == self.graph.root for n in card.nodes)
        colors = self._colors("parameter" if parameters else "value")
        if output:
            colors["color"] = self.theme.borders["output"]
        place.node(card.id, f"<{label}>", tooltip=dot_string(f"{call.path} {call.class_name}"), **colors)

    def _path_inside(self, call: Call) -> str:
        """The path of a module as seen from the box around it."""
        parent = next((c.path for c in self.graph.calls if c.id == call.parent), "")
        return call.path.removeprefix(f"{parent}.")

    def _arrow(self, link: Link) -> None:
        target = self.arrows.cards[link.target]
        end = f"{target.id}_op" if self.look.detail == "full" and target.kind == "value" else target.id
        tail, head, attributes = self.arrows.ends(link, self.starts.get(id(link), link.source), end)
        self.inner[None].edge(tail, head, **attributes | self._arrow_color(link))

    def _gradient_theme(self, card: str, role: str) -> Theme:  # noqa: ARG002
        """In what colours the gradient on a card is shown; for those who draw one step only."""
        return self.theme

    def _arrow_color(self, link: Link) -> dict[str, str]:  # noqa: ARG002
        """In what colour an arrow is, if in another than usual."""
        return {}

    def _chip(self, link: Link, place: Digraph) -> str:
        """A dashed stand-in for a leaf that many cards use; long arrows from one card make layouts slow and ugly."""
        leaf = self.graph.by_id[link.source]
        identity = f"{leaf.id}_{self.arrows.out_of[leaf.id].index(link)}"
        name = _shown_name(leaf) if leaf.name is not None else _about(leaf) or _constant(leaf)
        label = labels.text(name, self.theme.borders[leaf.role], labels.SMALL)
        look = {"style": "rounded,dashed", "margin": "0.06,0.02", "height": "0.25", "width": "0.3"}
        place.node(identity, f"<{label}>", tooltip=self._tooltip(leaf), **look, **self._colors(leaf.role))
        return identity

    def _ghost(self, identity: str, ghost: Ghost) -> None:
        """A dotted arrow to the op at which a gradient ends, and on to what came of it."""
        shown = {card.id for card in self.plan.cards if card.kind == "value"}
        if ghost.source not in shown:
            return
        label = labels.text(f"{ghost.op} ⊣ no gradient", self.theme.faint, labels.SMALL)
        look = {"style": "rounded,dotted", "margin": "0.06,0.02", "height": "0.25", "color": self.theme.faint}
        look["tooltip"] = dot_string(ghost.place or ghost.op)
        call = self.graph.by_id[ghost.source].call if ghost.target is None else None
        self.inner[call if call in self.inner else None].node(identity, f"<{label}>", **look)
        line = {"style": "dotted", "color": self.theme.faint, "arrowsize": "0.6", "tooltip": " ", "weight": "0"}
        beside = {} if ghost.target in shown else {"minlen": "0"}
        self.inner[None].edge(ghost.source, identity, **line, **beside)
        if ghost.target in shown:
            self.inner[None].edge(identity, str(ghost.target), **line)

    def _colors(self, role: str) -> dict[str, str]:
        return {"fillcolor": self.theme.fills[role], "color": self.theme.borders[role]}

    def _tooltip(self, node: Node) -> str:
        parts = [node.id, _described(node), numbers.shape_text(node.shape) or "scalar", str(node.dtype)]
        parts += [node.source] if node.source is not None else []
        return dot_string(" · ".join(part for part in parts if part))


def _subgraph(name: str, attributes: dict[str, str]) -> Digraph:
    import graphviz

    return graphviz.Digraph(name, graph_attr=attributes)


def _shown_name(node: Node) -> str:
    """The name as the card shows it: inside a box without the way there, digits of a short one lowered."""
    name = node.name or ""
    if node.role == "parameter" and node.call is not None:
        name = name.rpartition(".")[2]
    return numbers.subscript(name)


def _about(node: Node) -> str:
    """Shape and dtype of what is more than a number."""
    return f"{numbers.shape_text(node.shape)} {numbers.dtype_text(node.dtype)}" if node.shape else ""


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
