"""Convolution over any number of axes, and its adjoints: each differentiates into the two others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..engine import differentiable
from ..shapes import Shape
from .columns import Geometry, contract

Operand = Any
Sizes = int | Sequence[int]  # one number for all axes, or one for each
Widths = int | Sequence[int] | Sequence[tuple[int, int]]  # of padding: also a pair (before, after) for each


def per_axis(name: str, what: str, value: Any, axes: int, least: int | None) -> Shape:
    """`value` as one whole number for each of so many axes.

    Examples
    --------
    >>> per_axis("conv2d", "stride", 2, 2, 1)
    (2, 2)
    """
    single = not isinstance(value, Iterable)
    numbers = (value,) * axes if single else tuple(value)
    if len(numbers) == 1:
        numbers *= axes
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in numbers):
        raise TypeError(f"{name}: expected whole numbers as {what}, but got {value!r}.")
    if len(numbers) != axes:
        raise ValueError(f"{name}: expected {what} as one number or {axes}, one for each axis, but got {value!r}.")
    if least is not None and any(n < least for n in numbers):
        raise ValueError(f"{name}: expected {what} of at least {least}, but got {value!r}.")
    return tuple(map(int, numbers))


def geometry(
    name: str, kernel: Shape, stride: Sizes = 1, padding: Widths | str = 0, dilation: Sizes = 1, groups: int = 1
) -> Geometry:
    """The arguments of a convolution, checked and written out for each axis.

    Examples
    --------
    >>> geometry("conv2d", (3, 4), padding="same")
    Geometry(kernel=(3, 4), stride=(1, 1), padding=((1, 1), (1, 2)), dilation=(1, 1), groups=1)
    """
    axes = len(kernel)
    kernel = per_axis(name, "kernel_size", kernel, axes, 1)
    stride = per_axis(name, "stride", stride, axes, 1)
    dilation = per_axis(name, "dilation", dilation, axes, 1)
    (groups,) = per_axis(name, "groups", groups, 1, 1)
    if isinstance(padding, str):
        pairs = _named_padding(name, padding, kernel, stride, dilation)
    elif isinstance(padding, Iterable) and any(isinstance(pair, Iterable) for pair in padding):
        pairs = tuple(per_axis(name, "padding", pair, 2, 0) for pair in padding)
        per_axis(name, "padding", [0] * len(pairs), axes, 0)
    else:
        pairs = tuple((n, n) for n in per_axis(name, "padding", padding, axes, 0))
    return Geometry(kernel, stride, pairs, dilation, groups)  # type: ignore[arg-type]


def _named_padding(name: str, padding: str, kernel: Shape, stride: Shape, dilation: Shape) -> tuple[Shape, ...]:
    """The pairs that 'valid' and 'same' stand for."""
    if padding not in ("valid", "same"):
        raise ValueError(f"{name}: expected padding as numbers, 'valid' or 'same', but got {padding!r}.")
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if any(s != 1 for s in stride):
        raise ValueError(
            f"{name}: expected stride=1 with padding='same', but got stride={stride}. Give the padding in numbers."
        )
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _check_weight(name: str, geometry: Geometry, w: Shape) -> None:
    if len(w) != len(geometry.kernel) + 2:
        raise ValueError(
            f"{name}: expected a weight of shape (o, c / groups, *kernel), {len(geometry.kernel) + 2} axes, but got "
            f"shape {w}."
        )
    if w[0] % geometry.groups:
        raise ValueError(
            f"{name}: expected a first axis of the weight that groups={geometry.groups} divides, but got shape {w}."
        )


def check_conv(name: str, geometry: Geometry, x: Shape, w: Shape, b: Shape | None) -> None:
    """Raise unless an image, a weight and a bias of these shapes fit."""
    axes = len(geometry.kernel)
    _check_weight(name, geometry, w)
    if len(x) != axes + 2:
        raise ValueError(f"{name}: expected an input of {axes + 2} axes, (n, c, *size), but got shape {x}.")
    if x[1] != w[1] * geometry.groups:
        raise ValueError(
            f"{name}: expected an input of {w[1] * geometry.groups} channels, as the weight has shape {w} and "
            f"groups={geometry.groups}, but got shape {x}. Channels are axis 1: (n, c, *size)."
        )
    if b is not None and b != w[:1]:
        raise ValueError(f"{name}: expected a bias of shape {w[:1]}, one number for each output, but got shape {b}.")
    if min(geometry.places(x[2:])) < 1:
        padded = tuple(n + before + after for n, (before, after) in zip(x[2:], geometry.padding, strict=True))
        reach = tuple(r + 1 for r in geometry.reach())
        raise ValueError(
            f"{name}: expected an image that the kernel fits on, but got size {padded} with its padding, and a kernel "
            f"that covers {reach}. Use a smaller kernel, or more padding."
        )


def _check_result(name: str, geometry: Geometry, size: Shape, g: Shape, channels: int) -> None:
    wanted = (*g[:1], channels, *geometry.places(size))
    if g != wanted or min(wanted[2:]) < 1:
        raise ValueError(
            f"{name}: expected g of shape (n, {channels}, *{wanted[2:]}), which a convolution of an image of size "
            f"{size} has, but got shape {g}."
        )


def _partial(names: Sequence[str], needed: Sequence[bool], geometry: Geometry, size: Shape, **arrays: Any) -> list[Any]:
    """Of the partial derivatives those that are needed, in order; None for the others."""
    found = contract(geometry, size, {name for name, want in zip(names, needed, strict=True) if want}, **arrays)
    return [found.get(name) for name in names]


def _conv_gradients(g: Any, _y: Any, _: Any, x: Any, w: Any, _b: Any, needed: Any, **how: Any) -> list[Any]:
    shape = geometry("conv", w.shape[2:], **how)
    return _partial(("gx", "gw", "gb"), needed, shape, x.shape[2:], x=x, w=w, g=g)


@differentiable(
    lambda g, y, x, w, b, **how: conv_image(g, w, x.shape[2:], **how),
    lambda g, y, x, w, b, **how: conv_kernel(x, g, w.shape[2:], **how),
    lambda g, y, x, w, b, **how: g.sum((0, *range(2, g.ndim))),
    joint=_conv_gradients,
    symbol="conv",
)
def conv(
    x: Operand,
    w: Operand,
    b: Operand = None,
    stride: Sizes = 1,
    padding: Widths | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """A kernel laid over an image in every place, and the products summed.  (n, c, *size) -> (n, o, *places)

    ``y[n, o, p] = b[o] + sum(x[n, c, stride * p + dilation * k - padding] * w[o, c, k] over c and k)``: what is called
    convolution in networks, and cross-correlation elsewhere, over as many axes as there are after the channels.

    Gradient: for x `conv_image`, for w `conv_kernel`, for b the sum of ``g`` over all but its channels.

    Parameters
    ----------
    x : Tensor or array, (n, c, *size)
    w : Tensor or array, (o, c / groups, *kernel)
    b : Tensor or array, (o,), optional
    stride : int or one for each axis
        How far it is from one place to the next.
    padding : int, one for each axis, a pair (before, after) for each axis, "valid" or "same"
        How many zeros are put around the image; "valid" is none, "same" so many that the size stays.
    dilation : int or one for each axis
        How far the kernel's elements are apart.
    groups : int
        Into how many groups, that do not meet, the channels of x and of y are divided.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    References
    ----------
    Dumoulin, Visin: A guide to convolution arithmetic for deep learning, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.convolution import conv
    >>> conv(tg.Tensor([[[1.0, 2.0, 4.0]]]), tg.Tensor([[[1.0, 10.0]]]))
    Tensor([[[21., 42.]]])
    """
    x, w, b = np.asarray(x), np.asarray(w), None if b is None else np.asarray(b)
    shape = geometry("conv", w.shape[2:], stride, padding, dilation, groups)
    check_conv("conv", shape, x.shape, w.shape, None if b is None else b.shape)
    return contract(shape, x.shape[2:], {"y"}, x=x, w=w, b=b)["y"]


def _image_gradients(u: Any, _y: Any, _: Any, g: Any, w: Any, size: Any, needed: Any, **how: Any) -> list[Any]:
    return _partial(("y", "gw"), needed, geometry("conv_image", w.shape[2:], **how), tuple(size), x=u, w=w, g=g)


@differentiable(
    lambda u, y, g, w, size, **how: conv(u, w, **how),
    lambda u, y, g, w, size, **how: conv_kernel(u, g, w.shape[2:], **how),
    joint=_image_gradients,
    symbol="convᵀ",
)
def conv_image(
    g: Operand,
    w: Operand,
    size: Shape,
    stride: Sizes = 1,
    padding: Widths | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """The adjoint of `conv` for the image, also called transposed convolution.  (n, o, *places) -> (n, c, *size)

    Every element of g adds the kernel, times itself, to the image, in the place where `conv` read it:
    ``sum(conv(x, w) * g) == sum(x * conv_image(g, w, size))``.

    Gradient: for g `conv`, for w `conv_kernel`.

    Parameters
    ----------
    g : Tensor or array, (n, o, *places)
    w : Tensor or array, (o, c / groups, *kernel)
    size : tuple of ints
        The size of the image, on which the kernel fits in so many places.
    stride, padding, dilation, groups
        As in `conv`.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.convolution import conv_image
    >>> conv_image(tg.Tensor([[[1.0, 2.0]]]), tg.Tensor([[[1.0, 10.0]]]), (3,))
    Tensor([[[ 1., 12., 20.]]])
    """
    g, w, size = np.asarray(g), np.asarray(w), tuple(size)
    shape = geometry("conv_image", w.shape[2:], stride, padding, dilation, groups)
    _check_weight("conv_image", shape, w.shape)
    _check_result("conv_image", shape, size, g.shape, w.shape[0])
    return contract(shape, size, {"gx"}, w=w, g=g)["gx"]


def _kernel_gradients(v: Any, _y: Any, _: Any, x: Any, g: Any, kernel: Any, needed: Any, **how: Any) -> list[Any]:
    return _partial(("gx", "y"), needed, geometry("conv_kernel", tuple(kernel), **how), x.shape[2:], x=x, w=v, g=g)


@differentiable(
    lambda v, y, x, g, kernel, **how: conv_image(g, v, x.shape[2:], **how),
    lambda v, y, x, g, kernel, **how: conv(x, v, **how),
    joint=_kernel_gradients,
    symbol="conv′",
)
def conv_kernel(
    x: Operand,
    g: Operand,
    kernel: Shape,
    stride: Sizes = 1,
    padding: Widths | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """The adjoint of `conv` for the kernel.  (n, c, *size), (n, o, *places) -> (o, c, *kernel)

    How much of g each element of the kernel meets: ``sum(conv(x, w) * g) == sum(w * conv_kernel(x, g, kernel))``.

    Gradient: for x `conv_image`, for g `conv`.

    Parameters
    ----------
    x : Tensor or array, (n, c, *size)
    g : Tensor or array, (n, o, *places)
    kernel : tuple of ints
        The size of the kernel.
    stride, padding, dilation, groups
        As in `conv`.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.convolution import conv_kernel
    >>> conv_kernel(tg.Tensor([[[1.0, 2.0, 4.0]]]), tg.Tensor([[[1.0, 10.0]]]), (2,))
    Tensor([[[21., 42.]]])
    """
    x, g = np.asarray(x), np.asarray(g)
    shape = geometry("conv_kernel", tuple(kernel), stride, padding, dilation, groups)
    weight = (g.shape[1], x.shape[1] // groups, *shape.kernel)
    check_conv("conv_kernel", shape, x.shape, weight, None)
    _check_result("conv_kernel", shape, x.shape[2:], g.shape, g.shape[1])
    return contract(shape, x.shape[2:], {"gw"}, x=x, g=g)["gw"]
