"""Activations made of straight lines, which are cheap."""

from __future__ import annotations

from .. import functional
from ..checks import check_numbers
from .base import Activation


class Hardtanh(Activation):
    """``x``, or the bound that it is beyond: ``min(max(x, min_val), max_val)``.

    Parameters
    ----------
    min_val, max_val : float
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Raises
    ------
    ValueError
        Unless `min_val` is less than `max_val`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardtanh()(tg.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ])
    """

    _function = staticmethod(functional.hardtanh)
    _settings = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        check_numbers("Hardtanh", min_val=min_val, max_val=max_val)
        if not min_val < max_val:
            raise ValueError(f"Hardtanh: expected min_val < max_val, but got {min_val} and {max_val}. Exchange them.")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace


class ReLU6(Activation):
    """The positive part, but 6 at the most: ``min(max(x, 0), 6)``.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReLU6()(tg.Tensor([-1.0, 2.0, 9.0]))
    Tensor([0., 2., 6.])
    """

    _function = staticmethod(functional.relu6)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Hardsigmoid(Activation):
    """A sigmoid of three straight lines, ``relu6(x + 3) / 6``: 0 up to -3, 1 from 3.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardsigmoid()(tg.Tensor([-9.0, 0.0, 1.5, 9.0]))
    Tensor([0.  , 0.5 , 0.75, 1.  ])
    """

    _function = staticmethod(functional.hardsigmoid)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Hardswish(Activation):
    """``x * hardsigmoid(x)``: 0 up to -3, x from 3.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Howard et al.: Searching for MobileNetV3, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardswish()(tg.Tensor([-1.5, 1.5, 9.0]))
    Tensor([-0.375,  1.125,  9.   ])
    """

    _function = staticmethod(functional.hardswish)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Hardshrink(Activation):
    """0 between ``-lambd`` and ``lambd``, x elsewhere.

    Parameters
    ----------
    lambd : float

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardshrink()(tg.Tensor([-2.0, 0.5, 2.0]))
    Tensor([-2.,  0.,  2.])
    """

    _function = staticmethod(functional.hardshrink)
    _settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def extra_repr(self) -> str:
        """The bound."""
        return str(self.lambd)


class Softshrink(Activation):
    """x moved towards 0 by `lambd`, and 0 where it is nearer.

    Parameters
    ----------
    lambd : float, at least 0

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softshrink()(tg.Tensor([-2.0, 0.5, 2.0]))
    Tensor([-1.5,  0. ,  1.5])
    """

    _function = staticmethod(functional.softshrink)
    _settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def extra_repr(self) -> str:
        """The bound."""
        return str(self.lambd)
