"""Tensors made from nothing: as NumPy makes arrays, in the default dtype where it would make float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from . import dtypes, engine
from .tensor import Tensor

Shape = Any  # an int or a sequence of ints
_OF_SHAPE = ("zeros", "ones", "empty", "full")


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


def made(name: str, make: Callable[[], np.ndarray], dtype: DTypeLike | None, requires_grad: bool) -> Tensor:
    """A new tensor around a new array; what NumPy makes float64 unasked takes the default dtype."""
    try:
        array = make()
    except (TypeError, ValueError, ZeroDivisionError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        cure = f"The shape is one argument: tg.{name}((2, 3))." if name in _OF_SHAPE else f"See help(tg.{name})."
        raise kind(f"{name}: expected arguments that make an array, but got an error: {error}. {cure}") from None
    if dtype is None and array.dtype == np.float64:
        array = array.astype(dtypes.get_default_dtype(), copy=False)
    return engine.untracked(dtypes.as_array(array)).requires_grad_(requires_grad)


def _plain(x: Any) -> Any:
    """`x` for a NumPy function, which would hand a Tensor back to ours; an error if that would lose its history."""
    return np.asarray(x) if isinstance(x, Tensor) else x


def _floating(dtype: DTypeLike | None) -> DTypeLike:
    return dtypes.get_default_dtype() if dtype is None else dtype


def zeros(shape: Shape, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Zeros of the given shape, an int or a tuple of ints.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.zeros(3)
    Tensor([0., 0., 0.])
    """
    return made("zeros", lambda: np.zeros(shape, _floating(dtype)), dtype, requires_grad)


def ones(shape: Shape, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Ones of the given shape, an int or a tuple of ints.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ones((2, 2))
    Tensor([[1., 1.],
            [1., 1.]])
    """
    return made("ones", lambda: np.ones(shape, _floating(dtype)), dtype, requires_grad)


def empty(shape: Shape, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Any numbers of the given shape: for what is written over at once.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.empty((2, 3)).shape
    (2, 3)
    """
    return made("empty", lambda: np.empty(shape, _floating(dtype)), dtype, requires_grad)


def full(shape: Shape, fill_value: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """One number everywhere; a whole number gives integers.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.full((2, 2), 0.5)
    Tensor([[0.5, 0.5],
            [0.5, 0.5]])
    """
    return made("full", lambda: np.full(shape, dtypes.as_array(fill_value), dtype), dtype, requires_grad)


def _like(name: str, a: Any, fill: Any, dtype: DTypeLike | None, shape: Shape, requires_grad: bool) -> Tensor:
    """A tensor of the shape and dtype of `a`, unless told otherwise; `fill` None leaves the numbers open."""
    a = a._data if isinstance(a, Tensor) else dtypes.as_array(a)
    shape, dtype = a.shape if shape is None else shape, a.dtype if dtype is None else dtype
    make = (lambda: np.empty(shape, dtype)) if fill is None else (lambda: np.full(shape, fill, dtype))
    return made(name, make, dtype, requires_grad)


def zeros_like(
    a: Any, dtype: DTypeLike | None = None, shape: Shape | None = None, requires_grad: bool = False
) -> Tensor:
    """Zeros of the shape and dtype of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.zeros_like(tg.Tensor([1.0, 2.0]))
    Tensor([0., 0.])
    """
    return _like("zeros_like", a, 0, dtype, shape, requires_grad)


def ones_like(
    a: Any, dtype: DTypeLike | None = None, shape: Shape | None = None, requires_grad: bool = False
) -> Tensor:
    """Ones of the shape and dtype of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ones_like(tg.Tensor([1.0, 2.0]))
    Tensor([1., 1.])
    """
    return _like("ones_like", a, 1, dtype, shape, requires_grad)


def empty_like(
    a: Any, dtype: DTypeLike | None = None, shape: Shape | None = None, requires_grad: bool = False
) -> Tensor:
    """Any numbers, of the shape and dtype of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.empty_like(tg.Tensor([1.0, 2.0])).shape
    (2,)
    """
    return _like("empty_like", a, None, dtype, shape, requires_grad)


def full_like(
    a: Any, fill_value: Any, dtype: DTypeLike | None = None, shape: Shape | None = None, requires_grad: bool = False
) -> Tensor:
    """One number everywhere, in the shape and dtype of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.full_like(tg.Tensor([1.0, 2.0]), 7)
    Tensor([7., 7.])
    """
    return _like("full_like", a, dtypes.as_array(fill_value), dtype, shape, requires_grad)


def arange(
    start: Any, stop: Any = None, step: Any = 1, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """Numbers from `start` up to `stop`, which is left out, by `step`; ``arange(stop)`` starts at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arange(2, 10, 3)
    Tensor([2, 5, 8])
    """
    start, stop = (0, start) if stop is None else (start, stop)
    return made("arange", lambda: np.arange(start, stop, step, dtype), dtype, requires_grad)  # type: ignore[call-overload]


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: DTypeLike | None = None,
    axis: int = 0,
    requires_grad: bool = False,
) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, which is the last of them if `endpoint`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linspace(0, 1, 5)
    Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    make = lambda: np.linspace(_plain(start), _plain(stop), num, endpoint, False, dtype, axis)  # noqa: E731
    return made("linspace", make, dtype, requires_grad)


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: DTypeLike | None = None,
    axis: int = 0,
    requires_grad: bool = False,
) -> Tensor:
    """`num` numbers at equal ratios from ``base**start`` to ``base**stop``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logspace(-2, 1, 4)
    Tensor([ 0.01,  0.1 ,  1.  , 10.  ])
    """
    make = lambda: np.logspace(_plain(start), _plain(stop), num, endpoint, _plain(base), dtype, axis)  # noqa: E731
    return made("logspace", make, dtype, requires_grad)


def geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: DTypeLike | None = None,
    axis: int = 0,
    requires_grad: bool = False,
) -> Tensor:
    """`num` numbers at equal ratios from `start` to `stop`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.geomspace(1, 8, 4)
    Tensor([1., 2., 4., 8.])
    """
    make = lambda: np.geomspace(_plain(start), _plain(stop), num, endpoint, dtype, axis)  # noqa: E731
    return made("geomspace", make, dtype, requires_grad)


def eye(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on the diagonal k of an ``(N, M)`` matrix, zeros elsewhere; M is N if not given.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.eye(2, 3, k=1)
    Tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    return made("eye", lambda: np.eye(N, M, k, _floating(dtype)), dtype, requires_grad)


def identity(n: int, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix.  (n, n)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.identity(2)
    Tensor([[1., 0.],
            [0., 1.]])
    """
    return made("identity", lambda: np.identity(n, _floating(dtype)), dtype, requires_grad)


def tri(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on and below the diagonal k of an ``(N, M)`` matrix, zeros above; M is N if not given.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tri(2)
    Tensor([[1., 0.],
            [1., 1.]])
    """
    return made("tri", lambda: np.tri(N, M, k, _floating(dtype)), dtype, requires_grad)
