"""Images of another size, as modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import functional
from .checks import check_numbers
from .functional.interpolation import Factors
from .module import Module


def _floats(name: str, scale_factor: Any) -> Factors:
    """`scale_factor`, a number or several, as floats."""
    if scale_factor is None:
        return None
    several = isinstance(scale_factor, Sequence) and not isinstance(scale_factor, str)
    for factor in scale_factor if several else (scale_factor,):
        check_numbers(name, scale_factor=factor)
    return tuple(map(float, scale_factor)) if several else float(scale_factor)


class Upsample(Module):
    """Images in another size: (n, c, l), (n, c, h, w) or (n, c, d, h, w) -> (n, c, ...).

    `functional.interpolate` gives the formula of each mode.

    Parameters
    ----------
    size : int or tuple of ints, optional
        The sizes of the result.
    scale_factor : float or tuple of floats, optional
        By how much it is larger, instead.
    mode : {"nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear"}
        "linear" is for sequences, "bilinear" and "bicubic" for images, "trilinear" for volumes.
    align_corners : bool, optional
        Whether the first and the last elements stay in their places; not for the nearest modes.
    recompute_scale_factor : bool, optional
        Whether the exact ratio of the sizes is used even if a scale_factor was given.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.Upsample(scale_factor=2, mode="bilinear")
    >>> layer
    Upsample(scale_factor=2.0, mode='bilinear')
    >>> layer(tg.randn(1, 3, 4, 5)).shape
    (1, 3, 8, 10)
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: Factors = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.scale_factor = _floats(type(self).__name__, scale_factor)
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Any) -> Any:
        """The images in the other size."""
        return functional.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        """The size or the factor, and the mode."""
        given = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{given}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images in another size, each pixel that of its nearest neighbour: `Upsample` with mode "nearest".

    Parameters
    ----------
    size : int or pair of ints, optional
    scale_factor : float or pair of floats, optional

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.UpsamplingNearest2d(scale_factor=2)(tg.Tensor([[[[1.0, 2.0]]]]))
    Tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """

    def __init__(self, size: int | Sequence[int] | None = None, scale_factor: Factors = None) -> None:
        super().__init__(size, scale_factor, "nearest")


class UpsamplingBilinear2d(Upsample):
    """Images in another size, linearly between the pixels: `Upsample` with mode "bilinear" and aligned corners.

    Parameters
    ----------
    size : int or pair of ints, optional
    scale_factor : float or pair of floats, optional

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.UpsamplingBilinear2d((1, 3))(tg.Tensor([[[[1.0, 2.0]]]]))
    Tensor([[[[1. , 1.5, 2. ]]]])
    """

    def __init__(self, size: int | Sequence[int] | None = None, scale_factor: Factors = None) -> None:
        super().__init__(size, scale_factor, "bilinear", align_corners=True)
