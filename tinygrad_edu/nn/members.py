"""What a module owns: parameters, buffers and other modules, found among its attributes by what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..creation import as_tensor
from ..tensor import Tensor
from . import calls
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

T = TypeVar("T")


class Members:
    """The attributes of a module, and the ways to walk over them; the class Module inherits it.

    There is no second list: a parameter is an attribute that is a `Parameter`, a child one that is a `Module`.
    Only buffers, plain Tensors, are told by name.
    """

    _buffers: Mapping[str, bool] = MappingProxyType({})  # name -> whether the state dict has it

    def __setattr__(self, name: str, value: Any) -> None:
        old = vars(self).get(name)
        if isinstance(value, (Parameter, Members)):
            self._check_name(name)
            self._check_member(name, value)
        elif value is not None:
            self._check_replaced(name, old, value)
            if name in self._buffers:
                value = as_tensor(value)
        if isinstance(old, Members) or isinstance(value, Members):
            calls.structure_changed()
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        if name in self._buffers:
            vars(self)["_buffers"] = {k: kept for k, kept in self._buffers.items() if k != name}
        calls.structure_changed()

    def _place(self, name: object) -> str:
        return f"{type(self).__name__}.{name}"

    def _check_name(self, name: Any) -> None:
        """Refuse a name that would not be found again, or hide what every module has."""
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(
                f"{type(self).__name__}: expected a name without dots for a parameter, buffer or module, "
                f"but got {name!r}. Dots join the names of nested modules."
            )
        if getattr(type(self), name, None) is not None:
            raise ValueError(
                f"{type(self).__name__}: expected a free name for a parameter, buffer or module, but got {name!r}, "
                f"which every {type(self).__name__} has already. Choose another name."
            )

    def _check_member(self, name: str, value: Parameter | Members) -> None:
        if name in self._buffers:
            raise TypeError(
                f"{self._place(name)}: expected an array or None in place of a buffer, but got "
                f"{type(value).__name__}. Remove the buffer first: del module.{name}."
            )
        if isinstance(value, Members) and any(inside is self for inside in value.modules()):
            raise ValueError(
                f"{self._place(name)}: expected a module that does not contain this one, but got "
                f"{type(value).__name__}, which does. A module cannot be a part of itself; keep one under the other."
            )

    def _check_replaced(self, name: str, old: Any, value: Any) -> None:
        if isinstance(old, Parameter):
            raise TypeError(
                f"{self._place(name)}: expected a Parameter or None in place of one, but got {type(value).__name__}. "
                f"Wrap it: nn.Parameter(array); to change the numbers only, assign module.{name}.data."
            )
        if isinstance(old, Members):
            raise TypeError(
                f"{self._place(name)}: expected a Module or None in place of one, but got {type(value).__name__}. "
                f"Delete it first: del module.{name}."
            )

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` a child called `name`: what ``self.name = module`` does, for names that are worked out.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> net = nn.Module()
        >>> net.add_module("fc1", nn.Linear(2, 1))
        >>> net.fc1
        Linear(in_features=2, out_features=1, bias=True)
        """
        if not isinstance(module, Members | None):
            raise TypeError(f"{self._place(name)}: expected a Module or None, but got {module!r}. Wrap it in a Module.")
        self._check_name(name)
        setattr(self, name, module)

    register_module = add_module

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` a parameter called `name`; None says that there is none."""
        if not isinstance(param, Parameter | None):
            raise TypeError(
                f"{self._place(name)}: expected a Parameter or None, but got {type(param).__name__}. "
                f"Make one: nn.Parameter(array)."
            )
        self._check_name(name)
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Keep `tensor` as a buffer called `name`: a part of the state that is not learned, such as a running mean.

        Parameters
        ----------
        name : str
        tensor : array_like or None
            Shared, not copied. None says that there is none.
        persistent : bool
            Whether the state dict has it.

        Examples
        --------
        >>> import numpy as np
        >>> from tinygrad_edu import nn
        >>> net = nn.Module()
        >>> net.register_buffer("mean", np.zeros(3))
        >>> net.mean
        Tensor([0., 0., 0.], dtype=float64)
        """
        self._check_name(name)
        if name in vars(self) and name not in self._buffers:
            raise ValueError(
                f"{self._place(name)}: expected a free name for a buffer, but the module has such an attribute. "
                f"Choose another name, or delete it first."
            )
        vars(self)["_buffers"] = {**self._buffers, name: bool(persistent)}
        setattr(self, name, tensor)

    # ---- walking ----

    def _named_below(self) -> list[tuple[str, Module]]:
        """The modules directly below, with their names; a shared one under each."""
        return [(name, cast("Module", m)) for name, m in vars(self).items() if isinstance(m, Members)]

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, with their names; each once."""
        seen = set()
        for name, child in self._named_below():
            if child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The modules directly below."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """The module itself and all below it, with their paths, parents before children.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> [path for path, _ in nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh()).named_modules()]
        ['', '0', '0.0', '1']
        """
        seen = set()
        stack = [(prefix, cast("Module", self))]
        while stack:
            path, module = stack.pop()
            if remove_duplicate and module in seen:
                continue
            seen.add(module)
            yield path, module
            stack.extend((dotted(path, name), child) for name, child in reversed(module._named_below()))

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """The module itself and all below it."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def _named(
        self, own: Callable[[Module], Iterable[tuple[str, T]]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, T]]:
        """What `own` lists of this module, then, with `recurse`, of those below, with paths."""
        seen = set()
        here = cast("Module", self)
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, here)]:
            for name, member in own(module):
                if member not in seen:
                    if remove_duplicate:
                        seen.add(member)
                    yield dotted(path, name), member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their paths: this module's own, then, with `recurse`, those below.

        Each comes once, under its first path; without `remove_duplicate` one that is shared comes under each.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> [(path, p.shape) for path, p in nn.Sequential(nn.Linear(3, 2)).named_parameters()]
        [('0.weight', (2, 3)), ('0.bias', (2,))]
        """

        def own(module: Module) -> Iterator[tuple[str, Parameter]]:
            return ((name, p) for name, p in vars(module).items() if isinstance(p, Parameter))

        return self._named(own, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters: what an optimizer takes."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their paths, as `named_parameters` lists parameters."""

        def own(module: Module) -> Iterator[tuple[str, Tensor]]:
            return ((name, b) for name in module._buffers if (b := vars(module)[name]) is not None)

        return self._named(own, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers."""
        return (b for _, b in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module of the path `target`; this one for the empty path.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Sequential(nn.Sequential(nn.ReLU())).get_submodule("0.0")
        ReLU()
        """
        module = cast("Module", self)
        for name in target.split(".") if target else ():
            below = dict(module._named_below())
            if name not in below:
                raise AttributeError(
                    f"get_submodule: expected the path of a module, but got {target!r}: {type(module).__name__} has no "
                    f"module {name!r}. It has {', '.join(map(repr, below)) or 'none at all'}."
                )
            module = below[name]
        return module

    def _find(self, caller: str, kind: str, target: str, own: Callable[[Any], Mapping[str, Any]]) -> Any:
        """What the path `target` names among what `own` lists of the module that holds it."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        members = own(module)
        if name not in members:
            raise AttributeError(
                f"{caller}: expected the path of a {kind}, but got {target!r}: {type(module).__name__} has no "
                f"{kind} {name!r}. It has {', '.join(map(repr, members)) or 'none at all'}."
            )
        return members[name]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter of the path `target`.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Sequential(nn.Linear(3, 2)).get_parameter("0.weight").shape
        (2, 3)
        """

        def own(module: Any) -> dict[str, Any]:
            return dict(module.named_parameters(recurse=False))

        return self._find("get_parameter", "parameter", target, own)  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """The buffer of the path `target`.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Sequential(nn.BatchNorm1d(3)).get_buffer("0.running_var")
        Tensor([1., 1., 1.])
        """

        def own(module: Any) -> dict[str, Any]:
            return dict(module.named_buffers(recurse=False))

        return self._find("get_buffer", "buffer", target, own)  # type: ignore[no-any-return]

    def set_submodule(self, target: str, module: Module) -> None:
        """Put `module` in the place of the one of the path `target`.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> net = nn.Sequential(nn.Sequential(nn.ReLU()))
        >>> net.set_submodule("0.0", nn.Tanh())
        >>> net[0][0]
        Tanh()
        """
        self.get_submodule(target)  # an error that says what there is
        path, _, name = target.rpartition(".")
        self.get_submodule(path).add_module(name, module)


def dotted(path: str, name: str) -> str:
    """`name` below `path`; the top has the empty path."""
    return f"{path}.{name}" if path else name
