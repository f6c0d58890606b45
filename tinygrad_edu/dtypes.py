"""Which floating dtype a result has.

Arrays keep theirs. Python floats and lists of them take the default dtype. Only floating arrays of at least one axis,
and Tensors, decide the dtype of a result: Python numbers, NumPy scalars, 0-d arrays and integer or boolean arrays never
widen a graph. This is PyTorch's rule; by NumPy's promotion alone ``t * np.sqrt(2)`` would turn float32 to float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

_default: np.dtype[Any] = np.dtype(np.float32)


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats become.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.get_default_dtype()
    dtype('float32')
    """
    return _default


def set_default_dtype(dtype: DTypeLike) -> None:
    """Make `dtype`, a floating one, what Python floats become, in the whole process.

    Raises
    ------
    TypeError
        If `dtype` is not a floating dtype.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.set_default_dtype("float64")
    >>> tg.Tensor(1.0).dtype
    dtype('float64')
    >>> tg.set_default_dtype("float32")
    """
    global _default
    new = np.dtype(dtype)
    if new.kind != "f":
        raise TypeError(
            f"set_default_dtype: expected a floating dtype, but got {new}. Use float32 or float64, for example."
        )
    _default = new


@contextmanager
def default_dtype(dtype: DTypeLike) -> Iterator[None]:
    """A block in which Python floats become `dtype`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> with tg.default_dtype("float64"):
    ...     tg.Tensor(1.0).dtype
    dtype('float64')
    """
    before = _default
    set_default_dtype(dtype)
    try:
        yield
    finally:
        set_default_dtype(before)


def as_array(data: Any, dtype: DTypeLike | None = None) -> np.ndarray:
    """`data` as an array without a copy where it is one already; Python floats take the default dtype.

    Raises
    ------
    TypeError
        For what is not a real number or an array of them: text, objects, complex numbers.
    """
    numpy_made = isinstance(data, (np.ndarray, np.generic))
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ValueError(
            f"Tensor: expected numbers in a regular shape, but got {_shown(data)}: {error}. "
            f"Give every row the same length, and convert text to numbers first."
        ) from None
    for found in (array.dtype, array.dtype if dtype is None else np.dtype(dtype)):
        if found.kind not in "fiub":
            kind = "complex numbers" if found.kind == "c" else f"dtype {found}"
            raise TypeError(
                f"Tensor: expected real numbers, but got {kind}: {_shown(data)}. "
                f"Convert them to a float, integer or boolean array first."
            )
    if dtype is None and not numpy_made and array.dtype == np.float64 and not _leads_with_numpy(data):
        dtype = _default
    return array if dtype is None else array.astype(dtype, copy=False)


def _leads_with_numpy(data: Any) -> bool:
    """Whether the first element of nested lists is NumPy's own, and so has a dtype to keep."""
    while isinstance(data, Sequence) and len(data):
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic))


def _shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 60 else text[:57] + "..."


def agree(arrays: Sequence[Any], tensors: Sequence[bool]) -> list[Any]:
    """The operands of one op, brought to the one floating dtype that its result shall have.

    `tensors` says which of them came as Tensors, and so decide even without an axis. Python numbers stay as they are
    (NumPy lets them follow the arrays), and lists of them follow too, None stays None, and operands without any
    floating one are left to NumPy.
    """
    if False not in tensors and len({x.dtype for x in arrays}) == 1:
        return list(arrays)
    deciding = None
    floating = False
    operands = []
    for x, is_tensor in zip(arrays, tensors, strict=True):
        if x is not None and type(x) not in (float, int, bool):
            follows = isinstance(x, (list, tuple)) and not _leads_with_numpy(x)
            x = as_array(x, np.float64 if follows and as_array(x).dtype.kind == "f" else None)
            if x.dtype.kind == "f":
                floating = True
                if is_tensor or (x.ndim and not follows):
                    deciding = x.dtype if deciding is None else np.promote_types(deciding, x.dtype)
        elif type(x) is float:
            floating = True
        operands.append(x)
    if not floating:
        return operands
    dtype = _default if deciding is None else deciding
    if deciding is None and not any(isinstance(x, np.ndarray) for x in operands):
        return [x if x is None else np.asarray(x, dtype) for x in operands]  # NumPy would see float64 only
    return [x.astype(dtype, copy=False) if isinstance(x, np.ndarray) else x for x in operands]


def follow(arrays: list[Any], tensors: Sequence[bool]) -> list[Any]:
    """The operands of an op without a derivative, its floating arrays brought to one dtype, and all else as it is."""
    if True not in tensors:
        return arrays
    known = [np.asarray(x) if isinstance(x, list) else x for x in arrays]  # a tuple may be axes
    floats = [i for i, x in enumerate(known) if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"]
    if not floats:
        return arrays
    agreed = dict(zip(floats, agree([arrays[i] for i in floats], [tensors[i] for i in floats]), strict=True))
    return [agreed.get(i, x) for i, x in enumerate(arrays)]


def settle(y: Any, inputs: Sequence[Any]) -> Any:
    """A floating result of operands that are all integer or boolean takes the default dtype."""
    if y.dtype.kind == "f" and y.dtype is not _default and not any(_is_floating(x) for x in inputs):
        return y.astype(_default)
    return y


def _is_floating(x: Any) -> bool:
    return isinstance(x, float) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f")
