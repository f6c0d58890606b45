"""Images read at any places: the two functions of a spatial transformer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...ops.axes import moveaxis
from ...ops.operands import alike, detached
from ...ops.selection import where
from ..checks import shape_of
from .interpolation import cubic_weights

Operand = Any  # a Tensor or an array

MODES = ("bilinear", "nearest", "bicubic")
PADDING_MODES = ("zeros", "border", "reflection")


def affine_grid(theta: Operand, size: Sequence[int], align_corners: bool | None = None) -> Any:
    """The places that an affine map sends the pixels of an image to: for `grid_sample`.

    ``grid[n, i, j] = theta[n] @ (x_j, y_i, 1)``, where x and y go from -1 to 1 over the image.
    (n, 2, 3) -> (n, h, w, 2), or of volumes (n, 3, 4) -> (n, d, h, w, 3)

    Gradient: to theta, as of a matrix product.

    Parameters
    ----------
    theta : Tensor or array, (n, 2, 3) or (n, 3, 4)
    size : tuple of ints, (n, c, h, w) or (n, c, d, h, w)
        The size of the image that is to be made.
    align_corners : bool, optional
        Whether -1 and 1 are the middles of the outer pixels, and not their outer edges.

    Raises
    ------
    ValueError
        If theta and size do not fit.

    References
    ----------
    Jaderberg et al., Spatial transformer networks, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.affine_grid(tg.Tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2))
    Tensor([[[[-0.5,  0. ],
              [ 0.5,  0. ]]]])
    """
    shape, sizes = shape_of("affine_grid", theta), tuple(size)[2:]
    axes = len(sizes)
    if axes not in (2, 3) or shape != (size[0], axes, axes + 1) or not all(n > 0 for n in sizes):
        raise ValueError(
            f"affine_grid: expected theta (n, 2, 3) with size (n, c, h, w), or theta (n, 3, 4) with size "
            f"(n, c, d, h, w), but got theta {shape} and size {tuple(size)}."
        )
    lines = [_pixels(n, bool(align_corners)) for n in sizes]
    places = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(sizes)], -1)  # (..., x, y, 1)
    rows = places.reshape(-1, axes + 1).astype(theta.dtype)
    return (rows @ moveaxis(theta, 1, 2)).reshape((shape[0], *sizes, axes))  # (hw, 3) @ (n, 3, 2) -> (n, hw, 2)


def _pixels(n: int, align_corners: bool) -> Any:
    """Where the middles of n pixels are, if the image goes from -1 to 1."""
    ends = np.linspace(-1, 1, n) if n > 1 else np.zeros(1)
    return ends if align_corners else ends * (n - 1) / n


def grid_sample(
    input: Operand,
    grid: Operand,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """The images of `input`, read at the places of `grid`, between the pixels too.

    (n, c, h, w), (n, i, j, 2) -> (n, c, i, j), or of volumes (n, c, d, h, w), (n, i, j, k, 3) -> (n, c, i, j, k)

    Gradient: to the pixels that were read, by their weights, and to the places by how the weights change; none to the
    places with "nearest", nor where "border" has moved them.

    Parameters
    ----------
    input, grid : Tensors or arrays
        A place is (x, y) or (x, y, z): x along the last axis. From -1 to 1 is over the whole image.
    mode : {"bilinear", "nearest", "bicubic"}
        Which pixels are read: the neighbours on both sides, the nearest (of two equally near the even one), or four
        along each axis, for images only. `interpolate` gives the weights.
    padding_mode : {"zeros", "border", "reflection"}
        What is beyond the image: zeros, the last pixel, or the mirror image.
    align_corners : bool, optional
        Whether -1 and 1 are the middles of the outer pixels, and not their outer edges.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a mode is unknown.

    References
    ----------
    Jaderberg et al., Spatial transformer networks, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.grid_sample(tg.Tensor([[[[1.0, 3.0]]]]), tg.Tensor([[[[-0.5, 0.0], [0.0, 0.0]]]]))
    Tensor([[[[1., 2.]]]])
    """
    sizes = _checked(input, grid, mode, padding_mode)
    input, grid = alike(input, grid)
    corners, axes = bool(align_corners), len(sizes)
    taps = [
        _taps(_source(grid[..., axes - 1 - k], n, corners), n, mode, padding_mode, corners) for k, n in enumerate(sizes)
    ]
    x = moveaxis(input, 1, -1)  # (n, c, h, w) -> (n, h, w, c)
    sample = np.arange(input.shape[0]).reshape((-1,) + (1,) * axes)
    terms = []
    for parts in itertools.product(*taps):
        inside = np.logical_and.reduce([(at >= 0) & (at < n) for (at, _), n in zip(parts, sizes, strict=True)])
        read = x[(sample, *(np.clip(at, 0, n - 1) for (at, _), n in zip(parts, sizes, strict=True)))]
        terms.append(where(inside[..., None], read, 0.0) * math.prod(weight for _, weight in parts)[..., None])
    return moveaxis(sum(terms[1:], terms[0]), -1, 1)  # (n, i, j, c) -> (n, c, i, j)


def _checked(input: Operand, grid: Operand, mode: str, padding_mode: str) -> tuple[int, ...]:
    """The sizes of the images."""
    shape, places = shape_of("grid_sample", input), shape_of("grid_sample", grid)
    axes = len(shape) - 2
    if axes not in (2, 3) or len(places) != axes + 2 or places[0] != shape[0] or places[-1] != axes:
        raise ValueError(
            f"grid_sample: expected an input (n, c, h, w) with a grid (n, i, j, 2), or (n, c, d, h, w) with "
            f"(n, i, j, k, 3), but got input {shape} and grid {places}."
        )
    if mode not in MODES or (mode == "bicubic" and axes == 3):
        modes = MODES[: 5 - axes]
        raise ValueError(f"grid_sample: expected one of the modes {', '.join(modes)}, but got {mode!r}.")
    if padding_mode not in PADDING_MODES:
        raise ValueError(
            f"grid_sample: expected one of the padding modes {', '.join(PADDING_MODES)}, but got {padding_mode!r}."
        )
    if not all(shape[2:]):
        raise ValueError(f"grid_sample: expected images with pixels, but got input {shape}.")
    return shape[2:]


def _source(place: Any, n: int, align_corners: bool) -> Any:
    """A place in -1..1 as one among the n pixels, the first of which is at 0."""
    return (place + 1) / 2 * (n - 1) if align_corners else ((place + 1) * n - 1) / 2


def _taps(source: Any, n: int, mode: str, padding_mode: str, align_corners: bool) -> list[tuple[Any, Any]]:
    """Which pixels are read along one axis, and with which weights; -1 or n where there is none."""
    if mode == "bicubic":
        first, t = _split(source)
        return [
            (_within(first + k, n, padding_mode, align_corners).astype(np.intp), weight)
            for k, weight in zip((-1, 0, 1, 2), cubic_weights(t), strict=True)
        ]
    source = _within(source, n, padding_mode, align_corners)
    if mode == "nearest":
        at = np.rint(detached(source))
        return [(at.astype(np.intp), np.ones(at.shape, at.dtype))]
    first, t = _split(source)
    return [(first.astype(np.intp), 1 - t), (first.astype(np.intp) + 1, t)]


def _split(source: Any) -> tuple[Any, Any]:
    """The pixel before, and how far behind it."""
    first = np.floor(detached(source))
    return first, source - first


def _within(source: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """`source`, moved to where there are pixels if the padding is made of them."""
    if padding_mode == "zeros":
        return source
    if padding_mode == "reflection":
        source = _reflected(source, *((0, n - 1) if align_corners else (-0.5, n - 0.5)))
    found = detached(source)
    return where((found > 0) & (found < n - 1), source, np.clip(found, 0, n - 1))


def _reflected(source: Any, low: float, high: float) -> Any:
    """`source` folded into low..high: piece by piece it runs up or down."""
    found, span = detached(source), high - low
    if not span:
        return np.zeros_like(found)
    folds, rest = np.divmod(abs(found - low), span)
    down = folds % 2 == 1
    sign = (np.where(down, -1, 1) * np.where(found < low, -1, 1)).astype(found.dtype)
    wanted = np.where(down, span - rest, rest) + low
    return source * sign + (wanted - found * sign).astype(found.dtype)
