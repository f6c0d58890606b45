"""Activations made of straight lines, which are cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....ops import activation
from ....ops.arithmetic import add, multiply
from ....ops.elementwise import absolute
from ....ops.selection import clip, where
from ...checks import check_numbers

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def hardtanh(input: Operand, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x``, or the bound that it is beyond: ``min(max(x, min_val), max_val)``; its slope at the bounds is 0.

    Raises
    ------
    ValueError
        If `min_val` is greater than `max_val`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hardtanh(tg.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ])
    """
    check_numbers("hardtanh", min_val=min_val, max_val=max_val)
    if min_val > max_val:
        raise ValueError(f"hardtanh: expected min_val <= max_val, but got {min_val} and {max_val}. Exchange them.")
    return activation.hardtanh(input, min_val, max_val)


def relu6(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """The positive part, but 6 at the most: ``min(max(x, 0), 6)``; its slope at 0 and at 6 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.relu6(tg.Tensor([-1.0, 2.0, 9.0]))
    Tensor([0., 2., 6.])
    """
    return activation.hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """A sigmoid of three straight lines, ``relu6(x + 3) / 6``: 0 up to -3, 1 from 3; its slope there is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hardsigmoid(tg.Tensor([-9.0, 0.0, 1.5, 9.0]))
    Tensor([0.  , 0.5 , 0.75, 1.  ])
    """
    return relu6(add(input, 3)) / 6


def hardswish(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x * hardsigmoid(x)``: 0 up to -3, x from 3; its slope is 0 at -3 and 1 at 3.

    References
    ----------
    Howard et al.: Searching for MobileNetV3, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hardswish(tg.Tensor([-9.0, 1.5, 9.0]))
    Tensor([-0.   ,  1.125,  9.   ])
    """
    return multiply(input, hardsigmoid(input))


def hardshrink(input: Operand, lambd: float = 0.5) -> Tensor:
    """0 between ``-lambd`` and ``lambd``, x elsewhere; its slope at them is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hardshrink(tg.Tensor([-2.0, 0.5, 2.0]))
    Tensor([-2.,  0.,  2.])
    """
    check_numbers("hardshrink", lambd=lambd)
    return where(absolute(input) <= lambd, 0.0, input)


def softshrink(input: Operand, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by `lambd`, and 0 where it is nearer: ``x - clip(x, -lambd, lambd)``; its slope there is 0.

    Raises
    ------
    ValueError
        For a negative `lambd`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softshrink(tg.Tensor([-2.0, 0.5, 2.0]))
    Tensor([-1.5,  0. ,  1.5])
    """
    check_numbers("softshrink", lambd=lambd)
    if not lambd >= 0:
        raise ValueError(f"softshrink: expected a lambd of at least 0, but got {lambd}.")
    return input - clip(input, -lambd, lambd)
