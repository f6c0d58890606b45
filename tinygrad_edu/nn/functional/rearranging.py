"""Channels laid out as pixels and back, and channels shuffled between groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ops.axes import moveaxis
from ...ops.shape import reshape
from ..checks import check_size, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def _image(name: str, input: Operand) -> tuple[tuple[int, ...], int, int, int]:
    """The leading axes of an image, its channels, height and width."""
    shape = shape_of(name, input)
    if len(shape) < 3:
        raise ValueError(f"{name}: expected an input of shape (..., c, h, w), but got shape {shape}.")
    c, h, w = shape[-3:]
    return shape[:-3], c, h, w


def pixel_shuffle(input: Operand, upscale_factor: int) -> Tensor:
    """Channels laid out as pixels: an image r times as large with r**2 times fewer channels.

    ``y[c, h * r + i, w * r + j] = x[c * r**2 + i * r + j, h, w]``.  (..., c * r**2, h, w) -> (..., c, h * r, w * r)

    Gradient: ``g`` in the places where its numbers were.

    Parameters
    ----------
    input : Tensor or array
    upscale_factor : int
        The factor r.

    Raises
    ------
    ValueError
        If the channels are not divisible by r**2.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.pixel_shuffle(tg.arange(4).reshape(4, 1, 1), 2)
    Tensor([[[0, 1],
             [2, 3]]])
    """
    lead, c, h, w = _image("pixel_shuffle", input)
    r = upscale_factor
    check_size("pixel_shuffle", "upscale_factor", r, 1)
    if c % r**2:
        raise ValueError(
            f"pixel_shuffle: expected channels divisible by upscale_factor**2 = {r**2}, but got {c} in shape "
            f"{input.shape}."
        )
    x = reshape(input, (*lead, c // r**2, r, r, h, w))
    x = moveaxis(x, (-4, -3), (-3, -1))  # (..., c, r, r, h, w) -> (..., c, h, r, w, r)
    return reshape(x, (*lead, c // r**2, h * r, w * r))


def pixel_unshuffle(input: Operand, downscale_factor: int) -> Tensor:
    """Pixels laid out as channels: an image r times as small with r**2 times the channels, as before `pixel_shuffle`.

    ``y[c * r**2 + i * r + j, h, w] = x[c, h * r + i, w * r + j]``.  (..., c, h * r, w * r) -> (..., c * r**2, h, w)

    Gradient: ``g`` in the places where its numbers were.

    Parameters
    ----------
    input : Tensor or array
    downscale_factor : int
        The factor r.

    Raises
    ------
    ValueError
        If height or width is not divisible by r.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.pixel_unshuffle(tg.arange(4).reshape(1, 2, 2), 2).reshape(-1)
    Tensor([0, 1, 2, 3])
    """
    lead, c, h, w = _image("pixel_unshuffle", input)
    r = downscale_factor
    check_size("pixel_unshuffle", "downscale_factor", r, 1)
    if h % r or w % r:
        raise ValueError(
            f"pixel_unshuffle: expected height and width divisible by downscale_factor={r}, but got {h} x {w} in shape "
            f"{input.shape}."
        )
    x = reshape(input, (*lead, c, h // r, r, w // r, r))
    x = moveaxis(x, (-3, -1), (-4, -3))  # (..., c, h, r, w, r) -> (..., c, r, r, h, w)
    return reshape(x, (*lead, c * r**2, h // r, w // r))


def channel_shuffle(input: Operand, groups: int) -> Tensor:
    """Channels taken by turns from each group: the transpose of a table with a row for each group.

    (n, g * c, ...) -> (n, c * g, ...)

    Gradient: ``g`` in the places where its numbers were.

    Parameters
    ----------
    input : Tensor or array, of at least three axes
    groups : int

    Raises
    ------
    ValueError
        If the channels are not divisible by `groups`.

    References
    ----------
    Zhang et al., ShuffleNet, 2018.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.channel_shuffle(tg.arange(6).reshape(1, 6, 1), 2).reshape(-1)
    Tensor([0, 3, 1, 4, 2, 5])
    """
    shape = shape_of("channel_shuffle", input)
    check_size("channel_shuffle", "groups", groups, 1)
    if len(shape) < 3 or shape[1] % groups:
        raise ValueError(
            f"channel_shuffle: expected an input of shape (n, c, ...) of at least three axes with c divisible by "
            f"groups={groups}, but got shape {shape}."
        )
    n, c, *rest = shape
    x = reshape(input, (n, groups, c // groups, *rest))
    return reshape(moveaxis(x, 1, 2), shape)
