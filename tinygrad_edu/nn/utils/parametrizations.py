"""Weight norm and spectral norm as parametrizations: the weight is computed whenever it is read."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from ... import memory
from ...generator import generator
from ..checks import check_size
from ..module import Module
from .parametrize import register_parametrization
from .reparametrization import as_matrix, lengths, outputs_of, unit

M = TypeVar("M", bound=Module)


class _WeightNorm(Module):
    """``w = g v / ||v||``."""

    def __init__(self, dim: int | None) -> None:
        self.dim = -1 if dim is None else dim

    def forward(self, g: Any, v: Any) -> Any:
        """The weight."""
        return v * (g / lengths(v, self.dim))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """Length and direction of a weight."""
        return lengths(weight, self.dim), weight


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Learn length and direction of a weight apart, ``w = g v / ||v||``, as `nn.utils.weight_norm` does.

    Its parameters are ``parametrizations.<name>.original0``, the lengths, and ``original1``, the direction.

    Parameters
    ----------
    module : Module
        Altered in place, and returned.
    name : str
        The parameter.
    dim : int, optional
        The axis whose slices have a length each; None: one length for the whole.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    ParametrizedLinear(
      in_features=3, out_features=2, bias=True
      (parametrizations): ModuleDict(
        (weight): ParametrizationList(
          (0): _WeightNorm()
        )
      )
    )
    """
    return register_parametrization(module, name, _WeightNorm(dim))


class _SpectralNorm(Module):
    """``w / sigma``, its largest singular value, which is followed by power iteration."""

    def __init__(self, weight: np.ndarray, steps: int, dim: int, eps: float) -> None:
        self.steps, self.dim, self.eps = steps, dim, eps
        matrix = as_matrix(weight, dim)
        for name, size in zip(("_u", "_v"), matrix.shape, strict=True):
            self.register_buffer(name, unit(generator().standard_normal(size), eps).astype(weight.dtype))
        self.follow(matrix, 15)  # a good start: the first weight read is near its norm

    def follow(self, matrix: np.ndarray, steps: int) -> None:
        """Turn u and v towards the singular vectors of the largest singular value, in place."""
        u, v = self._u.data, self._v.data
        for _ in range(steps):
            u[...] = unit(matrix @ v, self.eps)
            v[...] = unit(matrix.T @ u, self.eps)
        memory.stamp(u)
        memory.stamp(v)

    _u: Any
    _v: Any

    def forward(self, weight: Any) -> Any:
        """The weight of norm 1."""
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self.follow(matrix.data, self.steps)
        return weight / (self._u.data.copy() @ (matrix @ self._v.data.copy()))

    def right_inverse(self, value: Any) -> Any:
        """A weight itself: divided by its norm it is the nearest there is."""
        return value


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a weight by its largest singular value, as `nn.utils.spectral_norm` does.

    The parameter is ``parametrizations.<name>.original``; the singular vectors are the buffers ``_u`` and ``_v`` of
    ``parametrizations.<name>.0``. In training each reading of the weight is a step of power iteration.

    Parameters
    ----------
    module : Module
        Altered in place, and returned.
    name : str
        The parameter.
    n_power_iterations : int
        The steps at each reading.
    eps : float
        The least length that is divided by.
    dim : int, optional
        The axis of the outputs: 0, for transposed convolutions 1.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2), n_power_iterations=50)
    >>> round(float(np.linalg.svd(layer.weight.data)[1][0]), 3)
    1.0
    """
    check_size("spectral_norm", "n_power_iterations", n_power_iterations, 1)
    weight = getattr(module, name, None)
    if weight is None or weight.ndim < 2:
        shape = None if weight is None else weight.shape
        raise ValueError(
            f"spectral_norm: expected the name of a weight of at least two axes, but {name!r} of "
            f"{type(module).__name__} has shape {shape}. Name a matrix or a kernel."
        )
    dim = outputs_of(module) if dim is None else dim
    return register_parametrization(module, name, _SpectralNorm(weight.data, n_power_iterations, dim, eps))
