"""Which cards a picture has: one a value, or one for all that a module computed, or one for a run of ops.

Everything here is a contraction of consecutive values in the order of execution, so a picture never gets a cycle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .graph import Call, Edge, Graph, Node

TOO_FEW = 5  # cards that modules are not collapsed to, if folding the level below shows more
MAX_USES = 3  # of a leaf, by arrows to one card; above it every further use shows a chip


@dataclass(frozen=True, eq=False)
class Card:
    """One box of a picture.

    Attributes
    ----------
    id : str
        Of the node, of the call, or ``f0``, ``f1``, ... for a folded run.
    kind : str
        value, module or fold.
    nodes : tuple of Node
        What it stands for, in the order of execution; one for a value.
    call : str or None
        The innermost open module box around it.
    title : str
        For a fold: what it says.
    """

    id: str
    kind: Literal["value", "module", "fold"]
    nodes: tuple[Node, ...]
    call: str | None
    title: str = ""

    @property
    def node(self) -> Node:
        """The last value, which is the only one of a value's card."""
        return self.nodes[-1]


@dataclass(frozen=True, eq=False)
class Link:
    """One arrow of a picture: one use, or all uses between two cards of which one hides something."""

    source: str
    target: str
    edges: tuple[Edge, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """The cards, arrows and open boxes of a picture, and what it leaves out in words."""

    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    boxes: tuple[Call, ...]
    hidden: str


def make_plan(graph: Graph, *, depth: int | None, expand: Iterable[str], max_cards: int, constants: bool) -> Plan:
    """Choose what is shown, so that there are at most `max_cards` cards.

    Parameters
    ----------
    graph : Graph
        The whole graph.
    depth : int or None
        Module calls at this depth of nesting become one card each; None for the deepest that fits.
    expand : iterable of str
        Paths of modules that stay open.
    max_cards : int
        Cards, constants not counted.
    constants : bool
        Whether constants are cards of their own; otherwise they are left to the card that uses them.
    """
    hidden_constants = set() if constants else {n.id for n in graph.nodes if n.role == "constant"}
    shown = [n for n in graph.nodes if n.id not in hidden_constants]
    depths = _depths(graph)
    deepest = max(depths.values(), default=0)
    opened = _opened(graph, set(expand))
    candidates = [depth] if depth is not None else [*range(deepest + 1, 0, -1)]
    tried: list[tuple[int, list[Card]]] = []
    for at in candidates:
        tried.append((at, _contracted(graph, shown, _collapsed(graph, depths, at, opened))))
        if _count(tried[-1][1]) <= max_cards:
            break
    if len(tried) > 1 and _count(tried[-1][1]) <= TOO_FEW:
        tried.pop()  # 120 blocks folded in their middle tell more than the one network that they make
    chosen, cards = tried[-1]
    said = []
    if any(card.kind == "module" for card in cards):
        said.append(f"modules collapsed at depth {chosen} · draw(x, depth={chosen + 1}) for more")
    if _count(cards) > max_cards:
        cards, folded = _folded(graph, cards, max_cards)
        said.append(f"{folded} folded · draw(x, max_cards={min(4 * max_cards, 2000)}) for more")
    if said:
        said.insert(0, f"showing {_count(cards)} cards for {len(graph.nodes):,} graph nodes")
    cards = _without_idle_boxes(graph, cards)
    return Plan(
        cards=tuple(cards),
        links=tuple(_links(graph, cards)),
        boxes=_boxes(graph, cards),
        hidden=" · ".join(said),
    )


def contracted(graph: Graph, closed: Mapping[str, str]) -> Plan:
    """A plan in which these calls are one card each, and all else is shown but constants."""
    cards = _contracted(graph, [n for n in graph.nodes if n.role != "constant"], closed)
    return Plan(cards=tuple(cards), links=tuple(_links(graph, cards)), boxes=_boxes(graph, cards), hidden="")


def _count(cards: Sequence[Card]) -> int:
    return sum(card.node.role != "constant" for card in cards)


def _depths(graph: Graph) -> dict[str, int]:
    """How deep each call is nested; 1 for the outermost."""
    found: dict[str, int] = {}
    for call in graph.calls:
        found[call.id] = 1 + (0 if call.parent is None else found[call.parent])
    return found


def _opened(graph: Graph, paths: set[str]) -> set[str]:
    """The calls that stay open: those of these paths, and those around them."""
    found: set[str] = set()
    for call in graph.calls:
        if call.path in paths:
            found.update(graph.ancestors(call.id))
    return found


def _collapsed(graph: Graph, depths: Mapping[str, int], depth: int, opened: set[str]) -> dict[str, str]:
    """For each call the closed one that hides it: the outermost at or below `depth` that is not to stay open."""
    found: dict[str, str] = {}
    for call in graph.calls:  # outer ones come first
        if call.parent in found:
            found[call.id] = found[call.parent]
        elif depths[call.id] >= depth and call.id not in opened:
            found[call.id] = call.id
    return found


def _contracted(graph: Graph, shown: Sequence[Node], collapsed: Mapping[str, str]) -> list[Card]:
    """A card for every value, and one for every closed call, where its last value stands."""
    members: dict[str, list[Node]] = defaultdict(list)
    for node in shown:
        members[collapsed.get(node.call or "", node.id)].append(node)
    parents = {call.id: call.parent for call in graph.calls}
    cards = [
        Card(key, "module", tuple(nodes), parents[key])
        if key in parents
        else Card(key, "value", tuple(nodes), nodes[0].call)
        for key, nodes in members.items()
    ]
    place = {node.id: i for i, node in enumerate(shown)}
    return sorted(cards, key=lambda card: place[card.node.id])


def _folded(graph: Graph, cards: list[Card], max_cards: int) -> tuple[list[Card], str]:
    """The cards with the middle of the computation as one, and in words how much that is."""
    work = [card for card in cards if _is_work(card)]
    low, high = 1, max(1, len(work) // 2)
    while low < high:  # the most that can stay at each end
        keep = (low + high + 1) // 2
        if _count(_with_fold(graph, cards, work[keep:-keep])) <= max_cards:
            low = keep
        else:
            high = keep - 1
    middle = work[low:-low]
    said = _what(graph, middle)
    if len(middle) > 1:
        cards = _with_fold(graph, cards, middle)
    leaves = [card for card in cards if not _is_work(card) and card.kind == "value" and card.node.role != "constant"]
    room = max(0, max_cards - (_count(cards) - len(leaves)) - 1)
    if len(leaves) > room + 1:
        rest = leaves[room:]
        gone = {card.id for card in rest}
        fold = Card("f1", "fold", tuple(c.node for c in rest), None, f"… {len(rest):,} inputs …")
        at = cards.index(rest[0])
        cards = [*cards[:at], fold, *[card for card in cards[at:] if card.id not in gone]]
        said = f"{len(rest):,} inputs" if len(middle) < 2 else f"{said} and {len(rest):,} inputs"
    return cards, said


def _is_work(card: Card) -> bool:
    return card.kind != "value" or card.node.op is not None


def _with_fold(graph: Graph, cards: Sequence[Card], middle: Sequence[Card]) -> list[Card]:
    """The cards with `middle`, and the leaves used nowhere else, as one card."""
    if len(middle) < 2:
        return list(cards)
    gone = {card.id for card in middle}
    inside = {node.id for card in middle for node in card.nodes}
    for card in cards:
        if not _is_work(card) and all(edge.target in inside for edge in graph.uses.get(card.id, ())):
            gone.add(card.id)
    calls = [graph.ancestors(card.call)[::-1] for card in middle]
    around = [level[0] for level in zip(*calls, strict=False) if len(set(level)) == 1]
    nodes = tuple(node for card in cards if card.id in gone for node in card.nodes)
    fold = Card("f0", "fold", nodes, around[-1] if around else None, _fold_title(_what(graph, middle)))
    at = cards.index(middle[0])
    return [card for card in cards[:at] if card.id not in gone] + [fold] + [c for c in cards[at:] if c.id not in gone]


def _fold_title(what: str) -> str:
    return f"+{what}" if "more" in what else f"… {what} …"


def _what(graph: Graph, middle: Sequence[Card]) -> str:
    """What a run consists of: ``7 more Block``, ``412 ops``."""
    classes = {call.id: call.class_name for call in graph.calls}
    kinds = Counter(classes[card.id] if card.kind == "module" else "" for card in middle)
    if len(kinds) == 1 and (name := next(iter(kinds))):
        return f"{len(middle):,} more {name}"
    return f"{sum(node.op is not None for card in middle for node in card.nodes):,} ops"


def _links(graph: Graph, cards: Sequence[Card]) -> list[Link]:
    """The arrows; uses that have the same two ends are one arrow if an end hides something."""
    card_of = {node.id: card for card in cards for node in card.nodes}
    found: dict[tuple[str, str, int], list[Edge]] = defaultdict(list)
    for i, edge in enumerate(graph.edges):
        source, target = card_of.get(edge.source), card_of.get(edge.target)
        if source is None or target is None or source is target:
            continue
        merged = source.kind != "value" or target.kind != "value"
        found[source.id, target.id, -1 if merged else i].append(edge)
    return [Link(source, target, tuple(edges)) for (source, target, _), edges in found.items()]


def _without_idle_boxes(graph: Graph, cards: list[Card]) -> list[Card]:
    """The cards, of which one that is alone in the call of a nameless module (a loss) needs no box to say so."""
    parents = {call.id: call.parent for call in graph.calls}
    nameless = {call.id for call in graph.calls if not call.path} - set(parents.values())
    inside = Counter(card.call for card in cards)
    return [
        replace(card, call=parents[card.call])
        if card.call is not None and card.call in nameless and inside[card.call] == 1
        else card
        for card in cards
    ]


def _boxes(graph: Graph, cards: Sequence[Card]) -> tuple[Call, ...]:
    """The open module boxes: those that hold a card."""
    needed = {call for card in cards for call in graph.ancestors(card.call)}
    return tuple(call for call in graph.calls if call.id in needed)
