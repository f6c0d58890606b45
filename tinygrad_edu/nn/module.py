"""The Module: parameters, buffers and other modules, and a forward that computes with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from ..context import active_modules, next_serial
from ..hooks import RemovableHandle
from ..tensor import Tensor
from . import backward_hooks, calls, hooks, state
from .checks import check_flags
from .members import Members, dotted
from .parameter import Parameter

_NO_HOOKS: hooks.Hooks = MappingProxyType({})


def _forward_missing(self: Module, *_: Any, **__: Any) -> Any:
    """What a module computes: each class says it with a method of this name."""
    raise NotImplementedError(
        f"{type(self).__name__}: expected a method forward, but the class has none. "
        f"Write `def forward(self, x): ...`; calling the module runs it."
    )


class Module(Members):
    """A part of a network: it owns parameters, buffers and other modules, and computes with them in `forward`.

    What is assigned to an attribute is found there: a `Parameter` is learned, a `Module` is a child, a buffer
    (`register_buffer`) is saved but not learned. Names of nested ones are joined by dots: ``"fc1.weight"``. A module
    or parameter may stand in several places; it is listed once, under its first name.

    Call the module, not its `forward`: the call runs the hooks, and notes on the output which ops belong to it.

    Attributes
    ----------
    training : bool
        Whether it is being trained (dropout drops, batch norm measures) or used: see `train` and `eval`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         self.fc1 = nn.Linear(4, 3)
    ...         self.scale = nn.Parameter([1.0])
    ...     def forward(self, x):
    ...         return self.fc1(x) * self.scale
    >>> net = Net()
    >>> net
    Net(
      (fc1): Linear(in_features=4, out_features=3, bias=True)
    )
    >>> [name for name, _ in net.named_parameters()]
    ['scale', 'fc1.weight', 'fc1.bias']
    >>> net(tg.randn(5, 4)).shape
    (5, 3)
    """

    # Defaults of the class, so that a subclass need not call super().__init__() before it assigns anything.
    training: bool = True
    _forward_hooks: hooks.Hooks = _NO_HOOKS
    _forward_pre_hooks: hooks.Hooks = _NO_HOOKS
    _backward_hooks: hooks.Hooks = _NO_HOOKS
    _paths: tuple[int, Mapping[int, str]] = (-1, MappingProxyType({}))  # see calls.path_of

    _settings: tuple[str, ...] = ()  # the attributes that the repr shows

    forward: Callable[..., Any] = _forward_missing

    # ---- calling ----

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the hooks and `forward`; note this call on the output."""
        outer = active_modules.get()
        path = calls.path_of(self, outer) if outer else ""
        token = active_modules.set((*outer, (self, path)))
        entry = next_serial()
        try:
            if self._forward_pre_hooks:
                args, kwargs = hooks.run_before(self._forward_pre_hooks, self, args, kwargs)
            call = backward_hooks.Call(self, self._backward_hooks) if self._backward_hooks else None
            args = args if call is None else call.enter(args)
            output = self.forward(*args, **kwargs)
            if self._forward_hooks:
                output = hooks.run_after(self._forward_hooks, self, args, kwargs, output)
            output = output if call is None else call.leave(output)
        finally:
            active_modules.reset(token)
        calls.note(output, (type(self).__name__, path, entry, next_serial()))
        return output

    def register_forward_pre_hook(
        self, hook: hooks.Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Run ``hook(module, args)`` before each forward; what it returns, unless None, replaces the arguments.

        Parameters
        ----------
        hook : callable
        prepend : bool
            Before the hooks that are there already, not after them.
        with_kwargs : bool
            Call ``hook(module, args, kwargs)`` instead; it returns None or both.

        Returns
        -------
        RemovableHandle
            Its `remove` takes the hook away.
        """
        return hooks.add(self._own_hooks("_forward_pre_hooks"), hook, prepend, with_kwargs)

    def register_forward_hook(
        self, hook: hooks.Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Run ``hook(module, args, output)`` after each forward; what it returns, unless None, replaces the output.

        The parameters are those of `register_forward_pre_hook`; ``with_kwargs`` calls
        ``hook(module, args, kwargs, output)``.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu import nn
        >>> shapes = []
        >>> layer = nn.Linear(4, 3)
        >>> handle = layer.register_forward_hook(lambda module, args, output: shapes.append(output.shape))
        >>> _ = layer(tg.zeros((2, 4)))
        >>> shapes
        [(2, 3)]
        >>> handle.remove()
        """
        return hooks.add(self._own_hooks("_forward_hooks"), hook, prepend, with_kwargs)

    def register_full_backward_hook(self, hook: hooks.Hook, prepend: bool = False) -> RemovableHandle:
        """Run ``hook(module, grad_input, grad_output)`` in the backward pass, once the inputs have gradients.

        Both are tuples of Tensors: one for each positional argument of the call, None where it gets no gradient, and
        one for each output. What the hook returns, unless None, replaces `grad_input`.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu import nn
        >>> layer, x = nn.ReLU(), tg.Tensor([-1.0, 2.0], requires_grad=True)
        >>> handle = layer.register_full_backward_hook(lambda module, grad_input, grad_output: print(grad_input))
        >>> layer(x).sum().backward()
        (Tensor([0., 1.]),)
        >>> handle.remove()
        """
        return hooks.add(self._own_hooks("_backward_hooks"), hook, prepend, False)

    def register_full_backward_pre_hook(self, hook: hooks.Hook, prepend: bool = False) -> RemovableHandle:
        """Run ``hook(module, grad_output)`` before the backward pass of the module; what it returns goes in instead."""
        return hooks.add(self._own_hooks("_backward_hooks"), hook, prepend, True)

    def _own_hooks(self, kind: str) -> hooks.OwnHooks:
        return vars(self).setdefault(kind, {})  # type: ignore[no-any-return]

    # ---- modes and dtypes ----

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call `fn` on every module below and then on this one: to initialize weights, for instance."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set this module and all below it to training: dropout drops, batch norm measures its batches."""
        check_flags("train", mode=mode)
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Set this module and all below it to use: dropout is off, batch norm takes its running statistics."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze (False) or unfreeze all parameters."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters: each `grad` is None until the next backward, or an array of zeros."""
        for p in self.parameters():
            p.grad = None if set_to_none or p.grad is None else np.zeros_like(p.grad)

    def to(self, dtype: DTypeLike) -> Self:
        """Convert floating parameters, their gradients, and floating buffers to `dtype`, in place; "cpu" is ignored.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Linear(2, 1).to("float64").weight.dtype
        dtype('float64')
        """
        if isinstance(dtype, str) and dtype == "cpu":
            return self  # where it is already: code written for several devices runs
        try:
            new = np.dtype(dtype)
        except TypeError:
            new = np.dtype(object)
        if new.kind != "f":
            raise TypeError(f"to: expected a floating dtype, but got {dtype!r}. Use e.g. 'float32' or 'float64'.")
        for t in [*self.parameters(), *self.buffers()]:
            if t.dtype.kind == "f" and t.dtype != new:
                t.data = t.data.astype(new)
                t.grad = None if t.grad is None else t.grad.astype(new)
        return self

    def float(self) -> Self:
        """Convert to float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Convert to float64."""
        return self.to(np.float64)

    def half(self) -> Self:
        """Convert to float16, which NumPy computes with slowly."""
        return self.to(np.float16)

    def bfloat16(self) -> Self:
        """Not possible: NumPy has no such dtype."""
        raise TypeError("bfloat16: expected a dtype that NumPy has, but it has no bfloat16. Use float() or half().")

    def type(self, dst_type: DTypeLike) -> Self:
        """Convert to a dtype: `to` by PyTorch's other name."""
        return self.to(dst_type)

    def cpu(self) -> Self:
        """The module as it is: all numbers are in the memory of the processor."""
        return self

    # ---- state ----

    def _state(self) -> dict[str, Tensor]:
        """Parameters and persistent buffers by path; shared ones under each of their names."""
        entries: dict[str, Tensor] = {}
        for path, module in self.named_modules(remove_duplicate=False):
            members = vars(module)
            names = [name for name, p in members.items() if isinstance(p, Parameter)]
            names += [name for name, kept in module._buffers.items() if kept and members[name] is not None]
            entries.update((dotted(path, name), members[name]) for name in names)
        return entries

    def state_dict(self, *, prefix: str = "") -> dict[str, np.ndarray]:
        """Copies of all parameters and persistent buffers, by path after `prefix`, as arrays: what to save.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> {path: array.shape for path, array in nn.Linear(3, 2).state_dict().items()}
        {'weight': (2, 3), 'bias': (2,)}
        """
        return {prefix + path: t.data.copy() for path, t in self._state().items()}

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> state.Incompatible:
        """Copy arrays into the parameters and buffers of the same paths: all of them, or none.

        Parameters
        ----------
        state_dict : mapping of str to array_like
            What `state_dict` returned, here or in PyTorch (its tensors are taken as arrays).
        strict : bool
            Whether every name must be there on both sides. Without it the names passed over are returned; shapes
            and dtypes must fit all the same.
        assign : bool
            Whether the parameters and buffers take over the arrays, shared and with their dtype, instead.

        Raises
        ------
        ValueError
            If something does not fit: the error lists all of it, and the module is as it was.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> a, b = nn.Linear(3, 2), nn.Linear(3, 2)
        >>> b.load_state_dict(a.state_dict())
        Incompatible(missing_keys=[], unexpected_keys=[])
        >>> nn.Linear(2, 2).load_state_dict({"weight": a.weight})
        Traceback (most recent call last):
        ...
        ValueError: load_state_dict: missing 'bias'; 'weight' has shape (2, 3), the model's is (2, 2). ...
        """
        return state.load(type(self).__name__, self._state(), state_dict, strict, assign)

    def __getstate__(self) -> dict[str, Any]:
        """What copies and pickles keep: not the paths, which name modules by their place in memory."""
        return {name: value for name, value in vars(self).items() if name != "_paths"}

    # ---- text ----

    def extra_repr(self) -> str:
        """What stands in the brackets of the repr before the children: the settings."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._settings)

    def _child_lines(self) -> list[str]:
        return [f"({name}): {child!r}" for name, child in self._named_below()]

    def __repr__(self) -> str:
        extra, lines = self.extra_repr(), list(self._child_lines())
        if not lines:
            return f"{type(self).__name__}({extra})"
        body = "\n".join([*([extra] if extra else []), *lines]).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"
