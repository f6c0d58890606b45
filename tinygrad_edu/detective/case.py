"""A question about a gradient, and what is known: the tensor, the loss, and the ops that were noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..observe import Event


class Finding(NamedTuple):
    """A reason, as a sentence without its full stop, and what helps."""

    reason: str
    cure: str


@dataclass(eq=False)
class Case:
    """The tensor `t`, the `loss` if it is known, the ops that were noted, and the names of the user."""

    t: Any
    loss: Any
    events: Sequence[Event]
    names: Any
    makers: dict[int, Event] = field(default_factory=dict)  # by the id of what an op made

    def __post_init__(self) -> None:
        for event in self.events:
            for made in event.output if isinstance(event.output, tuple) else (event.output,):
                self.makers[id(made)] = event

    def called(self, t: Any) -> str:
        """The user's name of a tensor, or what stands for it."""
        name = self.names.of(t)
        return name or ("the loss" if t is self.loss else "this tensor" if t is self.t else "a tensor")

    def op(self, node: Any) -> str:
        """An op in a sentence: its name, the name of its result, and where in the program it ran."""
        name = node.op.__name__
        called = self.names.of(node)
        event = self.makers.get(id(node))
        return f"{name}{f' ({called})' if called else ''}{place(event)}"


def place(event: Event | None) -> str:
    """`` at train.py:12 in step: x @ w``, or nothing where it is not known."""
    source = None if event is None else event.source
    return "" if source is None else f" at {source}"
