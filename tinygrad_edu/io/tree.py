"""Nested states as named arrays, and the structure that puts them together again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..tensor import Tensor

_DEEPEST = 100  # levels; far below Python's limit of recursion
_PLAIN = (str, int, float, bool, type(None))


def taken_apart(state: Any) -> tuple[dict[str, np.ndarray], str | None]:
    """The arrays of `state`, named by their paths (``"model.fc1.weight"``), and the rest of it as JSON.

    A dict of arrays by name, as the state dict of a model, needs no more than the names: None stands for the rest.
    """
    arrays: dict[str, np.ndarray] = {}
    tree = _branch(state, (), arrays)
    flat = {"dict": [[name, {"array": name}] for name in arrays]}
    return arrays, None if tree == flat else json.dumps(tree, separators=(",", ":"))


def put_together(arrays: Mapping[str, np.ndarray], tree: str | None) -> Any:
    """The state that was taken apart; a ValueError says that the two do not fit."""
    if tree is None:
        return dict(arrays)
    try:
        return _grown(json.loads(tree), arrays)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"has a structure that cannot be read ({type(error).__name__}: {error})") from None


def _branch(value: Any, path: tuple[Any, ...], arrays: dict[str, np.ndarray]) -> Any:
    """`value` in JSON. An object there has one entry, which says what it stands for."""
    if len(path) > _DEEPEST:
        raise ValueError(
            f"save: expected at most {_DEEPEST} levels of lists and dicts, but got more at {_place(path[:4])}... "
            f"Does one of them contain itself?"
        )
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Tensor | np.ndarray | np.generic):
        name = _free_name(".".join(map(str, path)), arrays)
        arrays[name] = np.asarray(value._data if isinstance(value, Tensor) else value)
        return {"array": name}
    if isinstance(value, Mapping):
        return {"dict": [[_key(key, path), _branch(each, (*path, key), arrays)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        items = [_branch(each, (*path, i), arrays) for i, each in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    raise TypeError(
        f"save: expected arrays, Tensors, numbers, strings, booleans and None, in dicts, lists and tuples, but "
        f"{_place(path)} is {type(value).__name__} {value!r:.40}. Save what state_dict() returns, or leave it out."
    )


def _key(key: Any, path: tuple[Any, ...]) -> Any:
    if type(key) not in _PLAIN:
        raise TypeError(
            f"save: expected strings or numbers as keys, but {_place(path)} has {type(key).__name__} {key!r:.40}. "
            f"Give it a name."
        )
    return key


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    """`name`, or one like it that no array has: ``{"a": {"b": ...}, "a.b": ...}`` would have it twice."""
    while name in taken or name in ("", "__metadata__"):
        name += "_"
    return name


def _place(path: tuple[Any, ...]) -> str:
    return "state" + "".join(f"[{key!r}]" for key in path)


def _grown(branch: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """What `_branch` wrote down."""
    if isinstance(branch, list):
        return [_grown(each, arrays) for each in branch]
    if not isinstance(branch, dict):
        return branch
    ((kind, content),) = branch.items()
    if kind == "array":
        return arrays[content]
    if kind == "tuple":
        return tuple(_grown(each, arrays) for each in content)
    if kind == "dict":
        return {key: _grown(each, arrays) for key, each in content}
    raise ValueError(f"unknown kind {kind!r}")
