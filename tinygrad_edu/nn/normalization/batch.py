"""Batch normalization."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from .. import init
from ..checks import shape_of
from ..functional.normalization import batch_norm
from .base import ChannelNorm


class _BatchNorm(ChannelNorm):
    """Abstract: normalization over the batch, for inputs of one of several layouts."""

    _layouts: tuple[str, ...] = ()  # the names of the axes after n and c, for messages

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
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)
        self.unbiased = unbiased

    def forward(self, input: Any) -> Any:
        """Normalize each channel.  (n, c, ...), of the same shape out

        Raises
        ------
        ValueError
            For another shape, and in training for a single value per channel, which has no variance.
        """
        self._check_input(shape_of(type(self).__name__, input))
        batches = self.num_batches_tracked if self.training else None
        count = 0 if batches is None else int(batches.data) + 1
        momentum = self.momentum if self.momentum is not None else 1 / max(count, 1)
        kept = not self.training or batches is not None
        y = batch_norm(
            input,
            self.running_mean if kept else None,
            self.running_var if kept else None,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            momentum,
            self.eps,
            self.unbiased,
        )
        if batches is not None:
            init.constant_(batches, count)
        return y

    def _check_input(self, shape: tuple[int, ...]) -> None:
        start = ("n", str(self.num_features))
        layouts = [start + tuple(layout.split()) for layout in self._layouts]
        if len(shape) not in map(len, layouts) or shape[1] != self.num_features:
            expected = " or ".join(f"({', '.join(layout)})" for layout in layouts)
            raise ValueError(f"{type(self).__name__}: expected an input of shape {expected}, but got shape {shape}.")

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        return super().extra_repr() + ("" if self.unbiased else ", unbiased=False")


class BatchNorm1d(_BatchNorm):
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
    BatchNorm1d(2, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    >>> layer(tg.Tensor([[1.0, 10.0], [3.0, 30.0]]))
    Tensor([[-0.999995, -1.      ],
            [ 0.999995,  1.      ]], op=standardize_affine)
    >>> layer.running_mean
    Tensor([0.2, 2. ])
    >>> layer.eval()(tg.Tensor([[0.2, 2.0]]))
    Tensor([[0., 0.]], op=add)
    """

    _layouts = ("", "l")


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images: mean and variance of each channel over batch, height and width.

    Parameters and attributes are those of `BatchNorm1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.BatchNorm2d(3)
    >>> layer(tg.randn(8, 3, 5, 5)).shape
    (8, 3, 5, 5)
    >>> layer.num_batches_tracked
    Tensor(1)
    """

    _layouts = ("h w",)


class BatchNorm3d(_BatchNorm):
    """Batch normalization of volumes: mean and variance of each channel over batch, depth, height and width.

    Parameters and attributes are those of `BatchNorm1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.BatchNorm3d(3)(tg.randn(2, 3, 4, 5, 5)).shape
    (2, 3, 4, 5, 5)
    """

    _layouts = ("d h w",)
