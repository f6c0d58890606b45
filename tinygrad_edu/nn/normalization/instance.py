"""Instance normalization."""

from __future__ import annotations

import warnings
from typing import Any

from numpy.typing import DTypeLike

from ...ops.shape import reshape
from ..checks import shape_of
from ..functional.normalization import instance_norm
from .base import ChannelNorm


class _InstanceNorm(ChannelNorm):
    """Abstract: normalization of each channel of each sample, which may come without a batch."""

    _layout = ""  # the names of the axes after n and c, for messages

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Any) -> Any:
        """Normalize each channel of each sample.  (n, c, ...) or (c, ...), of the same shape out

        Raises
        ------
        ValueError
            For another shape, and for a single value per channel, which has no variance.
        """
        shape = shape_of(type(self).__name__, input)
        batched = len(shape) == 2 + len(self._layout.split())
        self._check_input(shape, batched)
        y = instance_norm(
            input if batched else reshape(input, (1, *shape)),
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum if self.momentum is not None else 0.0,
            self.eps,
        )
        return y if batched else reshape(y, shape)

    def _check_input(self, shape: tuple[int, ...], batched: bool) -> None:
        name, c, axes = type(self).__name__, self.num_features, ", ".join(self._layout.split())
        right = batched or len(shape) == 1 + len(self._layout.split())
        if right and shape[1 if batched else 0] == c:
            return
        text = f"{name}: expected an input of shape (n, {c}, {axes}) or ({c}, {axes}), but got shape {shape}."
        if right and not (self.affine or self.track_running_stats):
            warnings.warn(f"{text} Without parameters num_features is not used.", stacklevel=4)
        else:
            raise ValueError(text)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalization: ``(x - mean) / sqrt(var + eps) * weight + bias``, for each channel of each sample.

    Mean and variance (biased) are those of one channel of one sample, in training and in eval, unless running ones are
    tracked: these follow the average over the batch, and are used in eval.

    Parameters
    ----------
    num_features : int
        The number of channels c.
    eps : float
        Added to the variance.
    momentum : float or None
        The share of the new batch in the running statistics; None is 0, as in PyTorch.
    affine : bool
        Whether there are weight and bias, to be learned.
    track_running_stats : bool
    dtype : dtype, optional
        Of parameters and statistics; the default dtype if None.
    bias : bool
        Whether the affine form has a bias.

    Attributes
    ----------
    weight, bias : Parameter of shape (c,), or None
        They start at 1 and 0.
    running_mean, running_var, num_batches_tracked : buffers, or None
        As in `BatchNorm1d`; batches are not counted, as in PyTorch.

    References
    ----------
    Ulyanov, Vedaldi, Lempitsky: Instance normalization, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.InstanceNorm1d(2, eps=0.0)(tg.Tensor([[1.0, 3.0], [10.0, 30.0]]))
    Tensor([[-1.,  1.],
            [-1.,  1.]])
    """

    _layout = "l"


class InstanceNorm2d(_InstanceNorm):
    """Instance normalization of images: (n, c, h, w) or (c, h, w).

    Parameters and attributes are those of `InstanceNorm1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.InstanceNorm2d(3, affine=True)(tg.randn(8, 3, 5, 5)).shape
    (8, 3, 5, 5)
    """

    _layout = "h w"


class InstanceNorm3d(_InstanceNorm):
    """Instance normalization of volumes: (n, c, d, h, w) or (c, d, h, w).

    Parameters and attributes are those of `InstanceNorm1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.InstanceNorm3d(3)(tg.randn(2, 3, 4, 5, 5)).shape
    (2, 3, 4, 5, 5)
    """

    _layout = "d h w"
