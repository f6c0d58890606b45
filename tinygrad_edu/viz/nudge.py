"""What the output becomes when one number is nudged: the recorded ops, run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine import is_tensor

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MOST_WORK = 50_000_000  # for all nudges together, in elements computed; above it there are none
CALL = 1000  # elements: what calling an op costs


def nudges(order: Sequence[Any], gradients: Mapping[int, np.ndarray]) -> dict[int, dict[str, Any]]:
    """For each leaf, by its position in `order`, how the output changes with the element that matters most.

    Parameters
    ----------
    order : sequence
        All values in the order of execution; the last is the output, of one element.
    gradients : mapping of int to ndarray
        The gradient of each leaf that shall be nudged, by its position.

    Returns
    -------
    dict
        ``index`` of the element (the one with the largest gradient), ``value``, ``eps``, the nudges, and ``loss``,
        the output for each.  Empty where that is too much work, or an op cannot be run again.
    """
    work = sum(getattr(x, "size", 1) + CALL for x in order) * 2 * len(STEPS) * len(gradients)
    root = order[-1]
    if not gradients or work > MOST_WORK or root.size != 1 or not np.isfinite(root._data).all():
        return {}
    program = _Program(order)
    with np.errstate(all="ignore"):
        base = program.run({})
        if base is None or not np.allclose(base, root._data.item(), rtol=1e-3, atol=1e-6):
            return {}  # what the ops read was changed since
        found = {at: _nudged(program, at, base, g) for at, g in gradients.items() if g.size}
    return {at: nudge for at, nudge in found.items() if nudge is not None}


def _nudged(program: _Program, at: int, base: float, gradient: np.ndarray) -> dict[str, Any] | None:
    data = program.values[at]
    where = int(np.nanargmax(np.abs(gradient))) if not np.isnan(gradient).all() else 0
    steps = [-eps for eps in reversed(STEPS)] + list(STEPS)
    losses = []
    for eps in steps:
        changed = data.copy()
        changed.reshape(-1)[where] += eps
        loss = program.run({at: changed})
        if loss is None or not np.isfinite(loss):
            return None
        losses.append(float(f"{loss:.10g}"))
    index = [int(i) for i in np.unravel_index(where, data.shape)]
    return {"index": index, "value": float(data.flat[where]), "eps": steps, "base": base, "loss": losses}


class _Program:
    """The recorded ops on double-precision copies of the leaves: a nudge of 0.001 should not drown in rounding."""

    def __init__(self, order: Sequence[Any]) -> None:
        self.order = order
        self.values: list[Any] = [_doubled(getattr(x, "_data", x)) for x in order]
        self._position = {id(x): i for i, x in enumerate(order)}

    def run(self, changed: Mapping[int, np.ndarray]) -> float | None:
        """The output with some leaves changed; None if an op cannot be run on bare arrays."""
        values = list(self.values)
        for at, array in changed.items():
            values[at] = array
        for at, node in enumerate(self.order):
            if not is_tensor(node) or node.op is None:
                continue
            inputs = [self._input(x, values) for x in node.inputs]
            try:
                values[at] = np.asarray(node.op.signature.call(node.op.forward, inputs, node.params))
            except (TypeError, ValueError, AttributeError):
                return None
        return float(values[-1].reshape(()))

    def _input(self, x: Any, values: Sequence[Any]) -> Any:
        at = self._position.get(id(x))
        return x if at is None else values[at]


def _doubled(x: Any) -> Any:
    return x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
