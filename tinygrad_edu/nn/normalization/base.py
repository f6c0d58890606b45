"""What batch and instance normalization have in common: a weight, a bias and running statistics for each channel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ... import dtypes
from ...tensor import Tensor
from .. import init
from ..checks import check_numbers, check_probability, check_size
from ..module import Module
from ..parameter import Parameter


def check_eps(name: str, eps: Any) -> None:
    """Raise unless `eps`, which is added to a variance, is not negative."""
    check_numbers(name, eps=eps)
    if not eps >= 0:
        raise ValueError(f"{name}: expected eps of at least 0, but got {eps!r}.")


class Affine(Module):
    """Abstract: a weight that starts at 1 and a bias that starts at 0, or None."""

    weight: Parameter | None
    bias: Parameter | None

    def _make_parameters(self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: DTypeLike | None) -> None:
        dtype = dtype or dtypes.get_default_dtype()
        self.weight = Parameter(np.ones(shape, dtype)) if weight else None
        self.bias = Parameter(np.zeros(shape, dtype)) if bias else None

    def reset_parameters(self) -> None:
        """Set weight to 1 and bias to 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class ChannelNorm(Affine):
    """Abstract: a weight, a bias and running statistics for each channel."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: DTypeLike | None,
        bias: bool,
    ) -> None:
        name = type(self).__name__
        check_size(name, "num_features", num_features, least=1)
        check_eps(name, eps)
        if momentum is not None:
            check_probability(name, "a momentum", momentum)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._make_parameters((num_features,), affine, affine and bias, dtype)
        dtype = dtype or dtypes.get_default_dtype()
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if track_running_stats else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", np.array(0) if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget the batches seen: mean 0, variance 1, count 0."""
        for name, start in (("running_mean", 0), ("running_var", 1), ("num_batches_tracked", 0)):
            buffer = getattr(self, name)
            if buffer is not None:
                init.constant_(buffer, start)

    def reset_parameters(self) -> None:
        """Forget the batches seen, and set weight to 1 and bias to 0."""
        self.reset_running_stats()
        super().reset_parameters()

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        names = ("eps", "momentum", "affine", "bias", "track_running_stats")
        shown = {**vars(self), "bias": self.bias is not None}
        return ", ".join([str(self.num_features), *[f"{name}={shown[name]}" for name in names]])
