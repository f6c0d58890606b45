"""NumPy's own functions, called with a Tensor, run the op of that name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .engine import is_tensor

# NumPy's second name for a function -> ours
_ALIASES = {"amax": "max", "amin": "min", "true_divide": "divide", "around": "round", "conjugate": "positive"}

# What writes into its argument, where ours of that name, if there is one, makes a new tensor.
_IN_PLACE = {"put", "put_along_axis", "place", "putmask", "copyto", "fill_diagonal"}

# What only shares its name with one of ours.
_NAMESAKES = {"load", "save"}

# What asks about an array, and answers with no array: no history to lose, so the plain arrays answer.
_QUESTIONS = {
    *(
        "shape",
        "ndim",
        "size",
        "result_type",
        "can_cast",
        "common_type",
        "min_scalar_type",
        "iscomplexobj",
        "isrealobj",
    ),
    *("may_share_memory", "shares_memory", "array_equal", "array_equiv", "array_repr", "array_str", "array2string"),
}


def find_op(function: Any) -> Callable[..., Any] | None:
    """The op for a NumPy function or ufunc: of the same name, in the namespace of the same name."""
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc):
        module = "numpy"
    name = function.__name__
    if module not in ("numpy", "numpy.linalg") or name in _IN_PLACE or name in _NAMESAKES:
        return None
    place = importlib.import_module("tinygrad_edu.linalg" if module == "numpy.linalg" else "tinygrad_edu")
    found: Callable[..., Any] | None = getattr(place, _ALIASES.get(name, name), None)
    if found is None:
        found = getattr(importlib.import_module("tinygrad_edu.special"), name, None)
    if callable(found):
        return found
    return _on_arrays(function) if name in _QUESTIONS else None


def _on_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*args: Any, **kwargs: Any) -> Any:
        return function(*map(_array, args), **{k: _array(x) for k, x in kwargs.items()})

    return asked


def _array(x: Any) -> Any:
    return x._data if is_tensor(x) else x


def array_ufunc(_: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """What NumPy calls when a Tensor meets one of its ufuncs."""
    op = find_op(ufunc)
    if op is None or method != "__call__":
        raise TypeError(_no_rule(f"np.{ufunc.__name__}{'' if method == '__call__' else '.' + method}"))
    if "out" in kwargs:
        raise TypeError(
            f"np.{ufunc.__name__}: expected no out= array, as an array cannot keep the history of a Tensor, "
            f"but got one (an in-place operator on an array passes it too). Write a = a + t for a new Tensor."
        )
    return op(*inputs, **kwargs)


def array_function(_: Any, function: Any, __: Sequence[type], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What NumPy calls when a Tensor meets any other of its functions."""
    op = find_op(function)
    if op is None:
        raise TypeError(_no_rule(f"{function.__module__.replace('numpy', 'np')}.{function.__name__}"))
    return op(*args, **kwargs)


def _no_rule(name: str) -> str:
    if name.startswith("np.fft."):
        return (
            f"{name}: expected arrays, but got a Tensor, which is real, while Fourier transforms are complex. Use "
            f"t.detach().numpy() if no gradient is needed; for real convolution there are tg.convolve and tg.correlate."
        )
    return (
        f"{name}: expected arrays, but got a Tensor, and there is no derivative rule for it. Use t.detach().numpy() "
        f"if no gradient is needed, or write the rule: see tinygrad_edu.differentiable."
    )
