"""Where numbers stop being finite, and what helps: the knowledge behind `why` and `detect_anomaly`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..engine import is_tensor

_EPS = "Add a small number first: "
_TOO_LARGE = (
    "The numbers have grown beyond what the dtype holds: lower the learning rate, clip the gradients, "
    "or start from smaller weights."
)
_EXP = (
    "exp overflows above 88 in float32, 709 in float64: use logsumexp, softmax or log_softmax, which subtract the "
    "largest first, or clip: exp(clip(x, None, 80))."
)
_LOG = (
    "The logarithm of 0 is minus infinity, of a negative number NaN. For the log of a softmax use log_softmax, for a "
    "loss cross_entropy on the scores; else add a small number first: log(x + 1e-8)."
)

VALUE_CURES = {
    **dict.fromkeys(("log", "log2", "log10", "log1p"), _LOG),
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh"), _EXP),
    **dict.fromkeys(("divide", "reciprocal", "remainder", "fmod"), f"It divides by 0. {_EPS}a / (b + 1e-8)."),
    "sqrt": "The root of a negative number is NaN: sqrt(clip(x, 0, None)).",
    "power": "A negative number has whole powers only, and 0 no negative ones: clip the base, clip(x, 1e-8, None).",
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), "It is defined on -1..1: clip(x, -1, 1), short of 1 for arctanh."),
    **dict.fromkeys(("matmul", "linear", "einsum", "tensordot", "square", "multiply", "sum"), _TOO_LARGE),
}
GRADIENT_CURES = {
    "sqrt": f"The slope of the root is infinite at 0. {_EPS}sqrt(x + 1e-8).",
    "power": f"The slope of a power below 1 is infinite at 0. {_EPS}(x + 1e-8) ** p.",
    **dict.fromkeys(("log", "log2", "log10"), f"The slope of the logarithm is infinite at 0. {_EPS}log(x + 1e-8)."),
    **dict.fromkeys(("divide", "reciprocal"), f"The slope of 1 / b is infinite at 0. {_EPS}a / (b + 1e-8)."),
    **dict.fromkeys(("arcsin", "arccos"), "The slope is infinite at -1 and 1: clip(x, -1 + 1e-6, 1 - 1e-6)."),
}
_SUBTRACTION = "Infinity less infinity is no number: look at where the infinity comes from."
_PRODUCT = "0 times infinity is no number: look at where the infinity comes from."


def array_of(x: Any) -> np.ndarray | None:
    """The numbers of a tensor or an array; None for anything that is not numbers."""
    if is_tensor(x):
        return x._data  # type: ignore[no-any-return]
    return np.asarray(x) if isinstance(x, (np.ndarray, np.generic, float, int)) else None


def is_bad(x: Any) -> bool:
    """Whether a tensor, an array or a number holds a NaN or an infinity."""
    array = array_of(x)
    return array is not None and array.dtype.kind == "f" and not bool(np.isfinite(array).all())


def starts_here(output: Any, inputs: Iterable[Any]) -> bool:
    """Whether an op made the first NaN, or the first infinity: an infinity that was put in on purpose may move on."""
    if not is_bad(output):
        return False
    given = [a for a in map(array_of, inputs) if a is not None and a.dtype.kind == "f"]
    if bool(np.isnan(array_of(output)).any()):  # type: ignore[arg-type]
        return True
    return not any(np.isinf(a).any() for a in given)


def first_bad(array: np.ndarray) -> tuple[int, ...]:
    """The index of the first number that is not finite; of a NaN, if there is one."""
    bad = np.isnan(array) if np.isnan(array).any() else ~np.isfinite(array)
    return tuple(map(int, np.unravel_index(int(np.argmax(bad)), array.shape)))


def shown(value: Any, digits: int = 6) -> str:
    """A number in a few digits."""
    return f"{float(value):.{digits}g}" if np.asarray(value).dtype.kind == "f" else str(np.asarray(value).item())


def found_at(array: np.ndarray) -> str:
    """``nan at index (0, 3)``."""
    index = first_bad(array)
    return f"{shown(array[index])} at index {index}" if array.ndim else shown(array)


def operands(op: Any, inputs: Iterable[Any], shape: tuple[int, ...], index: tuple[int, ...]) -> str:
    """What an op was given: the operands of one element where it works by element, else the range of each array."""
    found = []
    for i, x in enumerate(inputs):
        array = array_of(x)
        if array is None or array.dtype.kind not in "fiu":
            continue
        name = op.input_name(i) if getattr(op, "differentiable", False) else f"argument {i}"
        if getattr(op, "kind", "") == "elementwise":
            found.append(f"{name} = {shown(np.broadcast_to(array, shape)[index])}")
        elif array.size == 1:
            found.append(f"{name} = {shown(array.reshape(()))}")
        else:
            found.append(f"{name} of shape {array.shape} {_range(array)}")
    return ", ".join(found)


def _range(array: np.ndarray) -> str:
    finite = array[np.isfinite(array)]
    if not finite.size:
        return "without a finite number"
    missing = "" if finite.size == array.size else f", {array.size - finite.size} not finite"
    return f"from {shown(finite.min())} to {shown(finite.max())}{missing}"


def value_cure(op: Any, inputs: Iterable[Any]) -> str:
    """What helps where the value of an op is not finite."""
    bad = any(is_bad(x) for x in inputs)
    if bad and op.__name__ in ("add", "subtract", "sum", "mean"):
        return _SUBTRACTION
    if bad and op.__name__ in ("multiply", "matmul", "linear"):
        return _PRODUCT
    return VALUE_CURES.get(op.__name__, _TOO_LARGE)


def gradient_cure(op: Any) -> str:
    """What helps where an op makes a gradient that is not finite."""
    return GRADIENT_CURES.get(op.__name__, VALUE_CURES.get(op.__name__, _TOO_LARGE))


def passes(node: Any, i: int, part: np.ndarray) -> str:
    """``passes inf at index (1,) back to its input x, at x = 0``."""
    index = first_bad(part) if part.shape == node.shape else (0,) * node.ndim
    given = operands(node.op, node.inputs, node.shape, index)
    return f"passes {found_at(part)} back to its input {node.op.input_name(i)}, at {given}"


def first_bad_part(gradients: Mapping[Any, Any], parts: Mapping[tuple[Any, int], Any]) -> tuple[Any, int] | None:
    """The first use, in the order of the backward pass, that made a gradient not finite; None if all are."""
    for (node, i), part in parts.items():
        if is_bad(part) and not is_bad(gradients[node]):
            return node, i
    return None
