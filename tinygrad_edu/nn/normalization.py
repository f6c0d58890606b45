"""Normalization layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .. import dtypes
from ..tensor import Tensor
from . import init
from .checks import check_probability, check_size, shape_of
from .functional.normalization import batch_norm
from .module import Module
from .parameter import Parameter


class BatchNorm1d(Module):
    """Batch normalization: ``(x - mean) / sqrt(var + eps) * weight + bias``, for each channel over the batch.

    In training mean and variance are the batch's (the variance biased, divided by m), and running ones follow them; in
    eval the running ones are used.

    Parameters
    ----------
    num_features : int
        The number of channels c.
    eps : float
        Added to the variance.
    momentum : float or None
        The share of the new batch in the running statistics: ``running = (1 - momentum) * running + momentum * new``,
        so a course's ``beta = 0.9`` is 0.1 here. None averages all batches alike.
    affine : bool
        Whether there are weight and bias (gamma and beta of the paper), to be learned.
    track_running_stats : bool
        Without them eval uses the batch too.
    dtype : dtype, optional
        Of parameters and statistics; the default dtype if None.
    bias : bool
        Whether the affine form has a bias.
    unbiased : bool
        Whether the running variance takes the batch's divided by m - 1, as in PyTorch, or by m, as courses write it.

    Attributes
    ----------
    weight, bias : Parameter of shape (c,), or None
        They start at 1 and 0.
    running_mean, running_var : buffers of shape (c,), or None
        They start at 0 and 1.
    num_batches_tracked : buffer, 0-d
        How many batches the running statistics have seen.

    References
    ----------
    Ioffe and Szegedy, Batch normalization, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.BatchNorm1d(2)
    >>> layer
    BatchNorm1d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    >>> layer(tg.Tensor([[1.0, 10.0], [3.0, 30.0]]))
    Tensor([[-0.999995, -1.      ],
            [ 0.999995,  1.      ]], op=add)
    >>> layer.running_mean
    Tensor([0.2, 2. ])
    >>> layer.eval()(tg.Tensor([[0.2, 2.0]]))
    Tensor([[0., 0.]], op=add)
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
        unbiased: bool = True,
    ) -> None:
        check_size("BatchNorm1d", "num_features", num_features, least=1)
        if not eps >= 0:
            raise ValueError(f"BatchNorm1d: expected eps of at least 0, but got {eps!r}.")
        if momentum is not None:
            check_probability("BatchNorm1d", "a momentum", momentum)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats, self.unbiased = affine, track_running_stats, unbiased
        dtype = dtype or dtypes.get_default_dtype()
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine and bias else None
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if track_running_stats else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", np.array(0) if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget the batches seen: mean 0, variance 1, count 0."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.constant_(self.num_batches_tracked, 0)

    def reset_parameters(self) -> None:
        """Forget the batches seen, and set weight to 1 and bias to 0."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        """Normalize each channel.  (n, c) or (n, c, l), of the same shape out

        Raises
        ------
        ValueError
            For another shape, and in training for a single value per channel, which has no variance.
        """
        shape, c = shape_of("BatchNorm1d", input), self.num_features
        if len(shape) not in (2, 3) or shape[1] != c:
            raise ValueError(f"BatchNorm1d: expected an input of shape (n, {c}) or (n, {c}, l), but got shape {shape}.")
        follow = self.training and self.track_running_stats
        count = int(self.num_batches_tracked.data) + 1 if follow else 0
        momentum = self.momentum if self.momentum is not None else 1 / max(count, 1)
        y = batch_norm(
            input,
            self.running_mean if follow or not self.training else None,
            self.running_var if follow or not self.training else None,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            momentum,
            self.eps,
            self.unbiased,
        )
        if follow:
            init.constant_(self.num_batches_tracked, count)
        return y

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        settings = [f"{name}={getattr(self, name)}" for name in ("eps", "momentum", "affine", "track_running_stats")]
        unusual = ["bias=False"] if self.affine and self.bias is None else []
        unusual += [] if self.unbiased else ["unbiased=False"]
        return ", ".join([str(self.num_features), *settings, *unusual])
