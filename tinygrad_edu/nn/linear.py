"""The dense layer, and two that compute nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .. import dtypes
from . import functional, init
from .checks import check_size, shape_of
from .module import Module
from .parameter import Parameter


class Linear(Module):
    """A dense layer: ``y = x @ W.T + b``.

    Both parameters start uniform between ``± 1 / sqrt(in_features)``, as in PyTorch.

    Parameters
    ----------
    in_features, out_features : int
        The sizes of the last axis of the input and of the output.
    bias : bool
        Whether b is added; leave it out before a batch norm, which takes it away again.
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in_features)
    bias : Parameter of shape (out_features,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.Linear(4, 3)
    >>> layer(tg.randn(5, 4)).shape
    (5, 3)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: DTypeLike | None = None) -> None:
        for name, size in (("in_features", in_features), ("out_features", out_features)):
            check_size("Linear", name, size)
        self.in_features, self.out_features = in_features, out_features
        dtype = dtype or dtypes.get_default_dtype()
        self.weight = Parameter(np.zeros((out_features, in_features), dtype))
        self.bias = Parameter(np.zeros(out_features, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew: `kaiming_uniform_` with slope sqrt(5), which is ``± 1 / sqrt(in_features)``."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Any) -> Any:
        """``input @ weight.T + bias``.  (..., in_features) -> (..., out_features)

        Raises
        ------
        ValueError
            If the last axis of `input` is not `in_features` long.
        """
        shape = shape_of("Linear", input)
        if shape[-1:] != (self.in_features,):
            raise ValueError(
                f"Linear: expected an input with in_features={self.in_features} as its last axis, "
                f"but got shape {shape}."
            )
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, and whether there is a bias."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """A map that is linear in each of two inputs: ``y[k] = x1.T @ weight[k] @ x2 + bias[k]``.

    Both parameters start uniform between ``± 1 / sqrt(in1_features)``, as in PyTorch.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        The sizes of the last axes of the two inputs and of the output.
    bias : bool
        Whether a bias is added.
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in1_features, in2_features)
    bias : Parameter of shape (out_features,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.Bilinear(4, 3, 2)
    >>> layer
    Bilinear(in1_features=4, in2_features=3, out_features=2, bias=True)
    >>> layer(tg.randn(5, 4), tg.randn(5, 3)).shape
    (5, 2)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        check_size("Bilinear", "in1_features", in1_features, least=1)
        check_size("Bilinear", "in2_features", in2_features)
        check_size("Bilinear", "out_features", out_features)
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        dtype = dtype or dtypes.get_default_dtype()
        self.weight = Parameter(np.zeros((out_features, in1_features, in2_features), dtype))
        self.bias = Parameter(np.zeros(out_features, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew, uniform between ``± 1 / sqrt(in1_features)``."""
        bound = 1 / math.sqrt(self.in1_features)
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def forward(self, input1: Any, input2: Any) -> Any:
        """One number for each output.  (..., in1_features), (..., in2_features) -> (..., out_features)"""
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, and whether there is a bias."""
        sizes = [f"{name}={getattr(self, name)}" for name in ("in1_features", "in2_features", "out_features")]
        return ", ".join([*sizes, f"bias={self.bias is not None}"])


class Identity(Module):
    """The input itself: a place for a layer that may be there or not.

    Parameters
    ----------
    *args, **kwargs
        Ignored, so that it can stand for any layer.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> nn.Identity()(3)
    3
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take anything."""

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Flatten(Module):
    """Several axes laid out as one: (n, c, h, w) -> (n, c * h * w).

    Parameters
    ----------
    start_dim, end_dim : int
        The first and the last axis to join; the default keeps the batch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Flatten()(tg.zeros((5, 3, 4))).shape
    (5, 12)
    """

    _settings = ("start_dim", "end_dim")

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Any:
        """`input` with the axes start_dim..end_dim joined."""
        return functional.flatten(input, self.start_dim, self.end_dim)
