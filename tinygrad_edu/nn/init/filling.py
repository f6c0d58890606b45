"""Numbers from plain distributions, and constants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ... import memory
from ...generator import generator as own_generator
from ...tensor import Tensor

T = TypeVar("T", bound=Tensor)
if TYPE_CHECKING:  # named at run time it would load numpy.random
    Generator = np.random.Generator | None


def filled(tensor: T, values: object) -> T:
    """`tensor`, with `values` in its array."""
    np.copyto(tensor._data, np.asarray(values), casting="same_kind")
    memory.stamp(tensor._data)
    return tensor


def at_least_0(name: str, what: str, value: float) -> None:
    """Raise unless `value` is."""
    if not value >= 0:
        raise ValueError(f"{name}: expected {what} of at least 0, but got {value!r}.")


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> T:
    """Numbers drawn evenly from a up to b.

    Parameters
    ----------
    tensor : Tensor
    a, b : float
        The bounds.
    generator : numpy.random.Generator, optional
        What to draw from; the package's own, seeded by `manual_seed`, if None.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.uniform_(tg.zeros((2, 3)), -1, 1)
    >>> bool((abs(w.data) <= 1).all())
    True
    """
    if not a <= b:
        raise ValueError(f"uniform_: expected a lower bound a that is not above b, but got a={a!r} and b={b!r}.")
    return filled(tensor, (generator or own_generator()).uniform(a, b, tensor.shape))


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Generator = None) -> T:
    """Numbers drawn from the normal distribution with this mean and standard deviation.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.normal_(tg.zeros((2, 3)), std=0.01).shape
    (2, 3)
    """
    at_least_0("normal_", "a standard deviation std", std)
    return filled(tensor, (generator or own_generator()).normal(mean, std, tensor.shape))


def constant_(tensor: T, val: float) -> T:
    """The number `val` everywhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.constant_(tg.zeros(2), 0.5)
    Tensor([0.5, 0.5])
    """
    return filled(tensor, val)


def ones_(tensor: T) -> T:
    """Ones.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.ones_(tg.zeros(2))
    Tensor([1., 1.])
    """
    return filled(tensor, 1.0)


def zeros_(tensor: T) -> T:
    """Zeros: for biases. Weights that are all alike stay all alike.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.zeros_(tg.ones(2))
    Tensor([0., 0.])
    """
    return filled(tensor, 0.0)


def trunc_normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Generator = None
) -> T:
    """Numbers of the normal distribution that lie between `a` and `b`: the others are drawn again.

    Parameters
    ----------
    tensor : Tensor
    mean, std : float
        Of the whole distribution; what is left of it has a smaller standard deviation.
    a, b : float
        The bounds, as numbers, not in standard deviations.
    generator : numpy.random.Generator, optional

    Raises
    ------
    ValueError
        If `std` is not above 0, or `a` not below `b`.

    Notes
    -----
    Where little of the distribution lies between the bounds, numbers are drawn evenly and kept in proportion to its
    density, so that it is right there too.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.trunc_normal_(tg.zeros((20, 30)), std=0.02, a=-0.04, b=0.04)
    >>> bool((abs(w.data) <= 0.0400001).all())
    True
    """
    if not std > 0 or not a < b:
        raise ValueError(f"trunc_normal_: expected std > 0 and a < b, but got std={std!r}, a={a!r} and b={b!r}.")
    draws, low, high = generator or own_generator(), (a - mean) / std, (b - mean) / std
    inside = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    peak = min(max(low, 0.0), high)
    low, high = max(low, peak - 40), min(high, peak + 40)  # further out the density is below that of any float

    def tried(n: int) -> tuple[np.ndarray, np.ndarray]:
        """`n` numbers, and which of them to keep."""
        if inside > 0.3:
            z = draws.standard_normal(n)
            return z, (low <= z) & (z <= high)
        z = draws.uniform(low, high, n)
        return z, draws.random(n) <= np.exp((peak**2 - z**2) / 2)

    values, kept = tried(tensor.size)
    while (left := np.flatnonzero(~kept)).size:
        values[left], kept[left] = tried(left.size)
    return filled(tensor, np.clip(mean + std * values, a, b).reshape(tensor.shape))
