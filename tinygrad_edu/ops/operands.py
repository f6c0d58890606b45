"""What ops that are made of ops may be called with: Tensors, arrays, and what becomes an array."""

from __future__ import annotations

from typing import Any

from ..dtypes import as_array
from ..engine import is_tensor


def operand(x: Any) -> Any:
    """A Tensor as it is, anything else as an array."""
    return x if is_tensor(x) else as_array(x)


def detached(x: Any) -> Any:
    """The array of a Tensor, to look at its numbers; anything else as it is."""
    return x._data if is_tensor(x) else x
