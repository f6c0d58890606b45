"""What the arguments of losses are checked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....ops.operands import detached, required
from ...checks import check_numbers


def check_retired(name: str, size_average: Any, reduce: Any) -> None:
    """Raise if one of the two arguments that came before `reduction` is given."""
    for argument, given in (("size_average", size_average), ("reduce", reduce)):
        if given is not None:
            raise TypeError(
                f"{name}: expected no {argument}, which PyTorch has retired, but got {given!r}. "
                f"Write reduction='mean', reduction='sum' or reduction='none', by its name."
            )


def check_one_shape(name: str, **inputs: Any) -> None:
    """Raise unless all have the same shape: broadcasting would compare every sample with every other."""
    required(name, **inputs)
    found = [x.shape for x in inputs.values()]
    if any(shape != found[0] for shape in found):
        *first, last = (f"{what} {x.shape}" for what, x in inputs.items())
        raise ValueError(
            f"{name}: expected {', '.join(list(inputs)[:-1])} and {list(inputs)[-1]} of one shape, but got "
            f"{', '.join(first)} and {last}. Reshape or repeat one of them, e.g. with broadcast_to."
        )


def check_signs(name: str, target: Any) -> None:
    """Raise unless every target is 1 or -1."""
    signs = np.asarray(detached(target))
    wrong = np.absolute(signs) != 1
    if wrong.any():
        raise ValueError(
            f"{name}: expected targets of 1 (yes) and -1 (no), but got {signs[wrong].flat[0]}. "
            f"From 0 and 1 make them by 2 * target - 1."
        )


def check_above(name: str, what: str, value: Any, bound: float = 0) -> None:
    """Raise unless `value` is greater than `bound`."""
    check_numbers(name, **{what: value})
    if not value > bound:
        raise ValueError(f"{name}: expected {what} above {bound}, but got {value!r}.")
