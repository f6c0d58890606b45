"""All parameters as one long vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ... import memory
from ...ops.joining import concatenate
from ...ops.shape import reshape
from ...tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Any:
    """All numbers of the parameters in one vector, in their order; differentiable.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> nn.utils.parameters_to_vector(nn.Linear(3, 2).parameters()).shape
    (8,)
    """
    flat = [reshape(p, (-1,)) for p in parameters]
    if not flat:
        raise ValueError("parameters_to_vector: expected at least one parameter, but got none. Hand over a list.")
    return concatenate(flat)


def vector_to_parameters(vec: Any, parameters: Iterable[Tensor]) -> None:
    """Copy the numbers of a vector into the parameters, in their order.

    Parameters
    ----------
    vec : Tensor or array, (sum of sizes,)
    parameters : iterable of Tensor
        They keep their dtypes.

    Raises
    ------
    ValueError
        If there are not as many numbers as the parameters have together; nothing was changed.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> model = nn.Linear(2, 1)
    >>> nn.utils.vector_to_parameters(np.arange(3.0), model.parameters())
    >>> model.weight.tolist(), model.bias.tolist()
    ([[0.0, 1.0]], [2.0])
    """
    values, parameters = vec._data if isinstance(vec, Tensor) else np.asarray(vec), list(parameters)
    sizes = [p.size for p in parameters]
    if values.shape != (sum(sizes),):
        raise ValueError(
            f"vector_to_parameters: expected a vector of {sum(sizes)} numbers, as the parameters have, "
            f"but got shape {values.shape}. parameters_to_vector makes one."
        )
    pieces = np.split(values.copy(), np.cumsum(sizes)[:-1])  # a copy: `vec` may be the memory of a parameter
    for p, piece in zip(parameters, pieces, strict=True):
        p._data[...] = piece.reshape(p.shape)
        memory.stamp(p._data)
