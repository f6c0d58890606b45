"""The operators of a Tensor: plain, reflected, and in place.

``t += u`` makes a new tensor while something tracked is being recorded, so that no recorded array is ever overwritten.
Otherwise it alters the array of `t` and stamps its memory: ``with no_grad(): w -= lr * w.grad`` trains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import engine, memory
from .context import get_mode, next_serial
from .ops import casting, sorting
from .ops.assignment import setitem
from .ops.indexing import plain_index
from .sweep import version

if TYPE_CHECKING:
    from .tensor import Tensor

Operator = Callable[[Any, Any], "Tensor"]


def operators(op: Any) -> tuple[Operator, Operator, Operator]:
    """``a op b``, ``b op a`` and ``a op= b`` for a class body."""

    def reflected(self: Any, other: Any) -> Any:
        return op(other, self)

    def in_place(self: Any, other: Any) -> Any:
        if get_mode().recording and (self._requires_grad or getattr(other, "_requires_grad", False)):
            if self._requires_grad and self.op is None:
                raise RuntimeError(_leaf_text(f"{op.symbol}=", f"t = t {op.symbol} u"))
            made = op(self, other)
            _check_shape(self, made, f"{op.symbol}=")
            return _narrowed(made, self)
        write(self, op(engine.untracked(self._data), other), f"{op.symbol}=")
        return self

    return op, reflected, in_place


def _leaf_text(what: str, instead: str) -> str:
    return (
        f"{what}: expected a tensor that is not a leaf requiring grad, as its old numbers are still needed. "
        f"To train, write it inside `with no_grad():`; to compute, make a new tensor: {instead}."
    )


def write(t: Any, value: Any, what: str) -> None:
    """Put `value` into the array of `t`, in its shape and dtype, and stamp the memory."""
    array = value._data
    _check_shape(t, value, what)
    _check_dtype(t, array.dtype, f"{what}: expected a result")
    if not t._data.flags.writeable:
        raise ValueError(
            f"{what}: expected a tensor that may be written to, but this one, shape {t.shape}, is read-only: "
            f"broadcast_to shows one number in many places. Copy it first: t = t.copy()."
        )
    np.copyto(t._data, array, casting="same_kind")
    memory.stamp(t._data)


def _check_shape(t: Any, value: Any, what: str) -> None:
    if value.shape != t.shape:
        raise ValueError(
            f"{what}: expected a result of the tensor's own shape {t.shape}, but got {value.shape}. "
            f"Write t = ... for a new tensor of another shape."
        )


def _check_dtype(t: Any, dtype: np.dtype[Any], what: str) -> None:
    if dtype.kind == "f" and t.dtype.kind != "f":
        raise TypeError(
            f"{what} that fits into {t.dtype}, but got {dtype}. Convert the tensor first: t = t.astype('float32')."
        )


def _narrowed(value: Any, t: Any) -> Any:
    """Floating `value` in the dtype of `t`, which a change in place keeps, recorded or not."""
    dtype = getattr(value, "dtype", t.dtype)
    return casting.astype(value, t.dtype) if dtype.kind == t.dtype.kind == "f" and dtype != t.dtype else value


def _refer(value: Any, t: Any, before: Any) -> None:
    """Let what `value` was computed from `t` by mean `before`, or a still earlier version.

    `history` would see to that too; but `t` is about to depend on `value`, and ``t[i + 1] = 2 * t[i]`` would otherwise
    be a cycle of references. Nothing older than this version of `t` is looked at, so that a loop stays linear.
    """
    seen, stack = {value}, [value]
    while stack:
        node = stack.pop()
        if any(x is t for x in node.inputs):
            node.inputs = tuple([version(before, node.serial) if x is t else x for x in node.inputs])
        for x in node.inputs:
            if engine.is_tensor(x) and x._requires_grad and x.serial > t.serial and x not in seen:
                seen.add(x)
                stack.append(x)


def assign(self: Any, index: Any, value: Any, what: str = "t[i] = v", cure: str = "t = t.copy(); t[i] = v") -> None:
    """``t[index] = value``.

    Where no history is needed, the array is altered and its memory stamped. While recording, `t` becomes the result of
    `setitem`, on an earlier version of itself that keeps the history so far; ops that used `t` before go on meaning
    that version (`history` sees to it), and so do views of it that were taken before.

    Raises
    ------
    RuntimeError
        While recording, if `t` is a leaf that requires grad, or a view of another tensor's memory.
    TypeError
        For a fraction in a tensor of whole numbers.
    """
    index = plain_index(index)
    if not (get_mode().recording and (self._requires_grad or getattr(value, "_requires_grad", False))):
        array = np.asarray(value._data if engine.is_tensor(value) else value)
        _check_dtype(self, array.dtype, "setitem: expected a value")
        try:
            self._data[index] = array
        except (ValueError, IndexError) as error:
            kind = IndexError if isinstance(error, IndexError) else ValueError
            raise kind(f"setitem: expected an index and a value that fit shape {self.shape}, but: {error}") from None
        memory.stamp(self._data)
        return
    if self._requires_grad and self.op is None:
        raise RuntimeError(_leaf_text(what, cure))
    if self._data.base is not None:
        raise RuntimeError(
            f"setitem: expected a tensor with memory of its own, but this one, shape {self.shape}, is a view of "
            f"another, which would not change with it. Assign to the whole, t[i, j] = v for t[i][j] = v, or copy: "
            f"t = t.copy()."
        )
    before = engine.earlier_version(self)
    value = before if value is self else _narrowed(value, self)
    if engine.is_tensor(value):
        _refer(value, self, before)
    after = setitem(before, value, index)
    _check_dtype(self, after.dtype, "setitem: expected a value")
    for slot in engine.NODE:
        if hasattr(after, slot):
            setattr(self, slot, getattr(after, slot))
        elif hasattr(self, slot):  # it belongs to the version of before
            delattr(self, slot)
    memory.assigned = next_serial()  # tells `history` to look which version older ops saw


def fill(self: Any, value: Any) -> None:
    """Set every element to `value`, as an item assignment does."""
    assign(self, ..., value, "fill", "t = tg.full_like(t, value)")


def sort(self: Any, axis: int = -1) -> None:
    """Put the elements in order along `axis`, in place as in NumPy; `tinygrad_edu.sort` makes a new tensor."""
    assign(self, ..., sorting.sort(self, axis), "sort", "t = tg.sort(t)")


def partition(self: Any, kth: Any, axis: int = -1) -> None:
    """Partition along `axis`, in place as in NumPy; `tinygrad_edu.partition` makes a new tensor."""
    assign(self, ..., sorting.partition(self, kth, axis), "partition", "t = tg.partition(t, kth)")
