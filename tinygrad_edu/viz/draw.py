"""`draw` and `to_dot`: the picture of the graph under a tensor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from numbers import Integral
from typing import Any

from .arrows import Look, chosen_direction, is_small
from .dot import dot_source
from .drawing import Drawing
from .frames import check_step, source_at
from .graph import Graph
from .plan import make_plan
from .record import graph_of
from .theme import style_of, theme_of

MOST_CARDS = 2000


def draw(
    x: Any,
    *,
    grad: Any = None,
    detail: str = "auto",
    depth: int | None = None,
    expand: Iterable[str] = (),
    direction: str = "auto",
    theme: str = "light",
    heat: bool | str = "auto",
    names: Any = None,
    events: Any = (),
    legend: bool = True,
    title: str | None = None,
    max_cards: int = 60,
    engine: str = "auto",
    timeout: float = 20,
    step: int | None = None,
) -> Drawing:
    """A picture of the graph under a tensor: values, gradients, local derivatives, modules.

    Parameters
    ----------
    x : Tensor or Graph
        The output, of which the gradients are; or what `graph` returned.
    grad : array_like, optional
        The gradient that arrives at an output of several numbers; without it such a picture shows values only, and its
        caption says so.
    detail : str, default "auto"
        ``"full"``: ops and their results apart; ``"compact"``: one card for both; ``"auto"``: full for up to 30 single
        numbers.
    depth : int, optional
        Modules at this depth of nesting become one card each (1: the outermost).  By default only where the picture
        would have more than `max_cards`.
    expand : iterable of str
        Paths of modules that stay open.
    direction : str, default "auto"
        ``"LR"`` from left to right, ``"TB"`` from top to bottom.
    theme : str, default "light"
        ``"light"``, ``"dark"``, or ``"auto"``: what the reader's system prefers (SVG only).
    heat : bool or "auto"
        Whether arrows are coloured by the size of the gradient; by default in compact pictures.
    names : mapping or module, optional
        Names and what they stand for, as for `graph`.
    events : recording or sequence of Event, optional
        What `recording` or `observe` has noted, as for `graph`: cards then show the expression of the program and the
        name it was assigned to, and dashed arrows where a gradient ends.
    legend : bool, default True
        Whether the colours are explained.
    title : str, optional
        A heading.
    max_cards : int, default 60
        Above it modules are closed, and then the middle of the computation is folded; the caption and ``.hidden`` say
        so.  4 to 2000.
    engine, timeout
        ``"auto"``, ``"dot"`` or ``"pygraphviz"``, and its seconds for a layout.

    step : int, optional
        The picture at this moment of the computation only, as `frames` has them: 0 is the leaves, then every op, then
        every gradient.  The layout is that of the whole.

    Returns
    -------
    Drawing
        It renders when asked: ``.svg``, ``.png()``, ``.pdf()``, ``.dot``, ``.save(path)``, or by itself in a notebook.

    Raises
    ------
    TypeError
        If `x` is not a tensor.
    RuntimeError
        If it requires no grad.
    ValueError
        For options out of range, or a `grad` that does not fit.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor(3.0, requires_grad=True)
    >>> picture = viz.draw(x * x)
    >>> picture.dot.splitlines()[0]
    'digraph backprop {'
    """
    _check(detail, ("auto", "full", "compact"), "detail")
    _check(direction, ("auto", "LR", "TB"), "direction")
    _check(heat, ("auto", True, False), "heat")
    palette = theme_of(theme)
    if not isinstance(max_cards, Integral) or not 4 <= max_cards <= MOST_CARDS:
        raise ValueError(
            f"draw: expected max_cards in 4..{MOST_CARDS}, but got {max_cards!r}. "
            "A larger picture cannot be read: use the page that opens its parts, viz.step(x), or the whole graph as "
            "data, viz.graph(x)."
        )
    if depth is not None and (not isinstance(depth, Integral) or depth < 1):
        raise ValueError(f"draw: expected depth of at least 1 (the outermost modules), but got {depth!r}.")
    graph = x if isinstance(x, Graph) else graph_of(x, grad, names=names, events=events, caller="draw")
    full = detail == "full" or (detail == "auto" and is_small(graph) and len(graph.nodes) <= max_cards)
    plan = make_plan(graph, depth=depth, expand=expand, max_cards=max_cards, constants=full)
    look = Look(
        detail="full" if full else "compact",
        direction=chosen_direction(direction, full),
        theme=palette,
        heat=bool(heat) if heat != "auto" else not full and graph.has_gradients,
        legend=legend,
        title=title,
    )
    if step is not None:
        check_step(plan, step)
    dot = dot_source(graph, plan, look) if step is None else source_at(graph, plan, replace(look, heat=False), step)
    return Drawing(dot, hidden=plan.hidden, engine=engine, timeout=timeout, style=style_of(theme))


def to_dot(x: Any, **options: Any) -> str:
    """The DOT source of the picture that `draw` makes with the same options; it needs no engine.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor(3.0, requires_grad=True)
    >>> viz.to_dot(x * x) == viz.draw(x * x).dot
    True
    """
    return draw(x, **options).dot


def _check(value: object, known: tuple[object, ...], name: str) -> None:
    if value not in known:
        raise ValueError(f"draw: expected {name} to be one of {', '.join(map(repr, known))}, but got {value!r}.")
