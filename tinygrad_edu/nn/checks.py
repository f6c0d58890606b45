"""What the arguments of layers are checked for."""

from __future__ import annotations

from typing import Any

import numpy as np


def shape_of(name: str, input: Any) -> tuple[int, ...]:
    """The shape of `input`, which must be a Tensor or an array."""
    if not hasattr(input, "shape"):
        raise TypeError(
            f"{name}: expected a Tensor or an array, but got {type(input).__name__}. Wrap it: tg.Tensor(...)."
        )
    return input.shape  # type: ignore[no-any-return]


def check_probability(name: str, what: str, p: Any) -> None:
    """Raise unless `p` lies in 0..1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: expected {what} in 0..1, but got {p!r}.")


def check_size(name: str, what: str, size: Any, least: int = 0) -> None:
    """Raise unless `size` is a whole number of at least `least`."""
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool):
        raise TypeError(f"{name}: expected a whole number as {what}, but got {size!r}.")
    if size < least:
        raise ValueError(f"{name}: expected {what} of at least {least}, but got {size}.")
