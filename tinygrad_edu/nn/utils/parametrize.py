"""Parameters that are computed from others whenever they are read."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

import numpy as np

from ... import memory
from ...context import no_grad
from ...tensor import Tensor
from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)


class ParametrizationList(ModuleList):
    """What a parameter is computed from, ``original`` or ``original0, original1 ...``, and the modules that do it.

    Parameters
    ----------
    modules : list of Module
        The first takes the originals, each other what the one before returned.
    original : Parameter
        The parameter as it was. The modules' ``right_inverse`` finds the originals that it is computed from.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> [name for name, _ in layer.parametrizations.weight.named_parameters()]
    ['original0', 'original1']
    """

    def __init__(self, modules: list[Module], original: Parameter) -> None:
        super().__init__(modules)
        values = self._inverted(original.detach())
        if len(values) == 1:  # the same parameter: an optimizer may have it already
            self.register_parameter("original", original)
            self._set(values)
        else:
            for i, value in enumerate(values):
                self.register_parameter(f"original{i}", Parameter(value, original.requires_grad))

    def originals(self) -> list[Parameter]:
        """The parameters that are learned."""
        return [p for name, p in vars(self).items() if isinstance(p, Parameter) and name.startswith("original")]

    def forward(self) -> Any:
        """The parameter now."""
        first, *others = self
        x = first(*self.originals())
        for module in others:
            x = module(x)
        return x

    def assign(self, value: Any) -> None:
        """Set the originals to what gives `value`."""
        self._set(self._inverted(value if isinstance(value, Tensor) else Tensor(value)))

    def _inverted(self, value: Any) -> list[Any]:
        """The originals, as arrays, that `value` is computed from; itself where a module has no ``right_inverse``."""
        with no_grad():
            for module in reversed([*self]):
                if hasattr(module, "right_inverse"):
                    value = module.right_inverse(value)
        values = value if isinstance(value, tuple | list) else (value,)
        return [np.asarray(each._data if isinstance(each, Tensor) else each) for each in values]

    def _set(self, values: list[Any]) -> None:
        for p, value in zip(self.originals(), values, strict=True):
            p._data[...] = value
            memory.stamp(p._data)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether `module` computes a parameter, or that of this name.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> [nn.utils.parametrize.is_parametrized(layer, name) for name in ("weight", "bias")]
    [True, False]
    """
    entries = _entries(module)
    return isinstance(entries, ModuleDict) and (tensor_name is None or tensor_name in entries)


def register_parametrization(
    module: M,
    tensor_name: str,
    parametrization: Module,
    *,
    unsafe: bool = False,
) -> M:
    """Compute a parameter by a module of yours, each time it is read: symmetric, positive, of length 1 ...

    Parameters
    ----------
    module : Module
        Altered in place: its class becomes one that has `tensor_name` as a property.
    tensor_name : str
        The parameter. What is learned in its place is ``parametrizations.<tensor_name>.original``.
    parametrization : Module
        Its forward takes the original. A method ``right_inverse``, if it has one, gives the original for a value, or
        several; it is asked now, and when the parameter is assigned.
    unsafe : bool
        Whether shape and dtype may change.

    Returns
    -------
    Module
        `module` itself. A second parametrization takes what the first returned.

    Raises
    ------
    ValueError
        If there is no such parameter, or its shape or dtype would change; the module is as it was.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return (x + x.T) / 2
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight.data == layer.weight.data.T).all())
    True
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'parametrizations.weight.original']
    """
    if is_parametrized(module, tensor_name):
        entry = _entries(module)[tensor_name]
        before = getattr(module, tensor_name)
        _check(before, parametrization(before), unsafe)
        entry.append(parametrization)
        return module
    p = vars(module).get(tensor_name)
    if not isinstance(p, Parameter):
        known = [name for name, _ in module.named_parameters(recurse=False)]
        raise ValueError(
            f"register_parametrization: expected the name of a parameter of {type(module).__name__}, one of {known}, "
            f"but got {tensor_name!r}. Name the parameter that is to be computed."
        )
    numbers = p.data.copy()
    entry = ParametrizationList([parametrization], p)
    try:
        _check(p, entry(), unsafe)
    except Exception:
        p._data[...] = numbers
        raise
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.add_module("parametrizations", ModuleDict())
    _entries(module)[tensor_name] = entry
    _set_class(module)
    return module


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Make a computed parameter a plain one again.

    Parameters
    ----------
    module : Module
    tensor_name : str
    leave_parametrized : bool
        With the numbers that it has now; otherwise with those of its original.

    Raises
    ------
    ValueError
        If it is not computed, or the original is asked for and there are several.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> nn.utils.parametrize.remove_parametrizations(layer, "weight")
    Linear(in_features=3, out_features=2, bias=True)
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"remove_parametrizations: expected a parameter that is computed, but {tensor_name!r} of "
            f"{type(module).__name__} is not. Name one of those in module.parametrizations."
        )
    originals = _entries(module)[tensor_name].originals()
    if not leave_parametrized and len(originals) > 1:
        raise ValueError(
            f"remove_parametrizations: expected one original to go back to, but {tensor_name!r} has {len(originals)}. "
            f"Write leave_parametrized=True."
        )
    numbers = getattr(module, tensor_name).data if leave_parametrized else originals[0].data
    del _entries(module)[tensor_name]
    if not len(_entries(module)):
        delattr(module, "parametrizations")
    _set_class(module)
    kept = originals[0] if len(originals) == 1 and originals[0].shape == numbers.shape else Parameter(numbers)
    kept.data = numbers.copy()
    setattr(module, tensor_name, kept)
    return module


def _entries(module: Module) -> Any:
    return vars(module).get("parametrizations")


def _check(before: Tensor, after: Any, unsafe: bool) -> None:
    if not unsafe and (after.shape, after.dtype) != (before.shape, before.dtype):
        raise ValueError(
            f"register_parametrization: expected a parameter of shape {before.shape}, {before.dtype}, as before, but "
            f"forward returned {after.shape}, {after.dtype}. Return the like, or write unsafe=True."
        )


def _set_class(module: Module) -> None:
    """Give `module` the class that has its computed parameters as properties."""
    base: Any = getattr(type(module), "_parametrized", type(module))
    names = tuple(_entries(module) or ())
    object.__setattr__(module, "__class__", _class_of(base, names) if names else base)


@functools.cache
def _class_of(base: Any, names: tuple[str, ...]) -> Any:
    members: dict[str, Any] = {name: _computed(name) for name in names}
    members.update(_parametrized=base, __module__=base.__module__, __doc__=base.__doc__)
    members["__reduce__"] = lambda self: (_empty, (base, names), self.__getstate__())  # for copies and pickles
    return type(f"Parametrized{base.__name__}", (base,), members)


def _empty(base: Any, names: tuple[str, ...]) -> Any:
    return object.__new__(_class_of(base, names))


def _computed(name: str) -> property:
    def read(self: Any) -> Any:
        return self.parametrizations[name]()

    def assign(self: Any, value: Any) -> None:
        self.parametrizations[name].assign(value)

    return property(read, assign)
