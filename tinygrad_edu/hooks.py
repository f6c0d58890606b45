"""Functions of the user's that see, and may replace, the gradient of a tensor on its way back."""

from __future__ import annotations

import functools
import itertools
import weakref
from collections.abc import Callable
from typing import Any, Self

from . import engine

next_key = itertools.count().__next__

# The tensors that have hooks, by id. Empty in most programs: then a sweep asks no more than that.
hooked: dict[int, tuple[weakref.ref[Any], dict[int, Any]]] = {}


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

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self._hooks, self._key = hooks, key

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def add(x: Any, hook: Callable[[Any], Any]) -> RemovableHandle:
    """Have `hook` called with every gradient that is worked out for the tensor `x`."""
    if not callable(hook):
        raise TypeError(f"register_hook: expected a function, but got {hook!r}. Pass e.g. lambda gradient: None.")
    if not x.requires_grad:
        raise RuntimeError(
            f"register_hook: expected a tensor that requires grad, but this one, shape {x.shape}, does not: it has no "
            f"gradient to look at."
        )
    if id(x) not in hooked:
        hooked[id(x)] = weakref.ref(x, functools.partial(_forget, id(x))), {}
    hooks, key = hooked[id(x)][1], next_key()
    hooks[key] = hook
    return RemovableHandle(hooks, key)


def _forget(key: int, _: Any) -> None:
    hooked.pop(key, None)


def called(x: Any, g: Any) -> Any:
    """`g`, the whole gradient of `x`, after every hook of `x` has seen, and perhaps replaced, it."""
    for hook in tuple(hooked[id(x)][1].values()):
        g = replaced("register_hook", g, hook(given(g)))
    return g


def given(g: Any) -> Any:
    """A gradient as hooks are given it: a Tensor, with a history if the sweep records one."""
    return g if engine.is_tensor(g) else engine.untracked(g)


def replaced(name: str, g: Any, new: Any) -> Any:
    """`new` in place of the gradient `g`, as what `g` is: an array or a Tensor; `g` itself if `new` is None."""
    if new is None:
        return g
    if getattr(new, "shape", None) != g.shape:
        got = f"shape {new.shape}" if hasattr(new, "shape") else repr(new)
        raise ValueError(f"{name}: expected a gradient of shape {g.shape}, or None, from the hook, but got {got}.")
    if not engine.is_tensor(g):
        new = new._data if engine.is_tensor(new) else new
    elif not engine.is_tensor(new):
        new = engine.untracked(new)
    return new if new.dtype == g.dtype else new.astype(g.dtype)
