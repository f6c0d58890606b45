"""Noise in training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...generator import generator
from ...ops.operands import operand
from ..checks import check_numbers, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def check_std(name: str, std: Any) -> None:
    """Raise unless `std` is at least 0."""
    check_numbers(name, std=std)
    if not std >= 0:
        raise ValueError(f"{name}: expected a standard deviation of at least 0, but got {std!r}.")


def gaussian_noise(input: Operand, std: float = 0.1, training: bool = True) -> Tensor:
    """Each element with a random number of standard deviation `std` added; the input itself out of training.

    Not in PyTorch.

    Gradient: ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.gaussian_noise(tg.zeros(3), 0.1).round(3)
    Tensor([ 0.112, -0.139, -0.043])
    """
    check_std("gaussian_noise", std)
    shape = shape_of("gaussian_noise", input)
    if not training or std == 0:
        return input
    dtype = operand(input).dtype
    noise = generator().standard_normal(shape, np.float64 if dtype == np.float64 else np.float32)
    return input + (std * noise).astype(dtype if dtype.kind == "f" else np.float32)
