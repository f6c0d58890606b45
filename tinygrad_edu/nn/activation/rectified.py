"""Activations that leave a positive number as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ... import dtypes
from .. import functional
from ..checks import check_size
from ..init import constant_
from ..parameter import Parameter
from .base import Activation


class ReLU(Activation):
    """The positive part, ``max(x, 0)``; its slope at 0 is 0.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReLU()(tg.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """

    _function = staticmethod(functional.relu)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class LeakyReLU(Activation):
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Parameters
    ----------
    negative_slope : float
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LeakyReLU(0.1)(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.1,  2. ])
    """

    _function = staticmethod(functional.leaky_relu)
    _settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope, self.inplace = negative_slope, inplace


class RReLU(Activation):
    """``x`` where it is positive; elsewhere ``slope * x``, in training with a slope drawn for each element.

    In eval the slope is the mean of the bounds.

    Parameters
    ----------
    lower, upper : float
        The bounds of the slope.
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Xu, Wang, Chen, Li: Empirical evaluation of rectified activations in convolutional network, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.RReLU(0.25, 0.75).eval()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.5,  2. ])
    """

    _function = staticmethod(functional.rrelu)
    _settings = ("lower", "upper")

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Any) -> Any:
        """`input`, its negative part times slopes that are random in training."""
        return functional.rrelu(input, self.lower, self.upper, self.training)


class ELU(Activation):
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Parameters
    ----------
    alpha : float
        Minus the limit far below 0.
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Clevert, Unterthiner, Hochreiter: Fast and accurate deep network learning by exponential linear units, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ELU()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.63212055,  2.        ])
    """

    _function = staticmethod(functional.elu)
    _settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha, self.inplace = alpha, inplace


class SELU(Activation):
    """``scale * elu(x, alpha)`` with the scale and the alpha that keep mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Klambauer, Unterthiner, Mayr, Hochreiter: Self-normalizing neural networks, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SELU()(tg.Tensor([-1.0, 2.0])).round(4)
    Tensor([-1.1113,  2.1014])
    """

    _function = staticmethod(functional.selu)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class CELU(Activation):
    """``x`` where it is positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere: its slope at 0 is 1 on both sides.

    Parameters
    ----------
    alpha : float
        Minus the limit far below 0.
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Barron: Continuously differentiable exponential linear units, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CELU(2.0)(tg.Tensor([-1.0, 2.0])).round(4)
    Tensor([-0.7869,  2.    ])
    """

    _function = staticmethod(functional.celu)
    _settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha, self.inplace = alpha, inplace


class Threshold(Activation):
    """``x`` where it is above `threshold`, `value` elsewhere.

    Parameters
    ----------
    threshold, value : float
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Threshold(0.5, -9.0)(tg.Tensor([-1.0, 0.5, 2.0]))
    Tensor([-9., -9.,  2.])
    """

    _function = staticmethod(functional.threshold)
    _settings = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self.threshold, self.value, self.inplace = threshold, value, inplace


class PReLU(Activation):
    """``x`` where it is positive, ``weight * x`` elsewhere, with a slope that is learned.

    Leave weight decay off it: a slope of 0 makes a plain ReLU.

    Parameters
    ----------
    num_parameters : int
        1, or the number of channels, each of which then has a slope of its own.
    init : float
        What they start at.
    dtype : dtype, optional
        The dtype of the slopes; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape (num_parameters,)

    References
    ----------
    He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.PReLU()(tg.Tensor([-1.0, 2.0])).round(2)
    Tensor([-0.25,  2.  ])
    """

    _settings = ("num_parameters",)

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: DTypeLike | None = None) -> None:
        check_size("PReLU", "num_parameters", num_parameters, least=1)
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(np.empty(num_parameters, dtype or dtypes.get_default_dtype()))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set all slopes to `init`."""
        constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        """`input`, its negative part times the slope.  (n, c, ...), of the same shape out"""
        return functional.prelu(input, self.weight)
