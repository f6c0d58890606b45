"""Ghost edges: where a gradient ends, because an op without a derivative, detach() or no_grad() came in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..engine import is_tensor
from .sources import End, Sources


@dataclass(frozen=True)
class Ghost:
    """A use of a value through which no gradient comes back.

    Attributes
    ----------
    source : str
        The id of the value.
    op : str
        The op at which its gradient ends: ``argmax``, ``detach``, ``item``.
    target : str or None
        The id of the value without a history that came of it, if the graph has it.
    place : str or None
        Where in the program: ``train.py:12: x > 0``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, -2.0], requires_grad=True)
    >>> with tg.observe() as events:
    ...     y = tg.where(x > 0, x, 0.0).sum()
    >>> [(ghost.source, ghost.op, ghost.target) for ghost in tg.viz.graph(y, events=events).ghosts]
    [('n1', 'greater', 'n0')]
    """

    source: str
    op: str
    target: str | None
    place: str | None


def find_ghosts(sources: Sources, order: Sequence[Any]) -> tuple[Ghost, ...]:
    """The ghost edges among these values: those with a target in its order, then those that led nowhere."""
    ids = {value.serial: f"n{i}" for i, value in enumerate(order) if is_tensor(value)}
    found: list[Ghost] = []
    arrived: set[End] = set()
    for serial, identity in ids.items():
        for end in sources.origins.get(serial, ()):
            if end.serial in ids:
                found.append(_ghost(ids[end.serial], end, identity))
                arrived.add(end)
    for serial, identity in ids.items():
        found += [_ghost(identity, end, None) for end in sources.ends.get(serial, ()) if end not in arrived]
    return tuple(dict.fromkeys(found))


def _ghost(source: str, end: End, target: str | None) -> Ghost:
    return Ghost(source, end.op, target, None if end.place is None else str(end.place))
