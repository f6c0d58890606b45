"""Lists, tuples and dicts of tensors: their leaves in one flat list, and the same form around other leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def _is_branch(x: Any) -> bool:
    """A container of arguments; a list of numbers only is one array."""
    return isinstance(x, (Mapping, tuple)) or (isinstance(x, list) and not _is_numbers(x))


def _is_numbers(x: Any) -> bool:
    return all(map(_is_numbers, x)) if isinstance(x, list) else isinstance(x, (int, float))


def flatten(tree: Any) -> list[Any]:
    """The leaves of `tree`, in order.

    Examples
    --------
    >>> flatten({"w": [1.0, 2.0], "b": (3.0, 4.0)})
    [[1.0, 2.0], 3.0, 4.0]
    """
    if not _is_branch(tree):
        return [tree]
    parts: Sequence[Any] = list(tree.values()) if isinstance(tree, Mapping) else tree
    return [leaf for part in parts for leaf in flatten(part)]


def rebuild(tree: Any, leaves: Sequence[Any]) -> Any:
    """The form of `tree` around other `leaves`.

    Examples
    --------
    >>> rebuild({"w": [1.0, 2.0], "b": (3.0, 4.0)}, "xyz")
    {'w': 'x', 'b': ('y', 'z')}
    """
    return _rebuild(tree, iter(leaves))


def _rebuild(tree: Any, leaves: Iterator[Any]) -> Any:
    if not _is_branch(tree):
        return next(leaves)
    if isinstance(tree, Mapping):
        return {key: _rebuild(part, leaves) for key, part in tree.items()}
    parts = [_rebuild(part, leaves) for part in tree]
    if hasattr(tree, "_fields"):
        return type(tree)(*parts)  # a named tuple
    return tuple(parts) if isinstance(tree, tuple) else parts
