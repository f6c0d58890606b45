"""Dropping elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...generator import generator
from ...ops import layer
from ..checks import check_probability, shape_of

Operand = Any  # a Tensor or an array


def dropout(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:  # noqa: ARG001
    """Each element set to 0 with probability `p`, the others divided by ``1 - p``; the input itself out of training.

    So the expected value of each element stays what it was ("inverted" dropout).

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.dropout(tg.ones(8), 0.5)
    Tensor([2., 2., 2., 0., 0., 0., 0., 0.])
    """
    check_probability("dropout", "a probability p", p)
    if not training or p == 0:
        return input
    kept = generator().random(shape_of("dropout", input), np.float32) >= p
    return layer.dropout(input, kept, p)
