"""`frames`: one picture for each step of the computation, all with the same layout: slides."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .arrows import FULL, Arrows, Look, chosen_direction, is_small
from .dot import Picture
from .drawing import Drawing
from .graph import Graph
from .plan import Card, Link, Plan, make_plan
from .record import graph_of
from .theme import Theme, style_of, theme_of

if TYPE_CHECKING:
    from graphviz import Digraph

_FORMATS = ("svg", "png", "pdf", "dot")


def frames(
    x: Any,
    folder: str | os.PathLike[str],
    format: str = "svg",
    *,
    grad: Any = None,
    names: Any = None,
    events: Any = (),
    direction: str = "auto",
    theme: str = "light",
    max_cards: int = 60,
    engine: str = "auto",
) -> list[Path]:
    """One picture for each step, with identical layout: first the values, op by op, then the gradients back.

    Parameters
    ----------
    x : Tensor or Graph
        The output, or what `graph` returned.
    folder : str or path
        Where to: ``000.svg``, ``001.svg``, ... It is made if it does not exist.
    format : {"svg", "png", "pdf", "dot"}
    grad, names, events, direction, theme, max_cards, engine
        As for `draw`.

    Returns
    -------
    list of Path
        The files in the order of the steps: the leaves, then every op, then every gradient.

    Raises
    ------
    ValueError
        For another format, or options out of range.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor(3.0, requires_grad=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in viz.frames(x * x, folder, "dot")]
    ['000.dot', '001.dot', '002.dot', '003.dot']
    """
    if format not in _FORMATS:
        raise ValueError(f"frames: expected format to be one of {', '.join(map(repr, _FORMATS))}, but got {format!r}.")
    graph = x if isinstance(x, Graph) else graph_of(x, grad, names=names, events=events, caller="frames")
    pictures = _pictures(graph, direction, theme, max_cards)
    folder = Path(folder)
    _make(folder)
    digits = max(3, len(str(len(pictures) - 1)))
    return [
        Drawing(dot, engine=engine, style=style_of(theme)).save(folder / f"{i:0{digits}}.{format}")
        for i, dot in enumerate(pictures)
    ]


def _make(folder: Path) -> None:
    """Make the folder, unless it is there."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise type(error)(
            f"frames: expected a folder that is there or can be made, but got {str(folder)!r} "
            f"({error.strerror or error}). Make the folders above it, or choose another place."
        ) from error


def _pictures(graph: Graph, direction: str, theme: str, max_cards: int) -> list[str]:
    """The DOT source of every step; they differ in colours only."""
    palette = theme_of(theme)
    full = is_small(graph) and len(graph.nodes) <= min(FULL, max_cards)
    plan = make_plan(graph, depth=None, expand=(), max_cards=max_cards, constants=full)
    look = Look("full" if full else "compact", chosen_direction(direction, full), palette, False, True, None)
    return [source_at(graph, plan, look, step) for step in range(len(_steps(plan)))]


def source_at(graph: Graph, plan: Plan, look: Look, step: int) -> str:
    """The DOT source at one step."""
    values, gradients = _steps(plan)[step]
    return str(_Frame(graph, plan, look, values, gradients).draw().source)


def check_step(plan: Plan, step: int) -> None:
    """Raise ValueError unless there is such a step."""
    count = len(_steps(plan))
    if not 0 <= step < count:
        raise ValueError(f"draw: expected step in 0..{count - 1}, but got {step!r}. 0 is the leaves alone.")


def _steps(plan: Plan) -> list[tuple[list[str], list[str]]]:
    """For each step the cards whose value is known, and those whose gradient is."""
    work = [card.id for card in plan.cards if card.kind != "value" or card.node.op is not None]
    leaves = [card.id for card in plan.cards if card.id not in work]
    back = [card.id for card in reversed(plan.cards) if card.node.gradient is not None]
    steps = [(leaves + work[:n], back[:0]) for n in range(len(work) + 1)]
    return steps + [(leaves + work, back[:n]) for n in range(1, len(back) + 1)]


def _veiled(theme: Theme, color: str) -> Theme:
    """The theme with everything in one colour: what is drawn in it takes its room and is not seen."""
    return replace(
        theme,
        ink=color, faint=color, line=theme.box_border, value=color, gradient=color, local=color,
        zero=color, grid=color, nan=color,
        fills=dict.fromkeys(theme.fills, color),
        borders=dict.fromkeys(theme.borders, theme.box_border),
        positive=(color,) * len(theme.positive),
        negative=(color,) * len(theme.negative),
    )  # fmt: skip


class _Frame(Picture):
    """The picture at one step: some values are known, and some gradients."""

    def __init__(self, graph: Graph, plan: Plan, look: Look, values: Sequence[str], gradients: Sequence[str]) -> None:
        super().__init__(graph, plan, look)
        self.known, self.reached, self.bright = set(values), set(gradients), look.theme
        self.unseen = _veiled(look.theme, look.theme.paper)
        veiled = replace(look, theme=replace(look.theme, gradient=look.theme.paper, local=look.theme.paper))
        self.silent = Arrows(graph, plan, veiled, self.scale)

    def _card(self, card: Card, place: Digraph) -> None:
        self.theme = self.bright if card.id in self.known else self.unseen
        super()._card(card, place)
        self.theme = self.bright

    def _gradient_theme(self, card: str, role: str) -> Theme:
        if card in self.reached or self.theme is self.unseen:
            return self.theme
        return _veiled(self.theme, self.theme.fills[role])

    def _arrow(self, link: Link) -> None:
        full = self.arrows
        if link.source not in self.reached:
            self.arrows = self.silent
        super()._arrow(link)
        self.arrows = full

    def _arrow_color(self, link: Link) -> dict[str, str]:
        if link.target not in self.known:
            return {"color": self.bright.box_border}
        return {"color": self.bright.gradient} if link.source in self.reached else {}
