"""Numbers whose size keeps the variance of activations, or of gradients, from layer to layer."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING

from ...tensor import Tensor
from .filling import T, at_least_0, normal_, uniform_

if TYPE_CHECKING:
    from .filling import Generator

_GAINS = {
    "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "conv_transpose1d": 1.0, "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0), "selu": 3 / 4,
}  # fmt: skip


def fans(tensor: Tensor, name: str = "fans") -> tuple[int, int]:
    """``(fan_in, fan_out)`` of a weight.

    Raises
    ------
    ValueError
        For a tensor of fewer than two axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.fans(tg.zeros((16, 3, 5, 5)))
    (75, 400)
    """
    if tensor.ndim < 2:
        raise ValueError(
            f"{name}: expected a weight of at least two axes, (out, in, ...), but got shape {tensor.shape}. "
            f"Fill a bias with zeros_, or give the bounds yourself: uniform_(tensor, a, b)."
        )
    out, inputs, *kernel = tensor.shape
    field = math.prod(kernel)
    return inputs * field, out * field


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much weights must be larger for the variance to be kept through `nonlinearity`.

    Parameters
    ----------
    nonlinearity : str
        ``"linear"``, ``"sigmoid"``, ``"conv1d"``, ``"conv_transpose1d"`` and those of 2 and 3 axes: 1; ``"tanh"``:
        5/3; ``"relu"``: sqrt(2); ``"leaky_relu"``: sqrt(2 / (1 + slope**2)); ``"selu"``: 3/4.
    param : float, optional
        The slope of leaky_relu; 0.01 if None.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> nn.init.calculate_gain("relu") ** 2
    2.0000000000000004
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if not isinstance(slope, Real) or isinstance(slope, bool):
            raise ValueError(f"calculate_gain: expected a number as the slope of leaky_relu, but got {param!r}.")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(
            f"calculate_gain: expected one of {', '.join(sorted([*_GAINS, 'leaky_relu']))}, but got {nonlinearity!r}. "
            f"Pass a gain of your own to xavier_uniform_ or xavier_normal_ for others."
        )
    return _GAINS[nonlinearity]


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator = None) -> T:
    """Glorot's initialization: uniform with ``std = gain * sqrt(2 / (fan_in + fan_out))``, between ``± sqrt(3) * std``.

    It keeps the variance of activations and of gradients about equal in all layers; for tanh and sigmoid.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.xavier_uniform_(tg.zeros((3, 3)))
    >>> bool((abs(w.data) <= 1).all())
    True
    """
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain, "xavier_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator = None) -> T:
    """Glorot's initialization: normal with ``std = gain * sqrt(2 / (fan_in + fan_out))``; see `xavier_uniform_`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.xavier_normal_(tg.zeros((3, 3)), gain=nn.init.calculate_gain("tanh")).shape
    (3, 3)
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain, "xavier_normal_"), generator)


def kaiming_uniform_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Generator = None
) -> T:
    """He's initialization: uniform with ``std = gain / sqrt(fan)``, between ``± sqrt(3) * std``.

    Parameters
    ----------
    tensor : Tensor
    a : float
        The slope of leaky_relu below 0; 0 is relu.
    mode : {"fan_in", "fan_out"}
        Keep the variance of activations forwards, or of gradients backwards.
    nonlinearity : str
        See `calculate_gain`.
    generator : numpy.random.Generator, optional

    References
    ----------
    He et al., Delving deep into rectifiers, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.kaiming_uniform_(tg.zeros((2, 6)), nonlinearity="relu")
    >>> bool((abs(w.data) <= 1).all())
    True
    """
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Generator = None
) -> T:
    """He's initialization: normal with ``std = gain / sqrt(fan)``, for relu sqrt(2 / fan_in); see `kaiming_uniform_`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.kaiming_normal_(tg.zeros((2, 6)), nonlinearity="relu").shape
    (2, 6)
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_normal_"), generator)


def lecun_uniform_(tensor: T, generator: Generator = None) -> T:
    """LeCun's initialization: uniform with ``std = 1 / sqrt(fan_in)``, between ``± sqrt(3 / fan_in)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.lecun_uniform_(tg.zeros((2, 3)))
    >>> bool((abs(w.data) <= 1).all())
    True
    """
    bound = math.sqrt(3.0) * _kaiming_std(tensor, 0, "fan_in", "linear", "lecun_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def lecun_normal_(tensor: T, generator: Generator = None) -> T:
    """LeCun's initialization: normal with ``std = 1 / sqrt(fan_in)``.

    Courses that call 1 / sqrt(n), n the number of inputs, the Xavier initialization mean this one; Glorot's own,
    `xavier_normal_`, counts the outputs too.

    References
    ----------
    LeCun et al., Efficient BackProp, 1998.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.lecun_normal_(tg.zeros((2, 100))).shape
    (2, 100)
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, 0, "fan_in", "linear", "lecun_normal_"), generator)


def _xavier_std(tensor: Tensor, gain: float, name: str) -> float:
    at_least_0(name, "a gain", gain)
    return gain * math.sqrt(2.0 / max(sum(fans(tensor, name)), 1))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str, name: str) -> float:
    modes = ("fan_in", "fan_out")
    if mode not in modes:
        raise ValueError(f"{name}: expected mode 'fan_in' or 'fan_out', but got {mode!r}.")
    fan = fans(tensor, name)[modes.index(mode)]
    return calculate_gain(nonlinearity, a) / math.sqrt(max(fan, 1))  # an empty weight has nothing to fill
