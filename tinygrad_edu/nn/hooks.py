"""Functions of the user's that run before or after the forward of a module."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Self

Hook = Callable[..., Any]
Hooks = Mapping[int, tuple[Hook, bool]]  # key -> (hook, whether it is given the keyword arguments too)
OwnHooks = dict[int, tuple[Hook, bool]]

_next_key = itertools.count().__next__


class RemovableHandle:
    """What registering a hook returns: takes the hook away again, by `remove` or at the end of a ``with`` block.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.Identity()
    >>> with layer.register_forward_hook(lambda module, args, output: -output):
    ...     layer(3)
    -3
    >>> layer(3)
    3
    """

    def __init__(self, hooks: OwnHooks, key: int) -> None:
        self._hooks, self._key = hooks, key

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def add(hooks: OwnHooks, hook: Hook, prepend: bool, with_kwargs: bool) -> RemovableHandle:
    """Put one more hook last, or first, into `hooks`, and return the handle that takes it away."""
    if not callable(hook):
        raise TypeError(f"register hook: expected a function, but got {hook!r}. Pass e.g. lambda module, args: None.")
    later = dict(hooks) if prepend else {}
    if prepend:
        hooks.clear()
    key = _next_key()
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
