"""Activation functions as modules."""

from __future__ import annotations

from typing import Any, Literal

from . import functional
from .module import Module


class ReLU(Module):
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

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """``max(input, 0)``."""
        return functional.relu(input)


class LeakyReLU(Module):
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

    _settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Any) -> Any:
        """`input`, its negative part times `negative_slope`."""
        return functional.leaky_relu(input, self.negative_slope)


class ELU(Module):
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Parameters
    ----------
    alpha : float
        Minus the limit far below 0.
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ELU()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.63212055,  2.        ])
    """

    _settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Any) -> Any:
        """`input`, its negative part bent towards ``-alpha``."""
        return functional.elu(input, self.alpha)


class GELU(Module):
    """``x * Φ(x)``, where Φ is the distribution function of the standard normal.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        The exact function, or its approximation by a tanh.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GELU()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.15865526,  1.9544997 ])
    """

    _settings = ("approximate",)

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """``input * Φ(input)``."""
        return functional.gelu(input, self.approximate)


class SiLU(Module):
    """``x * sigmoid(x)``, also called swish.

    Parameters
    ----------
    inplace : bool
        PyTorch's argument: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SiLU()(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.2689414,  1.761594 ])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """``input * sigmoid(input)``."""
        return functional.silu(input)


class Softplus(Module):
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

    _settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Any:
        """``log(1 + exp(beta * input)) / beta``."""
        return functional.softplus(input, self.beta, self.threshold)


class Sigmoid(Module):
    """The logistic function, ``1 / (1 + exp(-x))``: a probability of "yes".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Sigmoid()(tg.Tensor([0.0, 1000.0]))
    Tensor([0.5, 1. ])
    """

    def forward(self, input: Any) -> Any:
        """``1 / (1 + exp(-input))``."""
        return functional.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanh()(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """

    def forward(self, input: Any) -> Any:
        """``tanh(input)``."""
        return functional.tanh(input)


class Softmax(Module):
    """Positive numbers that add up to 1: ``exp(x) / sum(exp(x))``, the probabilities of classes.

    Parameters
    ----------
    dim : int, optional
        The axis of the classes; may be left out for a vector, and for a batch of them (the last axis).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softmax(dim=1)(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]))
    Tensor([[0.5, 0.5],
            [0. , 1. ]])
    """

    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """``exp(input) / sum(exp(input))``."""
        return functional.softmax(input, self.dim)


class LogSoftmax(Module):
    """The logarithm of `Softmax`, exact also where the probability rounds to 0.

    Parameters
    ----------
    dim : int, optional
        As for `Softmax`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LogSoftmax(dim=0)(tg.Tensor([0.0, 1000.0]))
    Tensor([-1000.,     0.])
    """

    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """``input - log(sum(exp(input)))``."""
        return functional.log_softmax(input, self.dim)


class Hardmax(Module):
    """1 at the largest number, 0 elsewhere: what softmax is the soft form of. No gradient; not in PyTorch.

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardmax()(tg.Tensor([5.0, 2.0, -1.0, 3.0]))
    Tensor([1., 0., 0., 0.])
    """

    _settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """1 at the largest number over `dim`, 0 elsewhere."""
        return functional.hardmax(input, self.dim)
