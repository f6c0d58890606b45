"""What all activations have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..module import Module


class Activation(Module):
    """A function of nn.functional, with its settings kept.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.activation.base import Activation
    >>> class Double(Activation):
    ...     _function = staticmethod(lambda x: 2 * x)
    >>> Double()(tg.Tensor([1.0, 2.0]))
    Tensor([2., 4.])
    """

    _function: ClassVar[Callable[..., Any]]
    inplace: bool = False  # of most of them: PyTorch's argument, taken and without effect

    def forward(self, input: Any) -> Any:
        """The function of `input`, with the settings of this module; see the class."""
        return type(self)._function(input, *[getattr(self, name) for name in self._settings])

    def extra_repr(self) -> str:
        """The settings, and ``inplace=True`` where it was asked for."""
        return ", ".join(filter(None, [super().extra_repr(), "inplace=True" if self.inplace else ""]))
