"""Modules that hold parameters, in order or by name."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from ..engine import is_tensor
from .container import pairs
from .module import Module
from .parameter import Parameter


def _parameter(name: str, value: Any) -> Parameter:
    """`value` as a Parameter: itself, or a new one for a Tensor or an array."""
    if isinstance(value, Parameter):
        return value
    if not hasattr(value, "shape"):
        raise TypeError(
            f"{name}: expected Parameters, Tensors or arrays, but got {value!r}. Wrap it: nn.Parameter(...)."
        )
    return Parameter(value.detach() if is_tensor(value) else value)


class _Parameters(Module):
    """Abstract: parameters among the attributes, under the names that they are listed with."""

    def _entries(self) -> dict[str, Parameter]:
        return {name: p for name, p in vars(self).items() if isinstance(p, Parameter)}

    def __len__(self) -> int:
        return len(self._entries())

    def _child_lines(self) -> list[str]:
        return [
            f"({name}): Parameter containing: [{p.dtype} of size {'x'.join(map(str, p.shape))}]"
            for name, p in self._entries().items()
        ]


class ParameterList(_Parameters):
    """Parameters in a list. A plain list would hide them from `parameters`.

    Parameters
    ----------
    values : iterable of Parameter, Tensor or array, optional
        Tensors and arrays become Parameters.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layers = nn.ParameterList([tg.ones((2, 2)) for _ in range(2)])
    >>> layers
    ParameterList(
      (0): Parameter containing: [float32 of size 2x2]
      (1): Parameter containing: [float32 of size 2x2]
    )
    >>> list(layers.state_dict())
    ['0', '1']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self.extend(() if values is None else values)

    def _position(self, index: Any) -> str:
        n = len(self)
        try:
            i = operator.index(index)
        except TypeError:
            raise TypeError(f"ParameterList: expected an integer or a slice as index, but got {index!r}.") from None
        if not -n <= i < n:
            valid = f"an index in {-n}..{n - 1}" if n else "no index, as it holds no parameters"
            raise IndexError(f"ParameterList: expected {valid}, but got {i}.")
        return str(i % n)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return ParameterList(list(self)[index])
        return self._entries()[self._position(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._position(index), _parameter("ParameterList", value))

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._entries().values())

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Put a parameter at the end, and return the list."""
        setattr(self, str(len(self)), _parameter("ParameterList", value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Put parameters at the end, and return the list."""
        if isinstance(values, str) or is_tensor(values) or not isinstance(values, Iterable):
            raise TypeError(
                f"ParameterList: expected a list of parameters, but got {type(values).__name__}. Use append for one."
            )
        for value in list(values):
            self.append(value)
        return self


class ParameterDict(_Parameters):
    """Parameters by name.

    Parameters
    ----------
    parameters : mapping of str to Parameter, Tensor or array, or iterable of pairs, optional
        Tensors and arrays become Parameters. A plain dict is taken in the order of its names, as in PyTorch, so that
        optimizers number them alike.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> weights = nn.ParameterDict({"left": tg.ones(3), "right": tg.zeros(2)})
    >>> weights["left"]
    Parameter([1., 1., 1.], requires_grad=True)
    >>> list(weights.keys())
    ['left', 'right']
    """

    def __init__(self, parameters: Any = None) -> None:
        self.update({} if parameters is None else parameters)

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._entries()[name]
        except KeyError:
            known = ", ".join(map(repr, self)) or "none at all"
            raise KeyError(
                f"ParameterDict: expected the name of a parameter, but got {name!r}. It has {known}."
            ) from None

    def __setitem__(self, name: str, value: Any) -> None:
        self.register_parameter(name, _parameter("ParameterDict", value))

    def __delitem__(self, name: str) -> None:
        self[name]  # an error that says which names there are
        delattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._entries())

    def __contains__(self, name: object) -> bool:
        return name in self._entries()

    def __or__(self, other: Mapping[str, Any] | ParameterDict) -> ParameterDict:
        return self.copy().__ior__(other)

    def __ior__(self, other: Mapping[str, Any] | ParameterDict) -> Self:
        self.update(other)
        return self

    def update(self, parameters: Any) -> None:
        """Add or replace parameters by name: from a mapping, a ParameterDict or pairs."""
        given = pairs("ParameterDict", parameters)
        for name, value in sorted(given) if type(parameters) is dict else given:
            self[name] = value

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._entries().keys()

    def values(self) -> Iterable[Parameter]:
        """The parameters."""
        return self._entries().values()

    def items(self) -> Iterable[tuple[str, Parameter]]:
        """Names and parameters."""
        return self._entries().items()

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(list(self.items()))

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter of that name, or `default` if there is none."""
        return self._entries().get(name, default)

    def setdefault(self, name: str, default: Any) -> Parameter:
        """The parameter of that name; `default` becomes it if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    def pop(self, name: str) -> Parameter:
        """Take the parameter of that name out, and return it."""
        taken = self[name]
        del self[name]
        return taken

    def popitem(self) -> tuple[str, Parameter]:
        """Take the newest parameter out, and return its name and itself."""
        if not len(self):
            raise KeyError("ParameterDict: expected at least one parameter to take out, but it is empty.")
        name = next(reversed(self))
        return name, self.pop(name)

    def clear(self) -> None:
        """Take all parameters out."""
        for name in list(self):
            del self[name]
