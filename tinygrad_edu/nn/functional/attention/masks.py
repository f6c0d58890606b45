"""Masks: what may not be attended to, as what is added to the scores, and what dropout keeps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....engine import is_tensor
from ....generator import generator
from ....ops.casting import astype
from ...checks import shape_of

Operand = Any  # a Tensor or an array


def as_bias(name: str, what: str, mask: Operand, dtype: np.dtype[Any], allows: bool) -> Any:
    """`mask` as what is added to the scores: a bool becomes 0 where it allows to attend, and minus infinity elsewhere.

    A mask of bools allows where it is True in `scaled_dot_product_attention`, but where it is False in
    `multi_head_attention_forward`: so it is in PyTorch.
    """
    shape_of(name, mask)
    if mask.dtype.kind == "f":
        return mask if mask.dtype == dtype else astype(mask, dtype)
    if mask.dtype.kind != "b":
        raise TypeError(
            f"{name}: expected {what} of bools, or of floats that are added to the scores, but got {mask.dtype} of "
            f"shape {mask.shape}. Convert it: {what}.astype(bool)."
        )
    array = mask.data if is_tensor(mask) else mask
    return np.where(array == allows, 0.0, -np.inf).astype(dtype)


def causal_bias(t: int, s: int, dtype: np.dtype[Any]) -> np.ndarray:
    """0 where a key is not later than the query, minus infinity elsewhere.  (t, s)"""
    return np.triu(np.full((t, s), -np.inf, dtype), k=1)


def kept_weights(p: float, shape: tuple[int, ...]) -> np.ndarray | None:
    """Which weights dropout with probability `p` keeps; None for all."""
    return None if p == 0 else generator().random(shape, np.float32) >= p
