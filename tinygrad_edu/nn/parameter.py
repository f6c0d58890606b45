"""The Parameter: a Tensor that a module learns."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from ..tensor import Tensor


class Parameter(Tensor):
    """A leaf Tensor that a module lists among its parameters when it is assigned to one of its attributes.

    Parameters
    ----------
    data : array_like
        Floating numbers, which are copied.
    requires_grad : bool
        Whether its gradient is worked out; False freezes it.
    dtype : dtype, optional
        The dtype to convert to.

    Raises
    ------
    TypeError
        For integers, which have no gradient, unless ``requires_grad=False``.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> (w * w).sum().backward()
    >>> w.grad
    array([2., 4.], dtype=float32)
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(data, requires_grad, dtype)
