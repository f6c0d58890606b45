"""Modules that hold other modules, in order or by name."""

from __future__ import annotations

import itertools
import operator
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Self

from .checks import check_size
from .module import Module


class _List(Module):
    """Children in order, called ``"0"``, ``"1"``, ... unless they have names."""

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` the child called `name`: a new one at the end."""
        super().add_module(name, _checked(self, module))

    def _entries(self) -> dict[str, Module]:
        return dict(self._named_below())

    def _rebuild(self, modules: Iterable[tuple[str, Module]]) -> None:
        """Replace all children; each is put in as if by hand, so all checks hold."""
        entries = list(modules)
        for name in self._entries():
            delattr(self, name)
        for name, module in entries:
            self.add_module(name, module)

    def _position(self, index: Any) -> int:
        """`index`, which may count from the end, as one from the start."""
        try:
            i = operator.index(index)
        except TypeError:
            raise TypeError(
                f"{type(self).__name__}: expected an integer or a slice as index, but got {index!r}. "
                f"Use an attribute or get_submodule for a name."
            ) from None
        n = len(self)
        if not -n <= i < n:
            valid = f"an index in {-n}..{n - 1}" if n else "no index, as it holds no modules"
            raise IndexError(f"{type(self).__name__}: expected {valid}, but got {i}.")
        return i % n

    def __len__(self) -> int:
        return len(self._entries())

    def __iter__(self) -> Iterator[Module]:
        return iter(self._entries().values())

    def __getitem__(self, index: Any) -> Any:
        entries = list(self._entries().items())
        if isinstance(index, slice):
            return self._sliced(dict(entries[index]))
        return entries[self._position(index)][1]

    def _sliced(self, entries: dict[str, Module]) -> Module:
        raise NotImplementedError

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(list(self._entries())[self._position(index)], module)

    def __delitem__(self, index: Any) -> None:
        entries = list(self._entries().items())
        del entries[index if isinstance(index, slice) else self._position(index)]
        self._rebuild(_renumbered(entries))

    def pop(self, key: Any = -1) -> Any:
        """Take the module, or a slice of modules, out, and return it."""
        taken = self[key]
        del self[key]
        return taken

    def __iadd__(self, other: Iterable[Module]) -> Self:
        return self.extend(other)

    def append(self, module: Module) -> Self:
        """Put `module` at the end, and return the container."""
        taken = self._entries()
        self.add_module(next(str(i) for i in itertools.count(len(taken)) if str(i) not in taken), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Put `modules` at the end, and return the container."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put `module` before the one at `index`, and return the container."""
        entries = list(self._entries().items())
        entries.insert(index, (str(len(entries)), module))
        self._rebuild(_renumbered(entries))
        return self


def _renumbered(entries: Iterable[tuple[str, Module]]) -> Iterable[tuple[str, Module]]:
    """Names that are numbers count the places again; others stay."""
    return [(str(i) if name.isdecimal() else name, module) for i, (name, module) in enumerate(entries)]


def _times(times: Any) -> int:
    """How often modules are to be repeated; they are the same ones each time, with the same weights."""
    check_size("Sequential", "the number of repetitions", times, least=1)
    return int(times)


class Sequential(_List):
    """Modules one after another: each takes what the one before returned.

    Parameters
    ----------
    *args : Module, or one mapping of names to modules
        Without names they are called ``"0"``, ``"1"``, ...

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> net
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=2, bias=True)
    )
    >>> net(tg.randn(5, 4)).shape
    (5, 2)
    >>> net[-1]
    Linear(in_features=3, out_features=2, bias=True)
    >>> nn.Sequential({"hidden": net[0], "act": net[1]}).hidden
    Linear(in_features=4, out_features=3, bias=True)
    """

    def __init__(self, *args: Module | Mapping[str, Module]) -> None:
        only = args[0] if len(args) == 1 else None
        modules: Mapping[str, Any] = (
            only if isinstance(only, Mapping) else {str(i): module for i, module in enumerate(args)}
        )
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        """Pass `input` through all modules; without any it is the output."""
        for module in self:
            input = module(input)
        return input

    def _sliced(self, entries: dict[str, Module]) -> Sequential:
        return type(self)(entries)

    def __add__(self, other: Iterable[Module]) -> Sequential:
        if not isinstance(other, Sequential):
            return NotImplemented
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        return Sequential(*list(self) * _times(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(list(self) * (_times(times) - 1))


class ModuleList(_List):
    """Modules in a list, for a forward that picks them itself. A plain list would hide them from `parameters`.

    Parameters
    ----------
    modules : iterable of Module, optional

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    ModuleList(
      (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        self.extend(modules or ())

    def _sliced(self, entries: dict[str, Module]) -> ModuleList:
        return type(self)(entries.values())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def _child_lines(self) -> list[str]:
        """Alike neighbours on one line, as PyTorch writes them."""
        lines = []
        first = 0
        for text, alike in itertools.groupby(map(repr, self)):
            n = len(list(alike))
            lines.append(f"({first}): {text}" if n == 1 else f"({first}-{first + n - 1}): {n} x {text}")
            first += n
        return lines


class ModuleDict(Module):
    """Modules by name, for a forward that picks them itself.

    Parameters
    ----------
    modules : mapping of str to Module, or iterable of pairs, optional

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> heads = nn.ModuleDict({"digit": nn.Linear(8, 10), "parity": nn.Linear(8, 2)})
    >>> heads["parity"]
    Linear(in_features=8, out_features=2, bias=True)
    >>> list(heads)
    ['digit', 'parity']
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        self.update(modules or {})

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add or replace modules by name: from a mapping, a ModuleDict or pairs."""
        for name, module in pairs("ModuleDict", modules):
            self[name] = module

    def pop(self, name: str) -> Module:
        """Take the module of that name out, and return it."""
        taken = self[name]
        del self[name]
        return taken

    def clear(self) -> None:
        """Take all modules out."""
        for name in list(self):
            del self[name]

    def _entries(self) -> dict[str, Module]:
        return dict(self._named_below())

    def __getitem__(self, name: str) -> Module:
        try:
            return self._entries()[name]
        except KeyError:
            known = ", ".join(map(repr, self)) or "none at all"
            raise KeyError(f"ModuleDict: expected the name of a module, but got {name!r}. It has {known}.") from None

    def __setitem__(self, name: str, module: Module) -> None:
        self.add_module(name, _checked(self, module))

    def __delitem__(self, name: str) -> None:
        self[name]  # an error that says which names there are
        delattr(self, name)

    def __len__(self) -> int:
        return len(self._entries())

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __contains__(self, name: object) -> bool:
        return name in self._entries()

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._entries().keys()

    def values(self) -> ValuesView[Module]:
        """The modules."""
        return self._entries().values()

    def items(self) -> ItemsView[str, Module]:
        """Names and modules."""
        return self._entries().items()


def pairs(name: str, entries: Any) -> list[tuple[str, Any]]:
    """Names and what they stand for, from a mapping or an iterable of pairs."""
    given = list(entries.items() if hasattr(entries, "items") else entries)
    for pair in given:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"{name}: expected a mapping or pairs of a name and a value, but got {pair!r} among them.")
    return given


def _checked(container: Module, module: Any) -> Module:
    if not isinstance(module, Module):
        raise TypeError(
            f"{type(container).__name__}: expected modules, but got {module!r}. "
            f"A function has a module of its own, e.g. nn.ReLU() for relu; a list goes in as Sequential(*modules)."
        )
    return module
