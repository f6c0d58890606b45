"""Random samples, drawn from the process-wide generator: see `tinygrad_edu.random`.

Where a parameter of a distribution is a Tensor, the sample is written as a function of it and of noise that does not
depend on it, so that a gradient flows into the parameter (the reparameterization of Kingma and Welling, 2014,
https://arxiv.org/abs/1312.6114).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from . import dtypes, engine
from .creation import made
from .generator import generator
from .ops.elementwise import log
from .ops.softmax import softmax
from .tensor import Tensor

Parameter = Any  # a Tensor, an array or a number


def _shape(name: str, shape: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape that was given as several ints or as one tuple."""
    sizes = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in sizes):
        raise ValueError(f"{name}: expected sizes of at least 0, but got {shape}. Write e.g. tg.{name}(2, 3).")
    return sizes


def rand(*shape: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Samples of the uniform distribution from 0 up to 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.rand(2, 3).shape
    (2, 3)
    """
    return _noise("rand", generator().random, _shape("rand", shape), dtype, requires_grad)


def randn(*shape: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Samples of the normal distribution with mean 0 and standard deviation 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.randn(2, 3).shape
    (2, 3)
    """
    return _noise("randn", generator().standard_normal, _shape("randn", shape), dtype, requires_grad)


def _noise(name: str, draw: Any, shape: Any, dtype: DTypeLike | None, requires_grad: bool) -> Tensor:
    """Drawn in float64 and then rounded, so that a seed means the same numbers in every dtype."""
    wanted = dtypes.get_default_dtype() if dtype is None else dtype
    return made(name, lambda: np.asarray(draw(shape)).astype(wanted), dtype, requires_grad)


def randint(
    low: int, high: int | None = None, size: Any = None, dtype: DTypeLike = np.int64, requires_grad: bool = False
) -> Tensor:
    """Samples of the integers from `low` up to `high`, which is left out; ``randint(n)`` counts from 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> _ = tg.manual_seed(0)
    >>> tg.randint(1, 7, size=5)
    Tensor([6, 4, 4, 2, 2])
    """
    low, high = (0, low) if high is None else (low, high)
    if not isinstance(low, (int, np.integer)) or not isinstance(high, (int, np.integer)):
        raise TypeError(
            f"randint: expected integers low and high, but got {low!r} and {high!r}. "
            f"A size is the third argument, or named: tg.randint(10, size=(2, 3))."
        )
    if not low < high:
        raise ValueError(f"randint: expected low < high, but got {low} and {high}. The number high is left out.")
    return made("randint", lambda: np.asarray(generator().integers(low, high, size, dtype)), dtype, requires_grad)


def randperm(n: int, dtype: DTypeLike = np.int64) -> Tensor:
    """The integers from 0 up to n in random order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> sorted(tg.randperm(4).tolist())
    [0, 1, 2, 3]
    """
    if n < 0:
        raise ValueError(f"randperm: expected a count of at least 0, but got {n}.")
    return made("randperm", lambda: generator().permutation(n).astype(dtype), dtype, False)


def normal(
    loc: Parameter = 0.0,
    scale: Parameter = 1.0,
    size: Any = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Samples of the normal distribution, ``loc + scale * noise``.

    Gradient: ``g`` for loc and ``g * noise`` for scale, where they are Tensors.

    Parameters
    ----------
    loc, scale : Tensor, array or float
        Mean and standard deviation.
    size : int or tuple of ints, optional
        The shape; that of `loc` and `scale` together if not given.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> scale = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> x = tg.normal(0.0, scale)
    >>> tg.grad(x.sum(), scale).shape
    (2,)
    """
    if np.any(_plain(scale) < 0):
        raise ValueError(f"normal: expected a scale of at least 0, but got {scale}. It is a standard deviation.")
    noise = randn(*_sizes(loc, scale, size), dtype=_dtype_of(dtype, loc, scale))
    return _finished(loc + scale * noise, dtype, requires_grad)


def uniform(
    low: Parameter = 0.0,
    high: Parameter = 1.0,
    size: Any = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Samples of the uniform distribution, ``low + (high - low) * noise``, from `low` up to `high`.

    Gradient: ``g * (1 - noise)`` for low and ``g * noise`` for high, where they are Tensors.

    Parameters
    ----------
    low, high : Tensor, array or float
    size : int or tuple of ints, optional
        The shape; that of `low` and `high` together if not given.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.uniform(-1, 1, size=(100,))
    >>> bool((x >= -1).data.all() and (x < 1).data.all())
    True
    """
    if np.any(_plain(high) < _plain(low)):
        raise ValueError(f"uniform: expected low <= high, but got {low} and {high}. Exchange them.")
    noise = rand(*_sizes(low, high, size), dtype=_dtype_of(dtype, low, high))
    return _finished(low + (high - low) * noise, dtype, requires_grad)


def _plain(x: Parameter) -> Any:
    return x._data if isinstance(x, Tensor) else np.asarray(x)


def _sizes(a: Parameter, b: Parameter, size: Any) -> tuple[int, ...]:
    if size is None:
        return np.broadcast_shapes(np.shape(_plain(a)), np.shape(_plain(b)))
    return tuple(size) if isinstance(size, (tuple, list)) else (size,)


def _dtype_of(dtype: DTypeLike | None, *parameters: Parameter) -> DTypeLike | None:
    """The dtype of the noise: that of the Tensors it meets."""
    found = [x.dtype for x in parameters if isinstance(x, Tensor) and x.dtype.kind == "f"]
    return np.result_type(*found) if dtype is None and found else dtype


def _finished(sample: Tensor, dtype: DTypeLike | None, requires_grad: bool) -> Tensor:
    sample = sample if dtype is None or sample.dtype == np.dtype(dtype) else sample.astype(dtype)
    return sample.requires_grad_() if requires_grad else sample


def gumbel_softmax(logits: Parameter, tau: float = 1.0, hard: bool = False, axis: int = -1) -> Tensor:
    """Samples of a class for each slice along `axis`, softened so that a gradient flows: softmax of noisy scores.

    ``softmax((logits + noise) / tau)`` with noise ``-log(-log(u))``, u uniform; the smaller tau, the nearer to one-hot.

    Gradient: that of the soft sample, also where `hard` makes the value one-hot.

    Parameters
    ----------
    logits : Tensor or array
        Log-probabilities of the classes, up to a constant.
    tau : float
        The temperature, above 0.
    hard : bool
        Whether the value is one-hot, of the greatest.
    axis : int

    References
    ----------
    Jang, Gu, Poole: Categorical reparameterization with Gumbel-softmax, 2017. https://arxiv.org/abs/1611.01144

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.gumbel_softmax(tg.zeros(3), hard=True).sum()
    Tensor(1.)
    """
    if not tau > 0:
        raise ValueError(f"gumbel_softmax: expected a temperature tau above 0, but got {tau}. Try 1.0.")
    logits = logits if isinstance(logits, Tensor) else engine.untracked(dtypes.as_array(logits))
    u = np.maximum(generator().random(logits.shape), np.finfo(np.float64).tiny)  # never log(0)
    soft = softmax((logits - log(-log(engine.untracked(u))).astype(logits.dtype)) / tau, axis=axis)
    if not hard:
        return soft
    winner = np.argmax(soft._data, axis=axis, keepdims=True) == np.arange(soft.shape[axis]).reshape(
        [-1 if k == axis % soft.ndim else 1 for k in range(soft.ndim)]
    )
    sample: Tensor = winner - soft.detach() + soft  # the value of the winner, the gradient of the soft sample
    return sample
