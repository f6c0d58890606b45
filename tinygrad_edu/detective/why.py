"""`why`: the reason for a gradient that is None, zero, tiny, huge or NaN, and the cure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..contributions import contributions
from ..engine import is_tensor
from ..observe import Event
from ..sweep import RELEASED, history
from ..text import Text
from . import finite
from .case import Case, Finding
from .missing import unreached, untracked
from .sizes import HUGE, TINY, Flow, rms


def why(t: Any, loss: Any = None, events: Sequence[Event] = (), *, names: Any = None) -> str:
    """Why the gradient of a tensor is None, zero, tiny, huge or NaN, with the cure.

    Nothing is changed: `grad` stays as it is. The more it is told, the more it can say: with the loss it looks at every
    step between the two, and with recorded events it names the line of your program.

    Parameters
    ----------
    t : Tensor
        What the question is about.
    loss : Tensor, optional
        A single number, the output that `backward` is or would be called on.
    events : sequence of Event, optional
        What ``with tg.observe() as events`` has noted while the loss was computed.
    names : mapping or module, optional
        Names and what they stand for. By default the variables where the question was asked.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `t` or `loss` is not a tensor, or `events` is no list.
    ValueError
        If `loss` has several elements.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-1.0, -2.0], requires_grad=True)
    >>> loss = tg.relu(w * 3.0).sum()
    >>> loss.backward()
    >>> tg.why(w, loss)
    The gradient of w is zero.
      Because relu passes nothing on: all 2 numbers that reach it are 0 or below, its units are dead.
      Cure: Use a smaller learning rate, a positive bias, or leaky_relu, which is nowhere flat.
    >>> x = tg.Tensor([1, 2])
    >>> tg.why(x)
    x.grad is None.
      Because x holds int64, and only floating numbers have gradients.
      Cure: Write 2.0 for 2, or convert: t.astype('float32').
    """
    from ..viz.names import Names  # here, so that `import tinygrad_edu` does not load what only pictures need

    for name, x in (("t", t), ("loss", loss)):
        if not (is_tensor(x) or (name == "loss" and x is None)):
            raise TypeError(f"why: expected {name} to be a Tensor, but got {type(x).__name__}. Pass the tensor itself.")
    if not isinstance(events, Sequence):
        raise TypeError(
            "why: expected events to be what `with tg.observe() as events:` has noted, "
            f"but got {type(events).__name__}. Watch the computation with it, and pass its list."
        )
    if loss is not None:
        loss._seed(None, "why")
    case = Case(t, loss, events, Names(names))
    return Text("\n".join([_head(case), *_lines(case)]))


def _lines(case: Case) -> Iterator[str]:
    for finding in _findings(case):
        yield f"  Because {finding.reason}."
        yield f"  Cure: {finding.cure}"


def _head(case: Case) -> str:
    """What is the matter, in one line."""
    name, g = case.called(case.t), case.t.grad
    if g is None:
        return f"The grad of {name} is None." if " " in name else f"{name}.grad is None."
    if finite.is_bad(g):
        return f"The gradient of {name} holds {finite.found_at(g)}."
    if not g.any():
        return f"The gradient of {name} is zero."
    size = rms(g)
    word = "tiny, " if size < TINY else "huge, " if size > HUGE else ""
    return f"The gradient of {name} is {word}of size {finite.shown(size, 3)} (root mean square)."


def _findings(case: Case) -> Iterator[Finding]:
    t, loss = case.t, case.loss
    if not t.requires_grad:
        yield from untracked(case, t)
        return
    if t.grad is None and t.op is not None:
        yield Finding(
            f"{case.called(t)} is the result of {t.op.__name__}, and backward keeps the gradients of leaves only",
            "Ask for it: tg.grad(loss, t). To update a leaf, write into it: with tg.no_grad(): w -= lr * w.grad.",
        )
    if loss is None:
        yield from _without_loss(case)
        return
    if not loss.requires_grad:
        yield from untracked(case, loss)
        return
    yield from _with_loss(case)


def _without_loss(case: Case) -> Iterator[Finding]:
    t = case.t
    if t.grad is None and t.op is None:
        yield Finding(
            "backward was not called since it was made or since zero_grad(), or not on anything computed from it",
            "Call loss.backward(); if it was called, tg.why(t, loss) looks at the way between the two.",
        )
    elif t.grad is not None and (finite.is_bad(t.grad) or not TINY <= rms(t.grad) <= HUGE):
        yield Finding("of something between it and the loss", "Ask with the loss: tg.why(t, loss).")


def _with_loss(case: Case) -> Iterator[Finding]:
    t, loss = case.t, case.loss
    if loss.inputs is RELEASED:
        yield _released(case)
        return
    try:
        nodes = history(loss)
    except RuntimeError:
        yield _released(case)
        return
    if t not in set(nodes):
        yield from unreached(case, nodes)
        return
    try:
        gradients, parts = contributions(loss, np.ones(loss.shape, loss.dtype))
    except RuntimeError as error:
        yield Finding(str(error).removesuffix("."), "Run backward before the change.")
        return
    g = gradients.get(t)
    if t.grad is None and t.op is None and g is not None:
        yield Finding(
            f"backward was not called on {case.called(loss)}, or zero_grad() came after it: the gradient would be of "
            f"size {finite.shown(rms(g), 3)}",
            "Call loss.backward().",
        )
    elif g is not None:
        yield from _other_backwards(case, g)
    yield from Flow(case, nodes, gradients, parts).findings()


def _released(case: Case) -> Finding:
    return Finding(
        f"the history of {case.called(case.loss)} was let go by backward(keep=False), so the way cannot be looked at",
        "Compute the loss again, or call backward(keep=True).",
    )


def _other_backwards(case: Case, g: Any) -> Iterator[Finding]:
    """Whether `grad` holds more than this loss has put there."""
    near = case.t.grad is not None and np.allclose(case.t.grad, g, rtol=1e-4, atol=TINY)  # below it, all is rounding
    if case.t.grad is None or finite.is_bad(g) or not g.any() or near:
        return
    if finite.is_bad(case.t.grad):
        yield Finding(
            "an earlier backward put it there: that of this loss is finite", "Call zero_grad() before backward."
        )
        return
    times = float(np.sum(np.float64(case.t.grad) * g) / np.sum(np.float64(g) * g))
    if abs(times - round(times)) < 1e-3 and times >= 2 and np.allclose(case.t.grad, round(times) * g, rtol=1e-3):
        reason = f"backward was called {round(times)} times, and gradients add up"
    else:
        reason = f"it holds more, or something else, than this loss has put there (of size {finite.shown(rms(g), 3)})"
    yield Finding(reason, "Call zero_grad() before each backward.")
