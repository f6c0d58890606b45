"""What the arguments of layers are checked for."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np


def shape_of(name: str, input: Any) -> tuple[int, ...]:
    """The shape of `input`, which must be a Tensor or an array."""
    if not hasattr(input, "shape"):
        raise TypeError(
            f"{name}: expected a Tensor or an array, but got {type(input).__name__}. Wrap it: tg.Tensor(...)."
        )
    return input.shape  # type: ignore[no-any-return]


def check_numbers(name: str, **numbers: Any) -> None:
    """Raise unless each of them is a real number."""
    for what, x in numbers.items():
        if not isinstance(x, Real):
            raise TypeError(f"{name}: expected a number as {what}, but got {x!r}.")


def check_flags(name: str, **flags: Any) -> None:
    """Raise unless each of them is True or False."""
    for what, x in flags.items():
        if not isinstance(x, (bool, np.bool_)):
            raise TypeError(f"{name}: expected True or False as {what}, but got {x!r}.")


def check_probability(name: str, what: str, p: Any) -> None:
    """Raise unless `p` lies in 0..1."""
    check_numbers(name, **{what: p})
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: expected {what} in 0..1, but got {p!r}.")


def check_size(name: str, what: str, size: Any, least: int | None = 0) -> None:
    """Raise unless `size` is a whole number of at least `least`; None for any."""
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool):
        raise TypeError(f"{name}: expected a whole number as {what}, but got {size!r}.")
    if least is not None and size < least:
        raise ValueError(f"{name}: expected {what} of at least {least}, but got {size}.")
