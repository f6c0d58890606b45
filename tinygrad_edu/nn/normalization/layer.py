"""Normalization of each sample by itself: layer, group and root mean square normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import DTypeLike

from ..checks import check_size, shape_of
from ..functional.layer_norm import group_norm, layer_norm, rms_norm
from .base import Affine, check_eps


def _sizes(name: str, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    """`normalized_shape` as a tuple; one number is the length of the last axis."""
    given = (normalized_shape,) if not isinstance(normalized_shape, Sequence) else tuple(normalized_shape)
    for size in given:
        check_size(name, "each length in normalized_shape", size, least=1)
    if not given:
        raise ValueError(f"{name}: expected the lengths of the last axes, but got normalized_shape={given}. Give one.")
    return tuple(map(int, given))


class LayerNorm(Affine):
    """Layer normalization: ``(x - mean) / sqrt(var + eps) * weight + bias``, for each sample over its last axes.

    Training and eval do not differ, and neither does a batch of one: a sample is normalized by itself.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes; one number for the last axis alone.
    eps : float
        Added to the variance, which is the biased one.
    elementwise_affine : bool
        Whether there are weight and bias, to be learned.
    bias : bool
        Whether the affine form has a bias.
    dtype : dtype, optional
        Of the parameters; the default dtype if None.

    Attributes
    ----------
    weight, bias : Parameter of shape normalized_shape, or None
        They start at 1 and 0.

    References
    ----------
    Ba, Kiros, Hinton: Layer normalization, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.LayerNorm(2, eps=0.0)
    >>> layer
    LayerNorm((2,), eps=0.0, elementwise_affine=True, bias=True)
    >>> layer(tg.Tensor([[1.0, 3.0], [10.0, 30.0]])).data
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        check_eps("LayerNorm", eps)
        self.normalized_shape = _sizes("LayerNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._make_parameters(self.normalized_shape, elementwise_affine, elementwise_affine and bias, dtype)

    def forward(self, input: Any) -> Any:
        """Normalize over the last axes.  (..., *normalized_shape), of the same shape out"""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        affine = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"


class RMSNorm(Affine):
    """Root mean square normalization: ``x / sqrt(mean(x**2) + eps) * weight``, for each sample over its last axes.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes; one number for the last axis alone.
    eps : float, optional
        None is ``np.finfo(dtype).eps`` of the input's dtype.
    elementwise_affine : bool
        Whether there is a weight, to be learned.
    dtype : dtype, optional
        Of the weight; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape normalized_shape, or None
        It starts at 1.

    References
    ----------
    Zhang, Sennrich: Root mean square layer normalization, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.RMSNorm(2)(tg.Tensor([[1.0, 7.0], [10.0, 70.0]])).data.round(4)
    array([[0.2, 1.4],
           [0.2, 1.4]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        check_eps("RMSNorm", 0.0 if eps is None else eps)
        self.normalized_shape = _sizes("RMSNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._make_parameters(self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, input: Any) -> Any:
        """Normalize over the last axes.  (..., *normalized_shape), of the same shape out"""
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Affine):
    """Group normalization: ``(x - mean) / sqrt(var + eps) * weight + bias``, for each sample over groups of channels.

    Parameters
    ----------
    num_groups : int
        Into how many groups the channels are divided, in order.
    num_channels : int
        The number of channels c.
    eps : float
        Added to the variance, which is the biased one.
    affine : bool
        Whether there are weight and bias, one for each channel, to be learned.
    dtype : dtype, optional
        Of the parameters; the default dtype if None.
    bias : bool
        Whether the affine form has a bias.

    Attributes
    ----------
    weight, bias : Parameter of shape (c,), or None
        They start at 1 and 0.

    References
    ----------
    Wu, He: Group normalization, 2018.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.GroupNorm(2, 4)
    >>> layer
    GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)
    >>> layer(tg.randn(8, 4, 5, 5)).shape
    (8, 4, 5, 5)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        check_size("GroupNorm", "num_groups", num_groups, least=1)
        check_size("GroupNorm", "num_channels", num_channels, least=1)
        check_eps("GroupNorm", eps)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: expected num_channels that can be divided into num_groups, but got {num_channels} "
                f"channels and {num_groups} groups."
            )
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._make_parameters((num_channels,), affine, affine and bias, dtype)

    def forward(self, input: Any) -> Any:
        """Normalize each group of channels.  (n, c, ...), of the same shape out"""
        shape = shape_of("GroupNorm", input)
        if len(shape) < 2 or shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm: expected an input of shape (n, {self.num_channels}, ...), but got shape {shape}."
            )
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        affine = f"affine={self.affine}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, {affine}"
