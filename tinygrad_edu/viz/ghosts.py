"""Ghost edges: where a gradient ends, because an op without a derivative, detach() or no_grad() came in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine import is_tensor
from ..observe import Event


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


def find_ghosts(events: Iterable[Event], ids: Mapping[int, str]) -> tuple[Ghost, ...]:
    """The ghost edges among the values with these `ids` (by the id of the tensor), in the order in which they ran."""
    starts: dict[int, list[tuple[str, Event]]] = {}  # by the id of an untracked value: where it comes from
    found: list[Ghost] = []
    ended: set[int] = set()
    for event in events:
        outputs = event.output if isinstance(event.output, tuple) else (event.output,)
        origins = [(ids[id(x)], event) for x in event.inputs if id(x) in ids and _tracked(x)] if event.is_ghost else []
        for x in event.inputs:
            if not _tracked(x):
                origins += starts.get(id(x), [])
        for y in outputs:
            if not origins or _tracked(y):
                continue
            if id(y) in ids:
                found += [_ghost(source, origin, ids[id(y)]) for source, origin in origins]
                ended |= {id(origin) for _, origin in origins}
            elif is_tensor(y):
                starts[id(y)] = origins
    used = {id(origin) for origins in starts.values() for _, origin in origins} | ended
    for event in events:  # those of which nothing came that is in the graph
        if event.is_ghost and id(event) not in ended and (id(event) in used or not is_tensor(event.output)):
            found += [_ghost(ids[id(x)], event, None) for x in event.inputs if id(x) in ids and _tracked(x)]
    return tuple(dict.fromkeys(found))


def _tracked(x: Any) -> bool:
    return bool(getattr(x, "_requires_grad", False))


def _ghost(source: str, event: Event, target: str | None) -> Ghost:
    return Ghost(source, event.op.__name__.strip("_"), target, place_text(event))


def place_text(event: Event) -> str | None:
    """``train.py:12: x @ w``; None without a source."""
    source = event.source
    if source is None:
        return None
    return f"{source.file.replace(chr(92), '/').rpartition('/')[2]}:{source.line}: {source.text}"
