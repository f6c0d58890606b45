"""Arrows: which are the straight spine, which leaves stand beside it, and what an arrow says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from . import labels, numbers
from .graph import Edge, Graph, Node
from .plan import MAX_USES, Card, Link, Plan
from .scale import Scale, link_gradient
from .theme import Theme

Direction = Literal["LR", "TB"]

SPINE = "200"  # weight of the arrows that are to be straight; Graphviz pulls the sides of a box together with 128


LINE_STYLES = {"dotted": "no gradient comes back", "dashed": "the gradient is 0"}


@dataclass(frozen=True)
class Look:
    """How a picture is drawn."""

    detail: Literal["full", "compact"]
    direction: Direction
    theme: Theme
    heat: bool
    legend: bool
    title: str | None


FULL = 30  # graph nodes, up to which ops and values are drawn apart


def is_small(graph: Graph) -> bool:
    """Whether the graph has few values, and all are single numbers."""
    return len(graph.nodes) <= FULL and all(node.value.size == 1 for node in graph.nodes)


def chosen_direction(wanted: str, full: bool) -> Direction:
    """From left to right where the cards are small, else from top to bottom."""
    if wanted != "auto":
        return "LR" if wanted == "LR" else "TB"
    return "LR" if full else "TB"


class Arrows:
    """The arrows of a plan."""

    def __init__(self, graph: Graph, plan: Plan, look: Look, scale: Scale) -> None:
        self.graph, self.plan, self.look, self.scale = graph, plan, look, scale
        self.cards = {card.id: card for card in plan.cards}
        self.into: dict[str, list[Link]] = defaultdict(list)
        self.out_of: dict[str, list[Link]] = defaultdict(list)
        self._mirrored: set[int] = set()
        for link in plan.links:
            self.into[link.target].append(link)
            self.out_of[link.source].append(link)

    def by_chip(self, link: Link) -> bool:
        """Whether an arrow starts at a chip: a later use of a leaf that many cards use."""
        uses = self.out_of[link.source]
        many = len({use.target for use in uses}) > MAX_USES
        return many and _is_leaf(self.cards[link.source]) and uses[0] is not link

    def ends(self, link: Link, start: str, end: str) -> tuple[str, str, dict[str, str]]:
        """Tail, head and attributes of an arrow from `start` to `end`.

        The spine is heavy, and so straight.  A leaf with a single use stands beside that use, not before it: the first
        on one side, the second on the other, for which tail and head change places and the arrow is drawn backwards.
        """
        beside = self._beside.get(link.target, [])
        attributes = self._attributes(link, is_beside=link in beside[:2])
        if link is self.main.get(link.target) and link not in beside:
            return start, end, attributes | {"weight": SPINE}
        mirrored = id(link) in self._mirrored
        if link in beside[:1] and not mirrored:
            return start, end, attributes | {"minlen": "0"}
        if link in beside[1:2] or (link in beside and mirrored):
            return end, start, attributes | {"minlen": "0", "dir": "back"}
        return start, end, attributes

    @cached_property
    def main(self) -> dict[str, Link]:
        """For each card the arrow that is the spine: from the longest computation on data."""
        rank: dict[str, tuple[bool, int, int]] = {}  # is it made of data, the length of the computation, the role
        found: dict[str, Link] = {}
        for card in self.plan.cards:
            links = [link for link in self.into[card.id] if link.source in rank]
            ranks = [rank[link.source] for link in links]
            role = card.node.role if _is_leaf(card) else "value"
            data = role == "input" or any(r[0] for r in ranks)
            rank[card.id] = data, 1 + max((r[1] for r in ranks), default=-1), role == "input"
            if links and not self._are_equals(links):
                found[card.id] = max(links, key=lambda link: rank[link.source])
        return found

    def _are_equals(self, links: list[Link]) -> bool:
        """Whether these arrows come from two or more single numbers that are leaves: none of them is the spine."""
        sources = [self.cards[link.source] for link in links if self.cards[link.source].node.role != "constant"]
        return len(sources) > 1 and all(_is_leaf(card) and card.node.value.size == 1 for card in sources)

    @cached_property
    def _beside(self) -> dict[str, list[Link]]:
        """For each card the arrows from what stands beside it: leaves, and leaves that only one op has altered."""
        found: dict[str, list[Link]] = defaultdict(list)
        for link in self.plan.links:
            straight = link.target in self.main or self.cards[link.source].node.role == "constant"
            if not straight or link is self.main.get(link.target):
                continue
            before = self._leaf_behind(link)
            if before is not None:
                found[link.target].append(link)
                if before is not link:
                    found[link.source].append(before)
                    if len(found[link.target]) == 2:  # on the other side, and further out
                        self._mirrored.add(id(before))
        return found

    def _leaf_behind(self, link: Link) -> Link | None:
        """The arrow from a leaf with a single use that this one is, or continues: w, or w.T."""
        source, before = self.cards[link.source], self.into[link.source]
        if len(self.out_of[source.id]) > 1 and not self.by_chip(link):
            return None
        if _is_leaf(source):
            return link
        if source.kind == "value" and len(before) == 1 and _is_leaf(self.cards[before[0].source]):
            alone = len(self.out_of[before[0].source]) == 1 or self.by_chip(before[0])
            return before[0] if alone and source.call == self.cards[link.target].call else None
        return None

    def _attributes(self, link: Link, is_beside: bool) -> dict[str, str]:
        """Label, colour and line of an arrow."""
        found = {"tooltip": " "}
        said = self._words(link)
        # Beside an arrow that runs across the picture, Graphviz sets a label half upon it: so much to the left again.
        # On one that runs along a picture from left to right it stands upon the line: it needs something to stand on.
        across = is_beside and self.look.direction == "LR"
        longest = max((len(words) for words, _ in said), default=0)
        room = "\u00a0" * (max(2 * longest - 3, 3) if across else 1)
        runs = [labels.text(f"\u00a0{words}{room}", color, labels.SMALL) for words, color in said]
        if runs:
            rows = [[labels.cell(run)] for run in runs]
            rows += [[labels.gap(3)]] if self.look.direction == "LR" and not is_beside else []
            found["label"] = f"<{labels.table(rows, padding=0) if len(rows) > 1 else runs[0]}>"
        size, style = link_gradient(link), self.line_style(link)
        if style:
            found |= {"style": style} | ({"arrowsize": "0.6"} if style == "dotted" else {})
        elif self.look.heat and size is not None:
            found |= {"color": self.scale.color(size), "penwidth": "1.8"}
        return found

    def line_style(self, link: Link) -> str:
        """``dotted`` where no gradient comes back, ``dashed`` where it is 0, else nothing."""
        if not any(self.graph.by_id[e.source].tracked for e in link.edges):
            return "dotted"
        return "dashed" if link_gradient(link) == 0 else ""

    def _words(self, link: Link) -> list[tuple[str, str]]:
        """What an arrow says, line by line, each with its colour."""
        theme, source, target, first = self.look.theme, *self._both(link), link.edges[0]
        found = []
        if len(link.edges) > 1:
            found.append((f"{len(link.edges)}×", theme.faint))
        elif first.rule is not None and target.kind == "value":
            found.append((first.rule, theme.local))
        if first.contribution is not None and source.kind == "value" and self._has_several_uses(source.node):
            found.append((f"→ {_total(link.edges)}", theme.gradient))
        return found

    def _both(self, link: Link) -> tuple[Card, Card]:
        return self.cards[link.source], self.cards[link.target]

    def _has_several_uses(self, node: Node) -> bool:
        return sum(edge.contribution is not None for edge in self.graph.uses.get(node.id, ())) > 1


def _is_leaf(card: Card) -> bool:
    return card.kind == "value" and card.node.op is None


def _total(edges: tuple[Edge, ...]) -> str:
    """What these uses add to a gradient."""
    parts = [e.contribution for e in edges if e.contribution is not None]
    total = np.sum(np.stack(parts), axis=0)
    return numbers.number(float(total.reshape(()))) if total.size == 1 else numbers.spread(total)
