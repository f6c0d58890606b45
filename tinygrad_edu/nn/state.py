"""The state of a module as plain arrays, and its way back: all of it, or an error that tells everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .. import memory
from ..tensor import Tensor


class Incompatible(NamedTuple):
    """The names that a load with ``strict=False`` has passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def load(name: str, own: Mapping[str, Tensor], given: Mapping[str, Any], strict: bool, assign: bool) -> Incompatible:
    """Copy the arrays `given` into the tensors `own`, or let them take these over; or raise and change nothing."""
    if not isinstance(given, Mapping):
        raise TypeError(
            f"load_state_dict: expected a dictionary of arrays by name, but got {type(given).__name__}. "
            f"Pass what state_dict() returned."
        )
    missing = [key for key in own if key not in given]
    unexpected = [key for key in given if key not in own]
    arrays = {key: _as_array(given[key]) for key in own if key in given}
    problems = [text for key, array in arrays.items() if (text := _misfit(key, array, own[key], assign))]
    if strict:
        problems = (
            ([f"missing {_listed(missing)}"] if missing else [])
            + ([f"unexpected {_listed(unexpected)}"] if unexpected else [])
            + problems
        )
    if problems:
        tolerated = " With strict=False names may differ." if strict and (missing or unexpected) else ""
        raise ValueError(
            f"load_state_dict: {'; '.join(problems)}. "
            f"The {name} was left as it was; load a state of the same architecture.{tolerated}"
        )
    for key, array in arrays.items():
        if assign:
            own[key].data = array
        else:
            np.copyto(own[key]._data, array, casting="same_kind")
            memory.stamp(own[key]._data)
    return Incompatible(missing, unexpected)


def _as_array(value: Any) -> np.ndarray:
    return value._data if isinstance(value, Tensor) else np.asarray(value)


def _misfit(key: str, array: np.ndarray, own: Tensor, assign: bool) -> str | None:
    """Why `array` cannot be copied into `own`, or take its place; None if it can."""
    if array.shape != own.shape:
        return f"'{key}' has shape {array.shape}, the model's is {own.shape}"
    if array.dtype.kind not in "fiub" or not np.can_cast(array.dtype, own.dtype, "same_kind"):
        return f"'{key}' has dtype {array.dtype}, the model's is {own.dtype}"
    if assign and array.dtype.kind != own.dtype.kind:
        return f"'{key}' has dtype {array.dtype}, the model's is {own.dtype}, which assign does not convert"
    if not assign and not own._data.flags.writeable:
        return f"'{key}' of the model is read-only"
    return None


def _listed(keys: list[str]) -> str:
    return ", ".join(f"'{key}'" for key in keys)
