"""Activations that bend smoothly."""

from __future__ import annotations

from typing import Literal

from .. import functional
from .base import Activation


class GELU(Activation):
    """``x * Φ(x)``, where Φ is the distribution function of the standard normal.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        The exact function, or its approximation by a tanh.

    References
    ----------
    Hendrycks, Gimpel: Gaussian error linear units, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GELU()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.15865526,  1.9544997 ])
    """

    _function = staticmethod(functional.gelu)
    _settings = ("approximate",)

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.approximate = approximate


class SiLU(Activation):
    """``x * sigmoid(x)``, also called swish.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Elfwing, Uchibe, Doya: Sigmoid-weighted linear units for neural network function approximation, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SiLU()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.2689414,  1.761594 ])
    """

    _function = staticmethod(functional.silu)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Mish(Activation):
    """``x * tanh(softplus(x))``.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    References
    ----------
    Misra: Mish: a self regularized non-monotonic activation function, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Mish()(tg.Tensor([-1.0, 2.0])).round(4)
    Tensor([-0.3034,  1.944 ])
    """

    _function = staticmethod(functional.mish)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class GLU(Activation):
    """``a * sigmoid(b)``, where a and b are the halves of the input along `dim`: the second says how much passes.

    (..., 2 * d, ...) -> (..., d, ...)

    Parameters
    ----------
    dim : int

    References
    ----------
    Dauphin, Fan, Auli, Grangier: Language modeling with gated convolutional networks, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GLU()(tg.Tensor([1.0, 2.0, 0.0, 1000.0]))
    Tensor([0.5, 2. ])
    """

    _function = staticmethod(functional.glu)
    _settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class Softplus(Activation):
    """The smooth positive part, ``log(1 + exp(beta * x)) / beta``.

    Parameters
    ----------
    beta : float
        How sharp the bend is.
    threshold : float
        Above it, ``beta * x`` is taken as it is; see `functional.softplus`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softplus()(tg.Tensor([0.0, 1000.0]))
    Tensor([6.931472e-01, 1.000000e+03])
    """

    _function = staticmethod(functional.softplus)
    _settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold


class LogSigmoid(Activation):
    """The logarithm of the logistic function, exact also where that rounds to 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LogSigmoid()(tg.Tensor([-1000.0]))
    Tensor([-1000.])
    """

    _function = staticmethod(functional.logsigmoid)


class Sigmoid(Activation):
    """The logistic function, ``1 / (1 + exp(-x))``: a probability of "yes".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Sigmoid()(tg.Tensor([0.0, 1000.0]))
    Tensor([0.5, 1. ])
    """

    _function = staticmethod(functional.sigmoid)


class Tanh(Activation):
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanh()(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """

    _function = staticmethod(functional.tanh)


class Tanhshrink(Activation):
    """``x - tanh(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanhshrink()(tg.Tensor([0.0, 1000.0]))
    Tensor([  0., 999.])
    """

    _function = staticmethod(functional.tanhshrink)


class Softsign(Activation):
    """``x / (1 + |x|)``: like tanh, but it nears its limits slowly.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softsign()(tg.Tensor([-1.0, 3.0]))
    Tensor([-0.5 ,  0.75])
    """

    _function = staticmethod(functional.softsign)
