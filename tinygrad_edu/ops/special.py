"""Special functions; the values are SciPy's where it is installed."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine import differentiable
from .elementwise import exp

Operand = Any


@functools.cache
def _scipy(name: str) -> Callable[..., Any] | None:
    """SciPy's function of this name, or None without SciPy, which is imported on the first use only."""
    try:
        import scipy.special
    except ImportError:
        return None
    found: Callable[..., Any] = getattr(scipy.special, name)
    return found


def _each(function: Callable[[float], float], x: Any) -> Any:
    """`function` of every element: slow, and right to the last digit."""
    x = np.asarray(x)
    values = [function(v) for v in x.ravel().tolist()]
    return np.array(values, x.dtype if x.dtype.kind == "f" else np.float64).reshape(x.shape)


def normal_density(x: Any) -> Any:
    """The density of the standard normal distribution, ``φ(x) = exp(-x**2 / 2) / sqrt(2 π)``; no op of its own."""
    return exp(-x * x / 2) / math.sqrt(2 * math.pi)


@differentiable(lambda g, y, x: g * normal_density(x), kind="elementwise")
def ndtr(x: Operand) -> Any:
    """The distribution function of the standard normal, ``Φ(x)``: how likely a sample is at most x.

    Gradient: ``g * exp(-x**2 / 2) / sqrt(2 π)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.special import ndtr
    >>> ndtr(tg.Tensor([-1.0, 0.0, 1.0])).round(4)
    Tensor([0.1587, 0.5   , 0.8413])
    """
    known = _scipy("ndtr")
    return known(x) if known else _each(lambda v: math.erfc(-v / math.sqrt(2)) / 2, x)
