"""Images of another size: nearest neighbours, and linear and cubic interpolation.

Interpolation works on each axis by itself: a result is a sum of a few weighted elements of that axis (`blend`), and the
axes are done one after the other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ops.resampling import blend
from ..checks import shape_of
from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .windows import each

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array
Factors = float | Sequence[float] | None
Taps = tuple[np.ndarray, np.ndarray]  # places and weights, (t, m)

CUBIC = -0.75  # the slope parameter a of Keys' kernel, as in PyTorch and OpenCV

# How many axes of an image each mode is for.
MODES = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
}


def interpolate(
    input: Operand,
    size: int | Sequence[int] | None = None,
    scale_factor: Factors = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """The images of `input` in another size.  (n, c, l), (n, c, h, w) or (n, c, d, h, w) -> (n, c, ...)

    Along each axis, element i of m is taken from place ``x = (i + 0.5) * n / m - 0.5`` of n, or, with `align_corners`,
    ``x = i * (n - 1) / (m - 1)``:

    - "nearest": the element ``floor(i * n / m)``; "nearest-exact": the one nearest to x
    - "linear", "bilinear", "trilinear": the two neighbours of x, weighted by how near they are
    - "bicubic": the four neighbours, weighted by a cubic polynomial
    - "area": the mean of ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1``, see `adaptive_avg_pool2d`

    Gradient: ``g`` times the weights; the adjoint of each is exact.

    Parameters
    ----------
    input : Tensor or array
    size : int or tuple of ints, optional
        The sizes of the result.
    scale_factor : float or tuple of floats, optional
        By how much it is larger, instead: ``m = floor(n * scale_factor)``, and ``n / m`` above is 1 / scale_factor.
    mode : str
        "linear" is for sequences, "bilinear" and "bicubic" for images, "trilinear" for volumes, the others for all.
    align_corners : bool, optional
        Whether the first and the last elements stay in their places; for "linear" and its kin and "bicubic" only.
    recompute_scale_factor : bool, optional
        Whether ``n / m`` is used above even if a scale_factor was given.
    antialias : bool
        For "bilinear" and "bicubic": whether an image that becomes smaller is smoothed first, by weights as wide as the
        pixels of the result; those of "bicubic" have the slope -0.5 then, as in PyTorch.

    Raises
    ------
    ValueError
        If not exactly one of `size` and `scale_factor` is given, the mode does not fit the input, or the result would
        have no elements.

    References
    ----------
    Keys, Cubic convolution interpolation for digital image processing, 1981.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> x = tg.Tensor([[[1.0, 3.0]]])
    >>> F.interpolate(x, 4)
    Tensor([[[1., 1., 3., 3.]]])
    >>> F.interpolate(x, 4, mode="linear")
    Tensor([[[1. , 1.5, 2.5, 3. ]]])
    >>> F.interpolate(x, 3, mode="linear", align_corners=True)
    Tensor([[[1., 2., 3.]]])
    """
    axes = _checked_axes(input, mode, align_corners, antialias)
    sizes = input.shape[2:]
    wanted, factors = _wanted(sizes, size, scale_factor, mode, recompute_scale_factor)
    if not all(sizes) or not all(wanted):
        raise ValueError(
            f"interpolate: expected an input with elements, and a result with elements, but got sizes {sizes} and "
            f"{wanted}. Give a larger size or scale_factor."
        )
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[axes - 1](input, wanted)
    taps = _SMOOTH[mode] if antialias else _TAPS[mode]
    dtype = input.dtype if input.dtype.kind == "f" else np.dtype(np.float32)
    y = input
    for axis, (n, m, factor) in reversed(list(enumerate(zip(sizes, wanted, factors, strict=True)))):
        if _takes_shortcut(n, m, mode, axes, antialias):
            factor = None
        if m != n or factor is not None:
            ratio = _ratio(n, m, factor, bool(align_corners), dtype)
            y = blend(y, *taps(n, m, ratio, bool(align_corners)), axis + 2)
    return y if y is not input else y + 0


def _takes_shortcut(n: int, m: int, mode: str, axes: int, antialias: bool) -> bool:
    """Whether PyTorch goes by the sizes alone, which matters where the scale factor has been rounded down to m."""
    if mode == "nearest":
        return axes == 2 and m in (n, 2 * n)
    return m == n and ("linear" in mode or antialias)


def _checked_axes(input: Operand, mode: str, align_corners: bool | None, antialias: bool) -> int:
    """How many axes the images have."""
    shape = shape_of("interpolate", input)
    axes = len(shape) - 2
    if mode not in MODES:
        raise ValueError(f"interpolate: expected one of the modes {', '.join(MODES)}, but got {mode!r}.")
    if axes not in MODES[mode]:
        shapes = " or ".join(("(n, c, l)", "(n, c, h, w)", "(n, c, d, h, w)")[k - 1] for k in MODES[mode])
        raise ValueError(
            f"interpolate: expected an input of shape {shapes} for mode={mode!r}, but got shape {shape}. "
            f"Add an axis for the batch with x[None], or choose another mode."
        )
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise ValueError(
            f"interpolate: expected no align_corners for mode={mode!r}, but got {align_corners!r}. "
            f"It is for linear, bilinear, bicubic and trilinear."
        )
    if antialias and mode not in _SMOOTH:
        raise ValueError(
            f"interpolate: expected one of the modes {', '.join(_SMOOTH)} with antialias=True, but got {mode!r}. "
            f"Use mode='area' to make others smaller."
        )
    return axes


def _wanted(
    sizes: tuple[int, ...],
    size: int | Sequence[int] | None,
    scale_factor: Factors,
    mode: str,
    recompute_scale_factor: bool | None,
) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    """The sizes of the result, and by how much each axis is scaled, None if that follows from the sizes."""
    axes = len(sizes)
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: expected either size or scale_factor, but got size={size!r} and "
            f"scale_factor={scale_factor!r}."
        )
    if scale_factor is None:
        if recompute_scale_factor:
            raise ValueError(
                f"interpolate: expected a scale_factor with recompute_scale_factor=True, but got size={size!r}."
            )
        return each("interpolate", "size", size, axes), (None,) * axes
    factors = tuple(scale_factor) if isinstance(scale_factor, Sequence) else (scale_factor,) * axes
    if len(factors) != axes or not all(f > 0 for f in factors):
        raise ValueError(
            f"interpolate: expected a number above 0 as scale_factor, or a tuple of {axes}, but got {scale_factor!r}."
        )
    found = tuple(int(n * f) for n, f in zip(sizes, factors, strict=True))
    return found, (None,) * axes if recompute_scale_factor or mode == "area" else factors


def _ratio(n: int, m: int, factor: float | None, align_corners: bool, dtype: np.dtype[Any]) -> Any:
    """How far apart in the input two neighbours of the result are; in the dtype of the input, as in PyTorch."""
    number = dtype.type if dtype.itemsize > 4 else np.float32
    if align_corners:
        return number(n - 1) / number(m - 1) if m > 1 else number(0)
    return number(1 / factor) if factor is not None else number(n) / number(m)


def _nearest(n: int, m: int, ratio: Any, _: bool, middle: float = 0.0) -> Taps:
    places = np.floor((np.arange(m, dtype=ratio.dtype) + ratio.dtype.type(middle)) * ratio)
    return np.minimum(places, n - 1).astype(np.intp)[None], np.ones((1, m), np.bool_)


def _source(m: int, ratio: Any, align_corners: bool) -> Any:
    """The places in the input that the elements of the result are taken from."""
    i = np.arange(m, dtype=ratio.dtype)
    return i * ratio if align_corners else (i + ratio.dtype.type(0.5)) * ratio - ratio.dtype.type(0.5)


def _linear(n: int, m: int, ratio: Any, align_corners: bool) -> Taps:
    source = np.maximum(_source(m, ratio, align_corners), 0)
    first = np.minimum(np.floor(source).astype(np.intp), n - 1)
    share = np.clip(source - first.astype(source.dtype), 0, 1)
    return np.stack([first, np.minimum(first + 1, n - 1)]), np.stack([1 - share, share])


def _cubic(n: int, m: int, ratio: Any, align_corners: bool) -> Taps:
    source = _source(m, ratio, align_corners)
    first = np.minimum(np.floor(source).astype(np.intp), n - 1)
    places = np.clip(np.stack([first + k for k in (-1, 0, 1, 2)]), 0, n - 1)
    return places, np.stack(cubic_weights(np.clip(source - first.astype(source.dtype), 0, 1)))


def cubic_weights(t: Any) -> list[Any]:
    """The weights of the four neighbours, from -1 to 2, of a place at `t` in 0..1."""
    return [_far(t + 1), _near(t), _near(1 - t), _far(2 - t)]


def _near(x: Any, a: float = CUBIC) -> Any:
    """Keys' cubic kernel at a distance of 0..1 ..."""
    return ((a + 2) * x - (a + 3)) * x * x + 1


def _far(x: Any, a: float = CUBIC) -> Any:
    """... and of 1..2."""
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a


def _hat(x: Any) -> Any:
    return np.maximum(1 - x, 0)


def _keys(x: Any) -> Any:
    return np.where(x < 1, _near(x, -0.5), np.where(x < 2, _far(x, -0.5), 0))


def _smooth(n: int, m: int, ratio: Any, _: bool, kernel: Callable[[Any], Any], reach: int) -> Taps:
    """The weights of a kernel that is as wide as the pixels of the result, where these are the larger ones."""
    wide = np.maximum(ratio, 1)
    centre = (np.arange(m, dtype=ratio.dtype) + ratio.dtype.type(0.5)) * ratio
    first = np.maximum((centre - reach * wide + ratio.dtype.type(0.5)).astype(np.intp), 0)
    last = np.minimum((centre + reach * wide + ratio.dtype.type(0.5)).astype(np.intp), n)
    places = first + np.arange(int((last - first).max()))[:, None]
    weights = kernel(abs((places - centre + 0.5) / wide)) * (places < last)
    return np.minimum(places, n - 1), weights / weights.sum(0)


_TAPS: dict[str, Callable[[int, int, Any, bool], Taps]] = {
    "nearest": _nearest,
    "nearest-exact": functools.partial(_nearest, middle=0.5),
    "linear": _linear,
    "bilinear": _linear,
    "trilinear": _linear,
    "bicubic": _cubic,
}
_SMOOTH: dict[str, Callable[[int, int, Any, bool], Taps]] = {
    "bilinear": functools.partial(_smooth, kernel=_hat, reach=1),
    "bicubic": functools.partial(_smooth, kernel=_keys, reach=2),
}
