"""Layers that put a margin around images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ..ops.convolution import per_axis
from .checks import shape_of
from .functional.padding import padded
from .module import Module


class _Pad(Module):
    """A margin of one kind around so many axes."""

    axes: ClassVar[int]
    mode: ClassVar[str]
    value: float | None = None

    def __init__(self, padding: int | Sequence[int]) -> None:
        if isinstance(padding, Sequence) and len(padding) == 1:
            raise ValueError(
                f"{type(self).__name__}: expected padding as one number or {2 * self.axes}, but got {padding!r}."
            )
        self.padding = per_axis(type(self).__name__, "padding", padding, 2 * self.axes, None)

    def forward(self, input: Any) -> Any:
        """`input` with its margin.

        Raises
        ------
        ValueError
            If the input has too few or too many axes, or is too small for its margin.
        """
        name, n = type(self).__name__, len(shape_of(type(self).__name__, input))
        if self.mode != "constant" and n not in (self.axes + 1, self.axes + 2):
            raise ValueError(
                f"{name}: expected an input of {self.axes + 1} or {self.axes + 2} axes, (c, *size) or (n, c, *size), "
                f"but got shape {input.shape}."
            )
        return padded(name, input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """The widths."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    """A margin of one number."""

    mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """The widths and the number."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A margin of one number around lines.  (..., w) -> (..., left + w + right)

    Parameters
    ----------
    padding : int or (left, right)
        A negative one cuts off.
    value : float

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ConstantPad1d((2, 1), 9.0)(tg.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[9., 9., 1., 2., 3., 9.]])
    """

    axes = 1


class ConstantPad2d(_ConstantPad):
    """A margin of one number around images.  (..., h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        A negative one cuts off.
    value : float

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ConstantPad2d(1, 9.0)
    ConstantPad2d(padding=(1, 1, 1, 1), value=9.0)
    >>> nn.ConstantPad2d(1, 9.0)(tg.ones((1, 2, 3, 4))).shape
    (1, 2, 5, 6)
    """

    axes = 2


class ConstantPad3d(_ConstantPad):
    """A margin of one number around volumes.  (..., d, h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        A negative one cuts off.
    value : float

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ConstantPad3d(1, 9.0)
    ConstantPad3d(padding=(1, 1, 1, 1, 1, 1), value=9.0)
    >>> nn.ConstantPad3d(1, 9.0)(tg.ones((1, 2, 3, 4, 5))).shape
    (1, 2, 5, 6, 7)
    """

    axes = 3


class ZeroPad1d(_Pad):
    """A margin of zeros around lines.  (..., w) -> (..., left + w + right)

    Parameters
    ----------
    padding : int or (left, right)
        A negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ZeroPad1d((2, 1))(tg.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[0., 0., 1., 2., 3., 0.]])
    """

    axes, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """A margin of zeros around images.  (..., h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        A negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ZeroPad2d(1)
    ZeroPad2d((1, 1, 1, 1))
    >>> nn.ZeroPad2d(1)(tg.ones((1, 2, 3, 4))).shape
    (1, 2, 5, 6)
    """

    axes, mode = 2, "constant"


class ZeroPad3d(_Pad):
    """A margin of zeros around volumes.  (..., d, h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        A negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ZeroPad3d(1)
    ZeroPad3d((1, 1, 1, 1, 1, 1))
    >>> nn.ZeroPad3d(1)(tg.ones((1, 2, 3, 4, 5))).shape
    (1, 2, 5, 6, 7)
    """

    axes, mode = 3, "constant"


class ReflectionPad1d(_Pad):
    """A margin of the mirror image without the edge itself around lines.  (..., w) -> (..., left + w + right)

    Parameters
    ----------
    padding : int or (left, right)
        Each smaller than the axis; a negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReflectionPad1d((2, 1))(tg.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[3., 2., 1., 2., 3., 2.]])
    """

    axes, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """A margin of the mirror image without the edge itself around images.  (..., h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        Each smaller than the axis; a negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReflectionPad2d(1)
    ReflectionPad2d((1, 1, 1, 1))
    >>> nn.ReflectionPad2d(1)(tg.ones((1, 2, 3, 4))).shape
    (1, 2, 5, 6)
    """

    axes, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """A margin of the mirror image without the edge around volumes.  (..., d, h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        Each smaller than the axis; a negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReflectionPad3d(1)
    ReflectionPad3d((1, 1, 1, 1, 1, 1))
    >>> nn.ReflectionPad3d(1)(tg.ones((1, 2, 3, 4, 5))).shape
    (1, 2, 5, 6, 7)
    """

    axes, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """A margin of the outermost elements around lines.  (..., w) -> (..., left + w + right)

    Parameters
    ----------
    padding : int or (left, right)
        A negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReplicationPad1d((2, 1))(tg.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[1., 1., 1., 2., 3., 3.]])
    """

    axes, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """A margin of the outermost elements around images.  (..., h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        A negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReplicationPad2d(1)
    ReplicationPad2d((1, 1, 1, 1))
    >>> nn.ReplicationPad2d(1)(tg.ones((1, 2, 3, 4))).shape
    (1, 2, 5, 6)
    """

    axes, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """A margin of the outermost elements around volumes.  (..., d, h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        A negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReplicationPad3d(1)
    ReplicationPad3d((1, 1, 1, 1, 1, 1))
    >>> nn.ReplicationPad3d(1)(tg.ones((1, 2, 3, 4, 5))).shape
    (1, 2, 5, 6, 7)
    """

    axes, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """A margin of the elements at the other end around lines.  (..., w) -> (..., left + w + right)

    Parameters
    ----------
    padding : int or (left, right)
        Each at most as long as the axis; a negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CircularPad1d((2, 1))(tg.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[2., 3., 1., 2., 3., 1.]])
    """

    axes, mode = 1, "circular"


class CircularPad2d(_Pad):
    """A margin of the elements at the other end around images.  (..., h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        Each at most as long as the axis; a negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CircularPad2d(1)
    CircularPad2d((1, 1, 1, 1))
    >>> nn.CircularPad2d(1)(tg.ones((1, 2, 3, 4))).shape
    (1, 2, 5, 6)
    """

    axes, mode = 2, "circular"


class CircularPad3d(_Pad):
    """A margin of the elements at the other end around volumes.  (..., d, h, w), each axis longer by its margins

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        Each at most as long as the axis; a negative one cuts off.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CircularPad3d(1)
    CircularPad3d((1, 1, 1, 1, 1, 1))
    >>> nn.CircularPad3d(1)(tg.ones((1, 2, 3, 4, 5))).shape
    (1, 2, 5, 6, 7)
    """

    axes, mode = 3, "circular"
