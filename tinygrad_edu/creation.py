"""Tensors made from nothing: as NumPy makes arrays, in the default dtype where it would make float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from . import dtypes, engine, random
from .tensor import Tensor


def as_tensor(data: Any, dtype: DTypeLike | None = None) -> Tensor:
    """`data` as a Tensor that shares its memory where it can; a Tensor is handed back as it is.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> a = np.zeros(2)
    >>> t = tg.as_tensor(a)
    >>> a[0] = 1.0
    >>> t
    Tensor([1., 0.], dtype=float64)
    """
    if isinstance(data, Tensor):
        return data if dtype is None or data.dtype == np.dtype(dtype) else data.astype(dtype)
    return engine.untracked(dtypes.as_array(data, dtype))


def _made(array: np.ndarray, dtype: DTypeLike | None, requires_grad: bool) -> Tensor:
    """A new tensor around a new array; what NumPy makes float64 unasked takes the default dtype."""
    if dtype is None and array.dtype == np.float64:
        array = array.astype(dtypes.get_default_dtype(), copy=False)
    made: Tensor = engine.untracked(array)
    return made.requires_grad_(requires_grad)


def ones(shape: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Ones.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ones((2, 2))
    Tensor([[1., 1.],
            [1., 1.]])
    """
    return _made(np.ones(shape, dtype or dtypes.get_default_dtype()), dtype, requires_grad)


def zeros(shape: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Zeros.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.zeros(3)
    Tensor([0., 0., 0.])
    """
    return _made(np.zeros(shape, dtype or dtypes.get_default_dtype()), dtype, requires_grad)


def arange(*args: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Numbers from `start` (0) up to `stop`, which is left out, by `step` (1).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arange(2, 10, 3)
    Tensor([2, 5, 8])
    """
    return _made(np.arange(*args, dtype=dtype), dtype, requires_grad)


def randn(*shape: int, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Samples of the normal distribution with mean 0 and standard deviation 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.randn(2, 3).shape
    (2, 3)
    """
    samples = random.generator().standard_normal(shape)
    return _made(samples.astype(dtype or dtypes.get_default_dtype()), dtype, requires_grad)
