"""Why there is no gradient: nothing to differentiate, a cut on the way, or nobody asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..engine import is_tensor
from ..memory import owner
from ..observe import Event
from .case import Case, Finding, place

_CHOICES = "the number of an element, which does not change smoothly"
_ROUNDED = "whole numbers: its slope is 0 wherever it has one"
_CUTS = {
    **dict.fromkeys(
        ("argmax", "argmin", "argsort", "nonzero", "argwhere", "searchsorted"),
        (_CHOICES, "Use softmax for a smooth choice, or max, sort and take_along_axis for the values."),
    ),
    **dict.fromkeys(
        ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "isclose"),
        (
            "yes or no",
            "Use where(condition, a, b), which passes gradients to a and b, or sigmoid(a - b), which is smooth.",
        ),
    ),
    **dict.fromkeys(
        ("floor", "ceil", "round", "rint", "trunc", "fix", "floor_divide", "sign"),
        (_ROUNDED, "To pass the gradient straight through: x + (round(x) - x).detach()."),
    ),
    "item": ("a Python number without a history", "Compute with the tensor itself; call item() for printing only."),
    "detach": ("the same numbers without a history", "Leave detach() out where the gradient shall pass."),
    "convert": ("whole numbers, which have no gradient", "Keep a floating dtype: astype('float32')."),
    "one_hot": ("whole numbers", "Use softmax for a smooth choice."),
    "hardmax": (_CHOICES, "Use softmax for a smooth choice."),
}
_NO_GRAD = "Compute it outside no_grad(), or inside enable_grad()."
_REQUIRE = "Create what shall be learned with requires_grad=True, or call requires_grad_() on it before computing."


def untracked(case: Case, t: Any) -> Iterator[Finding]:
    """Why a tensor has no history."""
    if t.dtype.kind != "f":
        event = case.makers.get(id(t))
        if event is None or not event.is_ghost:
            yield Finding(
                f"{case.called(t)} holds {t.dtype}, and only floating numbers have gradients",
                "Write 2.0 for 2, or convert: t.astype('float32').",
            )
            return
    ghosts = _ghosts_above(case, t)
    if ghosts:
        for event in ghosts:
            yield cut(event)
    elif id(t) in case.makers:
        yield Finding(f"nothing that {case.called(t)} was computed from requires grad", _REQUIRE)
    else:
        yield Finding(
            f"{case.called(t)} does not require grad: made without requires_grad=True, or the result of detach(), of "
            f"no_grad(), or of tensors that require none",
            f"{_REQUIRE} To see where a result lost its history: with tg.observe() as events: ..., "
            f"then tg.why(t, events=events).",
        )


def cut(event: Event) -> Finding:
    """An op at which a gradient ends."""
    name = event.op.__name__.strip("_")
    if getattr(event.op, "differentiable", False):
        return Finding(f"{name} ran under no_grad(){place(event)}", _NO_GRAD)
    what, cure = _CUTS.get(name, ("a result without a derivative", "Use a differentiable op instead."))
    return Finding(f"the gradient ends at {name}, which gives {what},{place(event)}".removesuffix(","), cure)


def _ghosts_above(case: Case, t: Any) -> list[Event]:
    """The ops, nearest first, at which what `t` was computed from lost its history."""
    found, seen, waiting = [], {id(t)}, [t]
    for each in waiting:  # the list grows while it is read
        event = case.makers.get(id(each))
        if event is None:
            continue
        if event.is_ghost:
            found.append(event)
            continue
        for x in event.inputs:
            if id(x) not in seen:
                seen.add(id(x))
                waiting.append(x)
    return found


def unreached(case: Case, nodes: Sequence[Any]) -> Iterator[Finding]:
    """Why `t` is not in the history of the loss."""
    t, loss = case.t, case.loss
    cuts = _cuts_between(case, nodes)
    if cuts:
        for event in cuts:
            yield cut(event)
        return
    sharing = [(node, x) for node in nodes for x in node.inputs if x is not t and _shares(x, t)]
    for node, _ in sharing[:1]:
        yield Finding(
            f"{case.called(loss)} was computed from the bare numbers of {case.called(t)} (.data, numpy() or detach()), "
            f"which have no history: {case.op(node)} reads them",
            f"Compute with {case.called(t)} itself.",
        )
    if not sharing:
        yield Finding(
            f"{case.called(loss)} was not computed from {case.called(t)}, as far as its history tells",
            "Look for .data, numpy(), item(), detach() or no_grad() on the way, or for a second tensor of that name "
            "(w = w - lr * g makes one). To find the place: with tg.observe() as events: ..., "
            "then tg.why(t, loss, events).",
        )


def _shares(x: Any, t: Any) -> bool:
    """Whether a value without a history shows the memory of `t`."""
    array = x._data if is_tensor(x) else x
    bare = isinstance(array, np.ndarray) and not (is_tensor(x) and x.op is not None)
    return bare and owner(array) is owner(t._data)


def _cuts_between(case: Case, nodes: Sequence[Any]) -> list[Event]:
    """The ops that lost the history on the way from `t` to the loss."""
    above = {id(node) for node in nodes} | {i for node in nodes for i in _read(node)}
    for event in reversed(case.events):
        if _made(event) & above:
            above |= _read(event)
    derived = {id(case.t)}
    found = []
    for event in case.events:
        if _read(event) & derived:
            made = _made(event)
            derived |= made
            leaves = not any(map(is_tensor, _outputs(event)))  # as a Python number it cannot be followed
            if event.is_ghost and (leaves or made & above):
                found.append(event)
    return found


def _outputs(event: Event) -> tuple[Any, ...]:
    return event.output if isinstance(event.output, tuple) else (event.output,)


def _made(event: Event) -> set[int]:
    """The ids of what an op made, and of the arrays in it: an index is known as its array only."""
    return {id(x) for y in _outputs(event) for x in (y, y._data if is_tensor(y) else y)}


def _read(op: Any) -> set[int]:
    """The ids of what an op was given: its inputs, and the arrays of an index."""
    given = [part for value in op.params.values() for part in (value if isinstance(value, tuple) else (value,))]
    return {id(x) for x in op.inputs} | {id(x) for x in given if isinstance(x, np.ndarray)}
