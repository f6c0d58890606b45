"""Functions of the user's that run before or after the forward of a module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..hooks import RemovableHandle, next_key

Hook = Callable[..., Any]
Hooks = Mapping[int, tuple[Hook, bool]]  # key -> (hook, whether it is given keyword arguments, or runs first)
OwnHooks = dict[int, tuple[Hook, bool]]


def add(hooks: OwnHooks, hook: Hook, prepend: bool, with_kwargs: bool) -> RemovableHandle:
    """Put one more hook last, or first, into `hooks`, and return the handle that takes it away."""
    if not callable(hook):
        raise TypeError(f"register hook: expected a function, but got {hook!r}. Pass e.g. lambda module, args: None.")
    later = dict(hooks) if prepend else {}
    if prepend:
        hooks.clear()
    key = next_key()
    hooks[key] = (hook, with_kwargs)
    hooks.update(later)
    return RemovableHandle(hooks, key)


def run_before(hooks: Hooks, module: Any, args: Any, kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments after every hook has seen, and perhaps replaced, them."""
    for hook, with_kwargs in tuple(hooks.values()):
        changed = hook(module, args, kwargs) if with_kwargs else hook(module, args)
        if changed is None:
            continue
        if with_kwargs:
            args, kwargs = changed
        else:
            args = changed if isinstance(changed, tuple) else (changed,)
    return args, kwargs


def run_after(hooks: Hooks, module: Any, args: Any, kwargs: Any, output: Any) -> Any:
    """The output after every hook has seen, and perhaps replaced, it."""
    for hook, with_kwargs in tuple(hooks.values()):
        changed = hook(module, args, kwargs, output) if with_kwargs else hook(module, args, output)
        if changed is not None:
            output = changed
    return output
