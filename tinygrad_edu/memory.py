"""Changes in place are noticed: stamps on memory, and checksums for writes that leave no stamp.

A formula reads arrays that its op saw. If one of them was altered since, the gradient would be wrong without a word.
So whoever alters an array stamps its memory with a fresh serial, and the sweep compares that stamp with the serial of
the op. The memory is the array that *owns* it, so that a view, a detached alias and the array itself share one stamp.
"""

from __future__ import annotations

import dis
import functools
import weakref
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .context import next_serial, override

latest = 0  # the newest stamp: an op newer than it cannot be affected, and that is all most sweeps ever ask
assigned = 0  # when ``t[i] = v`` last made a newer version of a tensor: older ops may mean an earlier one
comparing = False  # whether any op has kept checksums

_stamps: dict[int, tuple[weakref.ref[Any], int]] = {}  # id of the owner -> (it, its newest stamp)


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory `array` shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def stamp(array: np.ndarray) -> None:
    """Note that `array` has just been altered in place.

    Call it after every write into the array of a Tensor that the Tensor itself cannot see.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> loss = (w * w).sum()
    >>> w.data[0] = 5.0
    >>> tg.memory.stamp(w.data)
    >>> loss.backward()
    Traceback (most recent call last):
    ...
    RuntimeError: backward: multiply needs its input a, shape (2,), as it was, but it was changed in place ...
    """
    global latest
    array = owner(array)
    key = id(array)
    latest = next_serial()
    entry = _stamps.get(key)
    reference = weakref.ref(array, functools.partial(_forget, key)) if entry is None else entry[0]
    _stamps[key] = (reference, latest)


def _forget(key: int, _: Any) -> None:
    _stamps.pop(key, None)


def stamp_of(array: np.ndarray) -> int:
    """The newest stamp on the memory of `array`; 0 if it was never altered."""
    entry = _stamps.get(id(owner(array)))
    return 0 if entry is None else entry[1]


def stamped_since(serial: int) -> set[int]:
    """The ids of all memory that was stamped later than `serial`.

    A sweep asks once, and looks closely at the few ops that saw such memory: batch norm stamps its running statistics
    in the midst of every forward pass, and no op reads them.
    """
    if latest <= serial:
        return set()
    return {key for key, (_, newest) in list(_stamps.items()) if newest > serial}


def saw(node: Any, owners: set[int]) -> bool:
    """Whether the op of `node` saw memory whose id is in `owners`."""
    return any(id(owner(array)) in owners for _, array in _arrays_of(node))


def check(node: Any) -> None:
    """Raise if an array that the formulas of `node` read was stamped since the op ran."""
    for position, array in _arrays_of(node):
        if stamp_of(array) > node.serial and _read(node, position):
            raise RuntimeError(_message(node, position, array))


def _message(node: Any, position: int | str, array: np.ndarray) -> str:
    label = position if isinstance(position, str) else f"input {node.op.input_name(position)}"
    return (
        f"backward: {node.op.__name__} needs its {label}, shape {array.shape}, as it was, but it was changed in place "
        f"after {node.op.__name__} used it. Run backward before the change (optimizer step, load_state_dict, +=), or "
        f"change a copy: `t = t.copy()`."
    )


def _arrays_of(node: Any) -> Iterator[tuple[int | str, np.ndarray]]:
    """Every array that a formula of `node` may read, and what it is: the number of an input, or a text."""
    yield "output", node._data
    for i, x in enumerate(node.inputs):
        array = getattr(x, "_data", x)
        if isinstance(array, np.ndarray):
            yield i, array
    for name, value in node.params.items():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, np.ndarray):
                yield f"parameter {name}", part


def _read(node: Any, position: int | str) -> bool:
    """Whether a formula of `node` reads the numbers at that position of `_arrays_of`."""
    if isinstance(position, int):
        return reads(node.op, 2 + position)
    return position != "output" or reads(node.op, 1)


@functools.cache
def reads(op: Any, position: int) -> bool:
    """Whether a formula ``(g, y, *inputs)`` of `op` reads the numbers, not just the shape, of `position`."""
    if op.kind == "rearrangement":
        return False  # it moves numbers, whatever they are
    if op.each is not None:
        return True
    if op.joint is not None and (op.saves or _reads(op.joint, position + (position > 1))):  # (g, y, saved, *inputs)
        return True
    return any(_reads(vjp, position) for vjp in op.vjps if vjp is not None)


def _reads(formula: Callable[..., Any], position: int) -> bool:
    code = getattr(formula, "__code__", None)
    if code is None or position >= code.co_argcount:
        return True  # a builtin, or an argument that arrives with others in *args: nothing to look into
    local = code.co_varnames[position]
    if local in code.co_cellvars:
        return True  # handed to an inner function
    steps = [s for s in dis.get_instructions(code) if s.opname not in ("RESUME", "EXTENDED_ARG")]
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        if step.opname.startswith("LOAD_FAST") and local in names:
            takes_shape = (
                after is not None and after.opname == "LOAD_ATTR" and after.argval in ("shape", "ndim", "size", "dtype")
            )
            if not (takes_shape and names[-1] == local and names.count(local) == 1):
                return True
    return False


def checksums(node: Any) -> list[int]:
    """One number for each array that the formulas of `node` may read."""
    return [_checksum(array) for _, array in _arrays_of(node)]


def _checksum(array: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def compare_checksums(node: Any) -> None:
    """Raise if an array that `node` saw under `detect_writes` holds other numbers now."""
    for (position, array), before in zip(_arrays_of(node), node._checksums, strict=True):
        if _checksum(array) != before and _read(node, position):
            raise RuntimeError(_message(node, position, array))


class detect_writes(override):
    """A block in which writes that leave no stamp, as ``t.data[...] = a``, are found by backward.

    Every op keeps a checksum of the arrays it saw, and backward compares them: slow, for looking after a suspicion.
    A tensor's own methods, the optimizers and ``load_state_dict`` are noticed without it.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.detect_writes():
    ...     loss = (w * w).sum()
    >>> w.data[0] = 5.0
    >>> loss.backward()
    Traceback (most recent call last):
    ...
    RuntimeError: backward: multiply needs its input a, shape (2,), as it was, but it was changed in place ...
    """

    def __init__(self) -> None:
        global comparing
        comparing = True
        super().__init__(checksums=True)
