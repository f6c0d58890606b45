"""How large gradients are, on a scale of logarithms, and in which colour that is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from . import numbers
from .graph import Graph
from .plan import Card, Link, Plan

# The largest gradient over the smallest on a scale: gradients that hardly differ look alike, and one of 10⁻⁹ (a bias
# before a batch norm: rounding errors) does not make all others look large.
SHORTEST, LONGEST = 1e2, 1e6


class Scale:
    """The scale from the smallest gradient of a picture that is not zero to the largest.

    Sizes are root mean squares.
    """

    def __init__(self, graph: Graph, plan: Plan, colors: Sequence[str]) -> None:
        self.colors = colors
        root = graph.by_id[graph.root].gradient
        sizes = [link_gradient(link) for link in plan.links]
        sizes += [module_gradient(card) for card in plan.cards if card.kind == "module"]
        sizes += [None if root is None else numbers.rms(root)]
        found = [size for size in sizes if size]
        self.ends = _ends(min(found), max(found)) if found else None
        self.is_cut = self.ends is not None and min(found) < self.ends[0]

    def share(self, size: float) -> float:
        """Where a gradient lies on the scale, from 0 to 1."""
        if self.ends is None or not size:
            return 0.0
        low, high = (math.log10(end) for end in self.ends)
        return min(max((math.log10(size) - low) / (high - low), 0.0), 1.0) if high > low else 1.0

    def color(self, size: float) -> str:
        """The colour of a gradient."""
        return self.colors[min(int(self.share(size) * len(self.colors)), len(self.colors) - 1)]


def _ends(low: float, high: float) -> tuple[float, float]:
    return min(max(low, high / LONGEST), high / SHORTEST), high


def link_gradient(link: Link) -> float | None:
    """The size of what an arrow carries back; None if it carries nothing."""
    return _together([e.contribution for e in link.edges if e.contribution is not None])


def module_gradient(card: Card) -> float | None:
    """The size of all gradients of a closed module's parameters; None without any."""
    return _together([n.gradient for n in card.nodes if n.role == "parameter" and n.gradient is not None])


def _together(arrays: Sequence[np.ndarray]) -> float | None:
    """The root mean square over all numbers of several arrays."""
    count = sum(array.size for array in arrays)
    return math.sqrt(sum(numbers.rms(array) ** 2 * array.size for array in arrays) / count) if count else None
