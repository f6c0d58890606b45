"""The ranges of settings, and the errors that name them."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, TypedDict


class Foreign(TypedDict, total=False):
    """How PyTorch computes a step, not what: taken, so that a program need not be altered, and of no meaning here."""

    foreach: bool | None
    fused: bool | None
    capturable: bool
    differentiable: bool


def check_foreign(owner: object, given: Mapping[str, Any]) -> None:
    """Raise if there is anything but `Foreign` in `given`, or a step is to be differentiated."""
    unknown = [name for name in given if name not in Foreign.__annotations__]
    if unknown:
        raise TypeError(
            f"{_name(owner)}: expected the settings that help({_name(owner)}) lists, but got {', '.join(unknown)}. "
            f"Leave it out, or mind the spelling."
        )
    if given.get("differentiable"):
        raise ValueError(
            f"{_name(owner)}: expected differentiable=False, but got {given['differentiable']!r}: a step alters the "
            f"parameters in place. To differentiate through it write it as an expression: w - lr * g."
        )


def at_least_zero(owner: object, group: Mapping[str, Any], *names: str) -> None:
    """Raise unless these settings are numbers of at least 0."""
    for name in names:
        value = number(owner, name, group[name])
        if not value >= 0:  # true of NaN as well
            hint = " To climb, write maximize=True." if name == "lr" else ""
            raise ValueError(f"{_name(owner)}: expected {name} >= 0, but got {value}. Make it 0 or more.{hint}")


def fractions(owner: object, name: str, *values: Any) -> None:
    """Raise unless `values` are numbers from 0 to below 1."""
    for i, value in enumerate(values):
        label = name if len(values) == 1 else f"{name}[{i}]"
        if not 0 <= number(owner, label, value) < 1:
            raise ValueError(
                f"{_name(owner)}: expected 0 <= {label} < 1, but got {value}. It is the share of the past in an "
                f"average: 0.9 looks back over about 1 / (1 - 0.9) = 10 steps."
            )


def pair(owner: object, name: str, value: Any) -> tuple[Any, Any]:
    """`value`, if it is a pair."""
    if isinstance(value, tuple | list) and len(value) == 2:
        return value[0], value[1]
    raise TypeError(f"{_name(owner)}: expected {name} as a pair, but got {value!r:.40}. Write {name}=(0.9, 0.999).")


def number(owner: object, name: str, value: Any) -> Any:
    """`value` as a number; that of an array or Tensor of one element."""
    if isinstance(value, Real):
        return value
    if getattr(value, "size", 0) == 1:
        return value.item()
    shown = f"{type(value).__name__} {value!r:.40}"
    raise TypeError(f"{_name(owner)}: expected a number as {name}, but got {shown}. Write {name}=0.01, for example.")


def _name(owner: object) -> str:
    return type(owner).__name__
